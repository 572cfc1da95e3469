package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * A packet that authenticated.
 *
 * @param level its encryption level
 * @param sizeBytes header and AEAD tag included
 * @param destination the connection id it came under
 * @param networkPath where it came from
 * @param payload its frames
 */
record ReceivedPacket(
    EncryptionLevel level,
    long packetNumber,
    int sizeBytes,
    ConnectionId destination,
    NetworkPath networkPath,
    ByteBuffer payload) {}
