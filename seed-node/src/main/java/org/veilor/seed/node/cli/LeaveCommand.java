package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code leave}. */
@Command(
    name = "leave",
    description = "Leaves a service: nothing more is said or asked there.",
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed leave misskey")
final class LeaveCommand extends BaseCommand {
  @Parameters(paramLabel = "SERVICE", description = "A service that this node is in with others.")
  private String service = "";

  @Override
  public Integer call() throws Exception {
    JsonNode done = client().post("/leave", Map.of("service", service), null);
    out().println("left " + done.path("left").asText());
    return 0;
  }
}
