package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code allow}: takes a {@code deny} back. */
@Command(
    name = "allow",
    description = {
      "Takes back what 'deny' said. What an origin had forgotten stays forgotten.",
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed allow HASH")
final class AllowCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "HASH|TICKET", description = "What was denied.")
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    words.forEach(body.putArray("what")::add);
    JsonNode done = client().post("/allow", Map.of(), body);
    done.path("allowed").forEach(hash -> out().println("allowed " + hash.asText()));
    for (JsonNode refused : done.path("refused")) {
      String hash = refused.path("hash").asText();
      err().println("veilor-seed: " + hash + ": " + refused.path("why").asText());
    }
    return done.path("refused").isEmpty() ? 0 : CliException.REFUSED;
  }
}
