package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.ServiceSettings;

/**
 * The services, what the operator added, and whom a path belongs to. Belongs to the seeder's
 * thread.
 */
final class ServiceTable {
  private final Map<String, ServiceState> services = new LinkedHashMap<>();
  private final ServiceState added =
      new ServiceState(ServiceSettings.of(ConfigReader.ADDED, Path.of("/")));
  private final Set<Path> addedPaths = new HashSet<>();

  /** The services that have a folder. */
  Collection<ServiceState> configured() {
    return services.values();
  }

  /** Those, and what the operator added. */
  List<ServiceState> all() {
    List<ServiceState> all = new ArrayList<>(services.values());
    all.add(added);
    return all;
  }

  /** What the operator added; it has no folder of its own. */
  ServiceState added() {
    return added;
  }

  /** The service of that name, or null. */
  @Nullable ServiceState get(String name) {
    return name.equals(ConfigReader.ADDED) ? added : services.get(name);
  }

  /** Whom a path belongs to, or null. */
  @Nullable ServiceState ownerOf(Path path) {
    if (addedPaths.contains(path)) {
      return added;
    }
    for (ServiceState state : services.values()) {
      if (path.startsWith(state.settings.directory())) {
        return state;
      }
    }
    return null;
  }

  /** Notes that the operator added a file; false where that is known. */
  boolean follow(Path path) {
    return addedPaths.add(path);
  }

  /** Forgets a file that the operator added. */
  void unfollow(Path path) {
    addedPaths.remove(path);
  }

  /**
   * Takes over the configured services; what is new or different starts from nothing and is
   * scanned.
   *
   * @param left told every service that is gone or different
   */
  void replace(List<ServiceSettings> wanted, long nowNanos, Consumer<ServiceState> left) {
    Set<String> names = new HashSet<>();
    for (ServiceSettings service : wanted) {
      names.add(service.name());
      ServiceState state = services.get(service.name());
      if (state != null && state.settings.equals(service)) {
        continue;
      }
      if (state != null) {
        left.accept(state);
      }
      ServiceState fresh = new ServiceState(service);
      fresh.nextScanNanos = nowNanos;
      services.put(service.name(), fresh);
    }
    for (ServiceState state : List.copyOf(services.values())) {
      if (!names.contains(state.settings.name())) {
        left.accept(state);
        services.remove(state.settings.name());
      }
    }
  }
}
