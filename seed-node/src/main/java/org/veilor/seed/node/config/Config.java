package org.veilor.seed.node.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that can be configured, checked and with defaults filled in.
 *
 * @param listen UDP addresses of the endpoint, at least one
 * @param advertise extra addresses for tickets; where empty, those of the interfaces
 * @param gateway what {@code gateway.listen} says; {@code off} is the default
 * @param services each name and each directory once
 */
public record Config(
    List<InetSocketAddress> listen,
    List<InetSocketAddress> advertise,
    GatewayAddress gateway,
    Cache cache,
    Limits limits,
    SeedingSettings seeding,
    List<ServiceSettings> services) {

  /** The cache of pulled blobs (used once downloads are built). */
  public record Cache(long maxSizeBytes, long minFreeBytes) {}

  /**
   * Limits towards peers.
   *
   * @param uploadBytesPerSecond or {@link Quantities#UNLIMITED}
   */
  public record Limits(long uploadBytesPerSecond, int connections) {}

  /** Where the HTTP gateway listens. */
  public sealed interface GatewayAddress {
    /** Nowhere. */
    record Off() implements GatewayAddress {}

    /** On a TCP address. */
    record Tcp(InetSocketAddress address) implements GatewayAddress {}

    /** On a Unix socket. */
    record Unix(Path path) implements GatewayAddress {}
  }

  /** Copies the lists. */
  public Config {
    listen = List.copyOf(listen);
    advertise = List.copyOf(advertise);
    services = List.copyOf(services);
  }

  /** The configuration without a file: no service, port 4471 on every address. */
  public static Config defaults() {
    return new Config(
        List.of(Addresses.socketAddress("0.0.0.0:4471"), Addresses.socketAddress("[::]:4471")),
        List.of(),
        new GatewayAddress.Off(),
        new Cache(10_000_000_000L, 1_000_000_000L),
        new Limits(Quantities.UNLIMITED, 1024),
        SeedingSettings.defaults(),
        List.of());
  }
}
