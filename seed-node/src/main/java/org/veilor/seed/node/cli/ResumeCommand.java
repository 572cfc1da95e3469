package org.veilor.seed.node.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code resume}: the deletions that paused a service are meant. */
@Command(
    name = "resume",
    description = {
      "Says that the deletions which paused a service are meant.",
      "A service pauses when more than a fifth of its files vanish at once."
    })
final class ResumeCommand extends BaseCommand {
  @Parameters(paramLabel = "SERVICE", description = "The paused service.")
  private String service = "";

  @Override
  public Integer call() throws Exception {
    err().println(client().post("/resume", Map.of("service", service), null).path("done").asText());
    return 0;
  }
}
