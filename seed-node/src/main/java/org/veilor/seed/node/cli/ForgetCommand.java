package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code forget}: as an origin, have every node drop a blob. */
@Command(
    name = "forget",
    description = {
      "As an origin of a service, has every node of it drop blobs: none serves, keeps or fetches them any"
          + " more, this one included.",
      "Files are not touched. It cannot be taken back before its time is over."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed forget --service misskey HASH")
final class ForgetCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "HASH|TICKET", description = "What is to be forgotten.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--service",
      paramLabel = "SERVICE",
      description =
          "In this service, even if its folder does not hold them any more. Default: all services of"
              + " which this node is an origin and whose folder holds them.")
  private @Nullable String service;

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      defaultValue = "3650",
      description = "For so long. Default: ${DEFAULT-VALUE}.")
  private int days;

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode().put("days", days);
    words.forEach(body.putArray("what")::add);
    if (service != null) {
      body.put("service", service);
    }
    JsonNode done = client().post("/forget", Map.of(), body);
    for (JsonNode each : done.path("forgotten")) {
      out()
          .println(
              "forgotten " + each.path("hash").asText() + " in " + each.path("service").asText());
    }
    return 0;
  }
}
