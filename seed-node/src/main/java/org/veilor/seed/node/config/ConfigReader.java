package org.veilor.seed.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.gossip.catalogue.Names;

/** Reads a configuration file; all its mistakes are found in one run. */
public final class ConfigReader {
  /** The largest configuration file that is read. */
  public static final int MAX_FILE_BYTES = 1 << 20;

  /** The name under which files given to {@code add} are kept; no service may have it. */
  public static final String ADDED = "added";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final int MAX_SERVICES = 1000;
  private static final int MAX_PEERS = 16;

  private ConfigReader() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException where it cannot be read or holds a mistake
   */
  public static Config read(Path file) throws ConfigException {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(
            new ConfigProblem(
                file.toString(), 0, "", "is larger than 1 MiB; is it the right file?"));
      }
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new ConfigException(
          new ConfigProblem(
              file.toString(), 0, "", "cannot be read (" + reason(e) + "); check path and rights"));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException _ -> "no such file";
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      case java.nio.charset.CharacterCodingException _ -> "not UTF-8 text";
      default -> String.valueOf(e.getMessage());
    };
  }

  /**
   * Reads a text.
   *
   * @param source what to call it in problems
   * @throws ConfigException where it holds a mistake
   */
  public static Config parse(String text, String source) throws ConfigException {
    JsonNode root;
    try {
      root = new TomlMapper().readTree(text);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String first = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new ConfigException(new ConfigProblem(source, line, "", "not TOML: " + first));
    }
    TomlProblems problems = new TomlProblems(source, TomlLines.of(text));
    ObjectNode tree = root instanceof ObjectNode node ? node : new TomlMapper().createObjectNode();
    Config config = config(new TomlTable(tree, "", problems));
    problems.throwIfAny();
    return config;
  }

  private static Config config(TomlTable root) {
    Config defaults = Config.defaults();
    TomlTable endpoint = root.table("endpoint");
    List<InetSocketAddress> listen =
        endpoint.texts("listen", defaults.listen(), Addresses::socketAddress);
    if (listen.isEmpty()) {
      endpoint.problem("listen", "must name at least one address");
    }
    if (listen.stream().distinct().count() < listen.size()) {
      endpoint.problem("listen", "names one address twice");
    }
    List<InetSocketAddress> advertise =
        endpoint.texts("advertise", List.of(), ConfigReader::advertised);
    Path qlog = endpoint.text("qlog") == null ? null : qlogFolder(endpoint);
    endpoint.finish();

    TomlTable gateway = root.table("gateway");
    Config.GatewayAddress gatewayAddress =
        gateway.text("listen", defaults.gateway(), Addresses::gateway);
    gateway.finish();

    TomlTable cache = root.table("cache");
    Config.Cache cacheSettings =
        new Config.Cache(
            cache.size("max_size", defaults.cache().maxSizeBytes()),
            cache.size("min_free", defaults.cache().minFreeBytes()),
            peers(cache),
            cache.texts("origins", List.of(), ConfigReader::origin));
    cache.finish();

    TomlTable limits = root.table("limits");
    Config.Limits limitSettings = limits(limits, defaults.limits());
    limits.finish();

    SeedingSettings seeding = seeding(root.table("seeding"));
    List<ServiceSettings> services = services(root);
    root.finish();
    return new Config(
        new Config.Endpoint(listen, advertise, qlog),
        gatewayAddress,
        cacheSettings,
        limitSettings,
        seeding,
        services);
  }

  private static Config.Limits limits(TomlTable table, Config.Limits defaults) {
    return new Config.Limits(
        table.text("upload", defaults.uploadBytesPerSecond(), Quantities::rateBytesPerSecond),
        table.number("connections", defaults.connections(), 1, 1_000_000),
        table.text("download", defaults.downloadBytesPerSecond(), Quantities::rateBytesPerSecond),
        table.text(
            "download_per_peer",
            defaults.peerDownloadBytesPerSecond(),
            Quantities::rateBytesPerSecond));
  }

  private static List<EndpointAddr> peers(TomlTable cache) {
    List<EndpointAddr> peers = cache.texts("peers", List.of(), PeerText::parse);
    if (peers.size() > MAX_PEERS) {
      cache.problem(
          "peers", "names more than " + MAX_PEERS + " peers, who are asked for each blob");
    }
    return peers;
  }

  private static URI origin(String text) {
    URI uri = WebAddress.parse(text);
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "'" + text + "' must end with a path, for hashes to follow");
    }
    return text.endsWith("/") ? uri : URI.create(text + "/");
  }

  private static @Nullable Path qlogFolder(TomlTable endpoint) {
    Path none = Path.of("");
    Path folder = endpoint.text("qlog", none, ConfigReader::directory);
    return folder.equals(none) ? null : folder;
  }

  private static InetSocketAddress advertised(String text) {
    InetSocketAddress address = Addresses.socketAddress(text);
    if (address.getAddress().isAnyLocalAddress() || address.getAddress().isMulticastAddress()) {
      throw new IllegalArgumentException("'" + text + "' cannot be reached by anybody");
    }
    return address;
  }

  private static SeedingSettings seeding(TomlTable table) {
    SeedingSettings defaults = SeedingSettings.defaults();
    Duration tenMillis = Duration.ofMillis(10);
    Duration hour = Duration.ofHours(1);
    SeedingSettings settings =
        new SeedingSettings(
            table.duration("settle", defaults.settle(), tenMillis, hour),
            table.duration("settle_open", defaults.settleOpen(), tenMillis, hour),
            table.duration(
                "scan_interval",
                defaults.scanInterval(),
                Duration.ofSeconds(1),
                Duration.ofDays(7)),
            table.number("hash_threads", defaults.hashThreads(), 1, 64),
            table.word("watch", SeedingSettings.Watch.class, defaults.watch()),
            table.word("sha256", SeedingSettings.Digests.class, defaults.sha256()));
    table.finish();
    return settings;
  }

  private static List<ServiceSettings> services(TomlTable root) {
    List<ServiceSettings> services = new ArrayList<>();
    for (TomlTable table : root.tables("service")) {
      ServiceSettings service = service(table);
      if (service != null) {
        String clash = clash(services, service);
        if (clash != null) {
          table.problem(clash.startsWith("the name") ? "name" : "directory", clash);
        }
        services.add(service);
      }
    }
    if (services.size() > MAX_SERVICES) {
      root.problem("service", "there are more than " + MAX_SERVICES + " services");
    }
    return services;
  }

  private static @Nullable ServiceSettings service(TomlTable table) {
    String name = table.text("name", "", ConfigReader::serviceName);
    Path fallback = Path.of("/var/lib", name.isEmpty() ? "unnamed" : name, "files");
    Path directory = table.text("directory", fallback, ConfigReader::directory);
    Preset preset = table.word("preset", Preset.class, Preset.MEDIA);
    ServiceSettings service =
        new ServiceSettings(
            name,
            table.text("realm", "", ConfigReader::realm),
            preset,
            directory,
            table.word("exposure", Exposure.class, Exposure.PUBLIC),
            table.word("names", Names.class, preset.names()),
            upstream(table),
            table.text("download", Quantities.UNLIMITED, Quantities::rateBytesPerSecond));
    table.finish();
    if (name.isEmpty()) {
      if (table.text("name") == null) {
        table.problem("name", "is missing; every [[service]] needs one");
      }
      return null;
    }
    return service;
  }

  private static @Nullable URI upstream(TomlTable table) {
    String text = table.text("upstream");
    if (text == null) {
      return null;
    }
    try {
      return WebAddress.parse(text);
    } catch (IllegalArgumentException e) {
      table.problem("upstream", String.valueOf(e.getMessage()));
      return null;
    }
  }

  /**
   * Checks a service name.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static String serviceName(String name) {
    if (name.equals(ADDED)) {
      throw new IllegalArgumentException("'added' is kept for files given to 'veilor-seed add'");
    }
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' is not a name of letters, digits, '.', '_' and '-' (at most 63)");
    }
    return name;
  }

  private static String realm(String realm) {
    if (realm.isEmpty() || realm.length() > 253 || realm.chars().anyMatch(c -> c <= ' ')) {
      throw new IllegalArgumentException("'" + realm + "' is not a domain name");
    }
    return realm;
  }

  private static Path directory(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("'" + text + "' must be an absolute path");
    }
    if (path.normalize().getNameCount() == 0) {
      throw new IllegalArgumentException("the root of the file system cannot be a service");
    }
    return path.normalize();
  }

  /** What two services cannot share, or null. */
  static @Nullable String clash(List<ServiceSettings> services, ServiceSettings service) {
    for (ServiceSettings other : services) {
      if (other.name().equals(service.name())) {
        return "the name '" + service.name() + "' is used twice; every service needs its own";
      }
      if (other.directory().startsWith(service.directory())
          || service.directory().startsWith(other.directory())) {
        return "the directory "
            + service.directory()
            + " and "
            + other.directory()
            + " of '"
            + other.name()
            + "' lie in each other; a file can belong to one service only";
      }
    }
    return null;
  }
}
