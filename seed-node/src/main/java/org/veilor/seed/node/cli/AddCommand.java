package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code add}: seeds what the operator names. */
@Command(
    name = "add",
    description = {
      "Seeds files or folders in place and prints a ticket for each.",
      "A folder becomes an iroh collection. Everything is seeded but databases and keys."
    })
final class AddCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files or folders.")
  private List<String> paths = new ArrayList<>();

  @Option(names = "--raw", description = "No collections: a ticket for every file of a folder.")
  private boolean raw;

  @Option(
      names = "--collection",
      description = "A collection for a single file too, which keeps its name ('sendme receive').")
  private boolean collection;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode().put("raw", raw).put("collection", collection);
    ArrayNode list = body.putArray("paths");
    for (String path : paths) {
      list.add(absolute(path).toString());
    }
    int exitCode = 0;
    for (JsonNode result : results("/add", body, "hashing", json)) {
      exitCode = Math.max(exitCode, tell(result));
    }
    return exitCode;
  }

  private int tell(JsonNode result) {
    String path = result.path("path").asText();
    String why = result.path("why").asText();
    return switch (result.path("event").asText()) {
      case "added" -> {
        if (!json) {
          err()
              .println(
                  "seeding "
                      + path
                      + " ("
                      + result.path("files").asLong()
                      + (result.path("files").asLong() == 1 ? " file, " : " files, ")
                      + Quantities.formatSize(result.path("size_bytes").asLong())
                      + ", "
                      + result.path("hash").asText()
                      + ")");
          out().println(result.path("ticket").asText());
        }
        yield 0;
      }
      case "refused" -> said(CliException.REFUSED, path + " is not seeded: " + why);
      case "absent" -> said(CliException.NOT_FOUND, path + ": " + why + "; check the path");
      default -> said(CliException.FAILED, path + " could not be seeded: " + why);
    };
  }

  private int said(int exitCode, String sentence) {
    err().println("veilor-seed: " + sentence);
    return exitCode;
  }
}
