package org.veilor.seed.quic.connection;

/**
 * Figures of a connection.
 *
 * @param lostPackets packets deemed lost
 * @param droppedPackets received and not usable: copies, forgeries, too early, from elsewhere
 * @param keyUpdates key phases gone through
 * @param migrations changes of address followed or made
 * @param mtuBytes largest UDP payload sent
 */
public record ConnectionStats(
    long sentDatagrams,
    long sentBytes,
    long receivedDatagrams,
    long receivedBytes,
    long lostPackets,
    long droppedPackets,
    long keyUpdates,
    long migrations,
    int mtuBytes,
    long congestionWindowBytes,
    long bytesInFlight,
    long smoothedRttNanos) {}
