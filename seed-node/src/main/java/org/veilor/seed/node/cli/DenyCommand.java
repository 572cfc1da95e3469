package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code deny}: never serve or fetch a blob. */
@Command(
    name = "deny",
    description = {
      "Has the daemon neither serve nor fetch blobs, and evicts them from its cache.",
      "Files of yours are not touched. 'allow' takes it back; 'ls --denied' lists what is denied."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed deny --reason 'a court said so' HASH")
final class DenyCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "HASH|TICKET", description = "What is denied.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why; kept with it, and shown to local services that ask for it.")
  private String reason = "";

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode().put("reason", reason);
    words.forEach(body.putArray("what")::add);
    JsonNode done = client().post("/deny", Map.of(), body);
    done.path("denied").forEach(hash -> out().println("denied " + hash.asText()));
    return 0;
  }
}
