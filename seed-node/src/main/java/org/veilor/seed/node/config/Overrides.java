package org.veilor.seed.node.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says over the file.
 *
 * @param services {@code NAME=DIR}, each replaces the service of that name or comes in addition
 * @param listen where not empty, replaces {@code endpoint.listen}
 * @param gateway where not null, replaces {@code gateway.listen}
 * @param qlog where not null, replaces {@code endpoint.qlog}
 */
public record Overrides(
    List<String> services, List<String> listen, @Nullable String gateway, @Nullable Path qlog) {
  /** No override at all. */
  public static final Overrides NONE = new Overrides(List.of(), List.of(), null, null);

  /** Copies the lists. */
  public Overrides {
    services = List.copyOf(services);
    listen = List.copyOf(listen);
  }

  /**
   * Applies them.
   *
   * @throws ConfigException where an option cannot be used
   */
  public Config apply(Config config) throws ConfigException {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String text : listen) {
      try {
        addresses.add(Addresses.socketAddress(text));
      } catch (IllegalArgumentException e) {
        throw problem("--listen", String.valueOf(e.getMessage()));
      }
    }
    if (addresses.stream().filter(a -> a.getPort() != 0).distinct().count()
        < addresses.stream().filter(a -> a.getPort() != 0).count()) {
      throw problem("--listen", "names one address twice");
    }
    Config.GatewayAddress gatewayAddress = config.gateway();
    if (gateway != null) {
      try {
        gatewayAddress = Addresses.gateway(gateway);
      } catch (IllegalArgumentException e) {
        throw problem("--gateway", String.valueOf(e.getMessage()));
      }
    }
    return new Config(
        new Config.Endpoint(
            addresses.isEmpty() ? config.listen() : addresses,
            config.advertise(),
            qlog == null ? config.endpoint().qlog() : qlog.toAbsolutePath().normalize()),
        gatewayAddress,
        config.cache(),
        config.limits(),
        config.seeding(),
        services(config.services()));
  }

  private List<ServiceSettings> services(List<ServiceSettings> configured) throws ConfigException {
    List<ServiceSettings> result = new ArrayList<>(configured);
    List<String> given = new ArrayList<>();
    for (String text : services) {
      int equals = text.indexOf('=');
      if (equals <= 0 || equals == text.length() - 1) {
        throw problem("--service", "'" + text + "' is not NAME=DIR");
      }
      String name = text.substring(0, equals);
      try {
        ConfigReader.serviceName(name);
      } catch (IllegalArgumentException e) {
        throw problem("--service", String.valueOf(e.getMessage()));
      }
      if (given.contains(name)) {
        throw problem("--service", "the name '" + name + "' is used twice");
      }
      given.add(name);
      result.removeIf(service -> service.name().equals(name));
      Path directory = Path.of(text.substring(equals + 1)).toAbsolutePath().normalize();
      if (directory.getNameCount() == 0) {
        throw problem("--service", "the root of the file system cannot be a service");
      }
      ServiceSettings service = ServiceSettings.of(name, directory);
      String clash = ConfigReader.clash(result, service);
      if (clash != null) {
        throw problem("--service", clash);
      }
      result.add(service);
    }
    return result;
  }

  private static ConfigException problem(String option, String what) {
    return new ConfigException(new ConfigProblem(option, 0, "", what));
  }
}
