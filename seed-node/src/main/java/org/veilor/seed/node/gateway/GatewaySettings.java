package org.veilor.seed.node.gateway;

import java.time.Duration;
import org.veilor.seed.node.config.Config.GatewayAddress;

/**
 * How the gateway listens and what it bears.
 *
 * @param listen a TCP address or a Unix socket
 * @param maxConnections open at once; one more gets 503
 * @param maxRequests answered at once, over all connections; one more gets 503
 */
public record GatewaySettings(
    GatewayAddress listen, int maxConnections, int maxRequests, Timeouts timeouts) {

  /**
   * The times.
   *
   * @param head until the head of a request is complete, from its first byte
   * @param idle without a request until a connection is closed
   * @param slowClient a client that takes no byte for so long is cut
   * @param firstByte until the first byte of a blob or of a service's answer is here: 504
   * @param stall a source that yields no byte for so long is given up and the client cut
   */
  public record Timeouts(
      Duration head, Duration idle, Duration slowClient, Duration firstByte, Duration stall) {
    /** What a node starts with. */
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(75),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60));
  }

  /** What a node starts with, listening there. */
  public static GatewaySettings of(GatewayAddress listen) {
    return new GatewaySettings(listen, 1024, 2048, Timeouts.DEFAULT);
  }
}
