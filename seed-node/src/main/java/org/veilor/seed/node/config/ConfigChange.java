package org.veilor.seed.node.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a reload changes.
 *
 * @param added services that are new
 * @param removed services that are gone
 * @param changed services of which something else than the name is different, as they are now
 * @param needRestart keys whose new value waits for a restart
 */
public record ConfigChange(
    List<ServiceSettings> added,
    List<ServiceSettings> removed,
    List<ServiceSettings> changed,
    List<String> needRestart) {

  /** Copies the lists. */
  public ConfigChange {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    changed = List.copyOf(changed);
    needRestart = List.copyOf(needRestart);
  }

  /** Compares two configurations. */
  public static ConfigChange between(Config before, Config after) {
    Map<String, ServiceSettings> old =
        before.services().stream()
            .collect(Collectors.toMap(ServiceSettings::name, Function.identity()));
    List<ServiceSettings> added = new ArrayList<>();
    List<ServiceSettings> changed = new ArrayList<>();
    for (ServiceSettings service : after.services()) {
      ServiceSettings was = old.remove(service.name());
      if (was == null) {
        added.add(service);
      } else if (!was.equals(service)) {
        changed.add(service);
      }
    }
    List<String> restart = new ArrayList<>();
    note(restart, "endpoint.listen", before.listen(), after.listen());
    note(restart, "endpoint.advertise", before.advertise(), after.advertise());
    note(restart, "endpoint.qlog", before.endpoint().qlog(), after.endpoint().qlog());
    note(restart, "gateway.listen", before.gateway(), after.gateway());
    Config.Limits limits = before.limits();
    note(
        restart,
        "limits.upload",
        limits.uploadBytesPerSecond(),
        after.limits().uploadBytesPerSecond());
    note(restart, "limits.connections", limits.connections(), after.limits().connections());
    note(restart, "seeding", before.seeding(), after.seeding());
    return new ConfigChange(added, List.copyOf(old.values()), changed, restart);
  }

  /** One sentence for the log and for whoever asked for the reload. */
  public String sentence() {
    List<String> parts = new ArrayList<>();
    part(parts, "added", added);
    part(parts, "removed", removed);
    part(parts, "changed", changed);
    if (!needRestart.isEmpty()) {
      parts.add(String.join(", ", needRestart) + " changed and needs a restart");
    }
    return parts.isEmpty() ? "nothing changed" : String.join("; ", parts);
  }

  private static void part(List<String> parts, String what, List<ServiceSettings> services) {
    if (!services.isEmpty()) {
      parts.add(
          what
              + " "
              + services.stream().map(ServiceSettings::name).collect(Collectors.joining(", ")));
    }
  }

  private static void note(
      List<String> restart, String key, @Nullable Object before, @Nullable Object after) {
    if (!Objects.equals(before, after)) {
      restart.add(key);
    }
  }
}
