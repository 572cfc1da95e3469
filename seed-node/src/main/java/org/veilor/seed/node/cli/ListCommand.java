package org.veilor.seed.node.cli;

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

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Map<String, String> query = service == null ? Map.of() : Map.of("service", service);
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
}
