package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ls}: what is seeded. */
@Command(
    name = "ls",
    description = {
      "Lists what is seeded: hash, size, path.",
      "The service 'added' holds what 'add' was given."
    })
final class ListCommand extends BaseCommand {
  @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "Only this service.")
  private @Nullable String service;

  @Option(
      names = "--cached",
      description = "What was fetched from others, instead of what is seeded.")
  private boolean cached;

  @Option(names = "--denied", description = "What 'deny' and origins forbid, instead.")
  private boolean denied;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if ((cached || denied) && service != null) {
      throw new CliException(CliException.USAGE, "that list is one for all services; leave it out");
    }
    Map<String, String> query =
        denied
            ? Map.of("denied", "true")
            : cached
                ? Map.of("cached", "true")
                : service == null ? Map.of() : Map.of("service", service);
    if (json) {
      try (JsonList list = new JsonList()) {
        client().lines("GET", "/ls", query, null, list::add);
      }
    } else {
      client()
          .lines(
              "GET",
              "/ls",
              query,
              null,
              line -> {
                if (denied) {
                  denied(line);
                  return;
                }
                if (cached) {
                  cached(line);
                  return;
                }
                boolean folder = line.path("format").asText().equals("collection");
                out()
                    .printf(
                        "%s  %9s  %s%s%n",
                        line.path("hash").asText(),
                        Quantities.formatSize(line.path("size_bytes").asLong()),
                        line.path("path").asText(),
                        folder ? "/  (collection of " + line.path("files").asLong() + ")" : "");
              });
    }
    return 0;
  }

  private void denied(JsonNode line) {
    String by = line.path("by").asText();
    String reason = line.path("reason").asText();
    out()
        .println(
            line.path("hash").asText()
                + "  "
                + (by.equals("operator")
                    ? "denied" + (reason.isEmpty() ? "" : ": " + reason)
                    : "forgotten by its origin " + by));
  }

  private void cached(JsonNode line) {
    String state = line.path("state").asText();
    out()
        .printf(
            "%s  %9s  %s%s%n",
            line.path("hash").asText(),
            Quantities.formatSize(line.path("size_bytes").asLong()),
            state.equals("partial")
                ? Quantities.formatSize(line.path("present_bytes").asLong()) + " of it"
                : state,
            line.path("pinned").asBoolean() ? ", pinned" : "");
  }
}
