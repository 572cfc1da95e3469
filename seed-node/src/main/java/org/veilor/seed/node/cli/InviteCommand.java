package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code invite}. */
@Command(
    name = "invite",
    description = {
      "Prints the text with which another node joins a service of this one: 'veilor-seed join TEXT'.",
      "Whoever has it can fetch the service's files; what it grants is said on stderr."
    })
final class InviteCommand extends BaseCommand {
  @Parameters(paramLabel = "SERVICE", description = "A service of this node, public or a group.")
  private String service = "";

  @Option(
      names = "--rotate",
      description = {
        "Changes the secret of a group first: whoever does not join again with the new text is out."
      })
  private boolean rotate;

  @Override
  public Integer call() throws Exception {
    JsonNode invite =
        client()
            .post("/invite", Map.of("service", service, "rotate", String.valueOf(rotate)), null);
    err().println(invite.path("grants").asText());
    out().println(invite.path("invite").asText());
    return 0;
  }
}
