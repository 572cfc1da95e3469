package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ticket}: prints the ticket of what is seeded. */
@Command(
    name = "ticket",
    description = {
      "Prints the blob ticket of a seeded file, folder or hash again.",
      "For a folder of a service it is a collection of what is seeded below it now."
    })
final class TicketCommand extends BaseCommand {
  /** What the ticket says of how to reach this endpoint. */
  enum Format {
    ID,
    ADDRESSES
  }

  @Parameters(paramLabel = "PATH|HASH", description = "What the ticket is for.")
  private String what = "";

  @Option(
      names = "--format",
      defaultValue = "addresses",
      description = "'addresses' (default) or 'id': the endpoint's id without addresses.")
  private Format format = Format.ADDRESSES;

  @Option(
      names = "--collection",
      description = "A collection for a single file too, which keeps its name ('sendme receive').")
  private boolean collection;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Map<String, String> query = new HashMap<>();
    query.put("format", format.name().toLowerCase(Locale.ROOT));
    query.put("collection", String.valueOf(collection));
    if (isHash(what)) {
      query.put("hash", what);
    } else {
      query.put("path", absolute(what).toString());
    }
    JsonNode answer = client().get("/ticket", query);
    if (json) {
      printJson(answer);
    } else {
      out().println(answer.path("ticket").asText());
    }
    return 0;
  }
}
