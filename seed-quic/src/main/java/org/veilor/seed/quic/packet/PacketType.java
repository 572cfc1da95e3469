package org.veilor.seed.quic.packet;

/** The kinds of packets, RFC 9000 §17. */
public enum PacketType {
  /** CRYPTO of the first flight, protected with keys anyone can compute. */
  INITIAL,
  /** Early data; never sent by us and never accepted. */
  ZERO_RTT,
  /** CRYPTO of the second flight. */
  HANDSHAKE,
  /** A server's request to come again with a token. */
  RETRY,
  /** Everything after the handshake; the only packets with a short header. */
  ONE_RTT,
  /** A server's list of the versions it speaks. */
  VERSION_NEGOTIATION
}
