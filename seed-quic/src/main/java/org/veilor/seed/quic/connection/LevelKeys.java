package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.crypto.HeaderProtection;
import org.veilor.seed.quic.crypto.PacketProtection;
import org.veilor.seed.quic.crypto.TrafficSecret;

/**
 * The keys of an encryption level that never changes them: Initial and Handshake (RFC 9001 §5).
 *
 * @param seal protects what is sent
 * @param open opens what is received
 * @param sealHeader header protection of what is sent
 * @param openHeader header protection of what is received
 */
record LevelKeys(
    PacketProtection seal,
    PacketProtection open,
    HeaderProtection sealHeader,
    HeaderProtection openHeader) {

  static LevelKeys of(TrafficSecret local, TrafficSecret remote) {
    return new LevelKeys(
        local.protection(),
        remote.protection(),
        local.headerProtection(),
        remote.headerProtection());
  }
}
