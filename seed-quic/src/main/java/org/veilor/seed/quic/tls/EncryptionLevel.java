package org.veilor.seed.quic.tls;

/**
 * The encryption levels of a handshake, in the order in which their keys appear (RFC 9001 §2.1).
 */
public enum EncryptionLevel {
  /** Initial packets: keys that anybody can derive. */
  INITIAL(0),
  /** Handshake packets. */
  HANDSHAKE(1),
  /** 1-RTT packets: application data. */
  ONE_RTT(2);

  private final int index;

  EncryptionLevel(int index) {
    this.index = index;
  }

  /** 0, 1, 2: for tables with an entry a level. */
  public int index() {
    return index;
  }
}
