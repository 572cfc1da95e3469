package org.veilor.seed.node.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;

/**
 * Everything that can be configured, checked and with defaults filled in.
 *
 * @param gateway what {@code gateway.listen} says
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

  /**
   * The cache of pulled blobs, and whom it asks for what is missing.
   *
   * @param peers asked for every blob, beside those that tickets name
   * @param origins HTTP(S) addresses under which blobs lie by their hash; asked when no peer gives
   *     it
   */
  public record Cache(
      long maxSizeBytes, long minFreeBytes, List<EndpointAddr> peers, List<URI> origins) {
    /** Copies the lists. */
    public Cache {
      peers = List.copyOf(peers);
      origins = List.copyOf(origins);
    }
  }

  /**
   * Limits towards peers; rates may be {@link Quantities#UNLIMITED}.
   *
   * @param downloadBytesPerSecond of all peers together
   * @param peerDownloadBytesPerSecond of each peer
   */
  public record Limits(
      long uploadBytesPerSecond,
      int connections,
      long downloadBytesPerSecond,
      long peerDownloadBytesPerSecond) {}

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

  /**
   * The configuration without a file: no service, port 4471 on every address, the gateway on port
   * 8471 of this machine only.
   */
  public static Config defaults() {
    return new Config(
        new Endpoint(
            List.of(Addresses.socketAddress("0.0.0.0:4471"), Addresses.socketAddress("[::]:4471")),
            List.of(),
            null),
        new GatewayAddress.Tcp(Addresses.socketAddress("127.0.0.1:8471")),
        new Cache(10_000_000_000L, 1_000_000_000L, List.of(), List.of()),
        new Limits(Quantities.UNLIMITED, 1024, Quantities.UNLIMITED, Quantities.UNLIMITED),
        SeedingSettings.defaults(),
        List.of());
  }
}
