package org.veilor.seed.quic.tls;

/**
 * The encryption levels that carry TLS messages, RFC 9001 §2.1, in the order in which they appear.
 */
public enum EncryptionLevel {
  /** Initial packets. */
  INITIAL,
  /** Handshake packets. */
  HANDSHAKE,
  /** 1-RTT packets. */
  ONE_RTT
}
