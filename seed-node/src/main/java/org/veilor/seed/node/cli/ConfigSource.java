package org.veilor.seed.node.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.Overrides;
import picocli.CommandLine.Option;

/** The options that say what the configuration is. */
final class ConfigSource {
  /** The name of the file in {@code $CONFIGURATION_DIRECTORY}. */
  static final String FILE_NAME = "config.toml";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration (TOML). Default: config.toml in $CONFIGURATION_DIRECTORY.")
  private @Nullable Path file;

  @Option(
      names = "--service",
      paramLabel = "NAME=DIR",
      description = "Seed a folder, in addition to those of the file; repeatable.")
  private List<String> services = new ArrayList<>();

  @Option(
      names = "--listen",
      paramLabel = "ADDR:PORT",
      description = "Listen here instead; repeatable. Port 0 means any.")
  private List<String> listen = new ArrayList<>();

  @Option(
      names = "--gateway",
      paramLabel = "ADDR:PORT|off",
      description =
          "Where the HTTP gateway listens: ADDR:PORT, unix:/PATH or off (default:"
              + " 127.0.0.1:8471).")
  private @Nullable String gateway;

  @Option(
      names = "--qlog",
      paramLabel = "DIR",
      description = "Write a qlog of each connection into this folder, for qvis. Off by default.")
  private @Nullable Path qlog;

  /** The file that is read, or null. */
  @Nullable Path file(Map<String, String> environment) {
    String folder = environment.get("CONFIGURATION_DIRECTORY");
    if (file != null || folder == null || folder.isEmpty()) {
      return file;
    }
    Path found = Path.of(folder.split(":", 2)[0], FILE_NAME);
    return Files.exists(found) ? found : null;
  }

  /** What is in force: the file with the options over it. */
  Config read(Map<String, String> environment) throws ConfigException {
    Path path = file(environment);
    Config config = path == null ? Config.defaults() : ConfigReader.read(path);
    return new Overrides(services, listen, gateway, qlog).apply(config);
  }

  @Nullable String gateway() {
    return gateway;
  }

  /** The names given with {@code --service}. */
  List<String> serviceNames() {
    return services.stream().map(text -> text.split("=", 2)[0]).toList();
  }
}
