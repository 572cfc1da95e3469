package org.veilor.seed.quic.tls;

/** Limits on what the peer's TLS messages may hold. */
public final class TlsLimits {
  /**
   * Bytes of one handshake message with its header. A ClientHello has about 350, with a
   * post-quantum key share about 1600; one TLS record holds as much as this.
   */
  public static final int MAX_MESSAGE_LENGTH = 1 << 14;

  /** Certificate entries that are parsed; exactly one is then accepted. */
  static final int MAX_CERTIFICATE_ENTRIES = 16;

  private TlsLimits() {}
}
