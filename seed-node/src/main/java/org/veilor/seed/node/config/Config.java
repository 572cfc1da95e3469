package org.veilor.seed.node.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured, checked and with defaults filled in.
 *
 * @param gateway what {@code gateway.listen} says; {@code off} is the default
 * @param services each name and each directory once
 */
public record Config(
    Endpoint endpoint,
    GatewayAddress gateway,
    Cache cache,
    Limits limits,
    SeedingSettings seeding,
    List<ServiceSettings> services) {

  /**
   * The iroh endpoint.
   *
   * @param listen UDP addresses, at least one
   * @param advertise extra addresses for tickets; where empty, those of the interfaces
   * @param qlog the folder that gets a qlog of each connection, or null for none
   */
  public record Endpoint(
      List<InetSocketAddress> listen, List<InetSocketAddress> advertise, @Nullable Path qlog) {
    /** Copies the lists. */
    public Endpoint {
      listen = List.copyOf(listen);
      advertise = List.copyOf(advertise);
    }
  }

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

  /** Copies the list. */
  public Config {
    services = List.copyOf(services);
  }

  /** {@link Endpoint#listen}. */
  public List<InetSocketAddress> listen() {
    return endpoint.listen();
  }

  /** {@link Endpoint#advertise}. */
  public List<InetSocketAddress> advertise() {
    return endpoint.advertise();
  }

  /** The configuration without a file: no service, port 4471 on every address. */
  public static Config defaults() {
    return new Config(
        new Endpoint(
            List.of(Addresses.socketAddress("0.0.0.0:4471"), Addresses.socketAddress("[::]:4471")),
            List.of(),
            null),
        new GatewayAddress.Off(),
        new Cache(10_000_000_000L, 1_000_000_000L),
        new Limits(Quantities.UNLIMITED, 1024),
        SeedingSettings.defaults(),
        List.of());
  }
}
