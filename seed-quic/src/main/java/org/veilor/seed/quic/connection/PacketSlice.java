package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.crypto.PacketProtection;

/**
 * Where an unmasked packet lies in its datagram.
 *
 * @param headerOffset its first byte
 * @param payloadOffset the first byte behind the packet number
 * @param endOffset behind its last byte, the AEAD tag
 * @param pathId part of the nonce
 */
record PacketSlice(
    int headerOffset, int payloadOffset, int endOffset, int pathId, long packetNumber) {

  /** Opens in place; the length of the plaintext at {@code payloadOffset}, or -1. */
  int openWith(PacketProtection protection, byte[] datagram) {
    return protection.open(
        datagram, headerOffset, payloadOffset, endOffset - payloadOffset, pathId, packetNumber);
  }
}
