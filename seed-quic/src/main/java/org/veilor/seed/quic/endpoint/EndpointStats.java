package org.veilor.seed.quic.endpoint;

/**
 * Totals of an endpoint since it began.
 *
 * @param connections connections now, handshakes included
 * @param handshakes incoming handshakes not finished now
 * @param accepted incoming connections whose handshake began
 * @param dialled outgoing connections begun
 * @param established handshakes completed
 * @param refused newcomers refused or dropped for want of room
 * @param retries Retry packets sent
 * @param versionNegotiations Version Negotiation packets sent
 * @param resetsSent stateless resets sent
 * @param resetsReceived stateless resets of our connections
 * @param garbage datagrams that belong to nobody and mean nothing
 */
public record EndpointStats(
    int connections,
    int handshakes,
    long accepted,
    long dialled,
    long established,
    long refused,
    long retries,
    long versionNegotiations,
    long resetsSent,
    long resetsReceived,
    long garbage) {}
