package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code catalogue}: what a service holds, as its origins say. */
@Command(
    name = "catalogue",
    description = {
      "Prints what the origins of a service say that it holds: how many files, since when, under which root.",
      "Where names are clear, the paths follow: hash, size, path."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed catalogue downloads")
final class CatalogueCommand extends BaseCommand {
  @Parameters(paramLabel = "SERVICE", description = "A service that this node is in with others.")
  private String service = "";

  @Option(names = "--json", description = "Print a JSON object; with --entries a list of entries.")
  private boolean json;

  @Option(
      names = "--entries",
      description = "With --json: the entries, where names are hidden by their lookup keys.")
  private boolean entries;

  @Override
  public Integer call() throws Exception {
    if (entries && !json) {
      throw new CliException(CliException.USAGE, "--entries goes with --json");
    }
    if (entries) {
      try (JsonList list = new JsonList()) {
        client().lines("GET", "/catalogue/entries", Map.of("service", service), null, list::add);
      }
      return 0;
    }
    JsonNode catalogue = client().get("/catalogue", Map.of("service", service));
    if (json) {
      out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(catalogue));
      return 0;
    }
    boolean clear = false;
    for (JsonNode origin : catalogue.path("origins")) {
      print(origin);
      clear |= origin.path("names").asText().equals("clear");
    }
    if (clear) {
      client()
          .lines("GET", "/catalogue/entries", Map.of("service", service), null, this::printEntry);
    }
    return 0;
  }

  private void print(JsonNode origin) {
    out()
        .println(
            "origin      "
                + origin.path("origin").asText()
                + (origin.path("self").asBoolean() ? "  (this node)" : ""));
    if (origin.has("root")) {
      out().println("root        " + origin.path("root").asText());
      out().println("generation  " + origin.path("generation").asLong());
      out().println("made        " + Instant.ofEpochMilli(origin.path("created").asLong()));
      out().println("entries     " + origin.path("entries").asLong());
      out().println("bytes       " + Quantities.formatSize(origin.path("bytes").asLong()));
      out().println("names       " + origin.path("names").asText());
    }
    if (origin.has("ticket")) {
      out().println("ticket      " + origin.path("ticket").asText());
    }
    long newest = origin.path("newest").asLong(-1);
    if (newest > origin.path("generation").asLong(-1)) {
      String problem = origin.path("problem").asText("");
      out()
          .println(
              "newer       generation "
                  + newest
                  + (problem.isEmpty() ? " is on its way" : " is not here: " + problem));
    } else if (newest < 0) {
      out().println("nothing was heard of its catalogue yet");
    }
  }

  private void printEntry(JsonNode entry) {
    if (entry.has("path")) {
      out()
          .printf(
              "%s  %9s  %s%n",
              entry.path("hash").asText(),
              Quantities.formatSize(entry.path("size_bytes").asLong()),
              entry.path("path").asText());
    }
  }
}
