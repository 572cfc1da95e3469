package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pin}: fetches what is missing and keeps it. */
@Command(
    name = "pin",
    description = {
      "Fetches what tickets name into the daemon's cache and keeps it there, whatever its size.",
      "A collection is pinned with all its files. What cannot be had now is tried again."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed pin blob...")
final class PinCommand extends BaseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "TICKET|HASH",
      description = "Several tickets of one hash are several providers.")
  private List<String> words = new ArrayList<>();

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    words.forEach(body.putArray("what")::add);
    int exitCode = 0;
    for (JsonNode result : results("/pin", body, "fetching", json)) {
      exitCode = Math.max(exitCode, tell(result));
    }
    return exitCode;
  }

  private int tell(JsonNode result) {
    String hash = result.path("hash").asText();
    String why = result.path("why").asText();
    return switch (result.path("event").asText()) {
      case "pinned" -> {
        if (!json) {
          long files = result.path("files").asLong();
          out()
              .println(
                  "pinned "
                      + hash
                      + " ("
                      + files
                      + (files == 1 ? " file, " : " files, ")
                      + Quantities.formatSize(result.path("size_bytes").asLong())
                      + ")");
        }
        yield 0;
      }
      case "absent" -> said(CliException.NOT_FOUND, hash, why);
      case "denied" -> {
        err().println("veilor-seed: " + hash + " is not pinned: " + why);
        yield CliException.REFUSED;
      }
      case "refused" -> said(CliException.REFUSED, hash, why);
      default -> said(CliException.FAILED, hash, why);
    };
  }

  private int said(int exitCode, String hash, String why) {
    err()
        .println(
            "veilor-seed: "
                + hash
                + " is pinned but not here yet, and is tried again every minute: "
                + why);
    return exitCode;
  }
}
