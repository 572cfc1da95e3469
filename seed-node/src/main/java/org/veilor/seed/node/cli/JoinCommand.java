package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code join}. */
@Command(
    name = "join",
    description = {
      "Joins a service with the text that 'veilor-seed invite' printed on another node.",
      "From then on this node knows who has its files, as they are announced or asked for."
    })
final class JoinCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "INVITE", description = "The text; breaks do no harm.")
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode().put("invite", String.join("", words));
    out().println(client().post("/join", Map.of(), body).path("grants").asText());
    return 0;
  }
}
