package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code why}: why something is or is not seeded, cached, or served by the gateway. */
@Command(
    name = "why",
    description = "Says why a file, a hash or an address of the gateway is or is not served.",
    footerHeading = BaseCommand.EXAMPLE,
    footer = {
      "  veilor-seed why /var/lib/misskey/files/NAME",
      "  veilor-seed why http://127.0.0.1:8471/s/misskey/files/NAME"
    })
final class WhyCommand extends BaseCommand {
  @Parameters(paramLabel = "PATH|HASH|URL", description = "What is asked about.")
  private String what = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Map<String, String> query =
        what.startsWith("http://") || what.startsWith("https://")
            ? Map.of("url", what)
            : isHash(what) ? Map.of("hash", what) : Map.of("path", absolute(what).toString());
    JsonNode answer = client().get("/why", query);
    if (json) {
      printJson(answer);
      return 0;
    }
    String subject =
        answer.path("url").asText(answer.path("path").asText(answer.path("hash").asText()));
    out()
        .println(
            subject + ": " + answer.path("state").asText() + ": " + answer.path("why").asText());
    detail(answer, "service");
    if (answer.has("path")) {
      detail(answer, "hash");
    }
    detail(answer, "size_bytes");
    detail(answer, "sha256");
    if (answer.path("pinned").asBoolean()) {
      out().println("  pinned");
    }
    detail(answer, "present_bytes");
    detail(answer, "last_error");
    for (JsonNode provider : answer.path("providers")) {
      out().println("  may have it: " + provider.asText());
    }
    for (JsonNode said : answer.path("announced")) {
      String at = Instant.ofEpochMilli(said.path("at").asLong()).toString();
      out().println("  announced by " + said.path("provider").asText() + " at " + at);
    }
    for (JsonNode share : answer.path("download").path("providers")) {
      out()
          .println(
              "  "
                  + share.path("provider").asText()
                  + ": "
                  + share.path("state").asText()
                  + ", "
                  + Quantities.formatSize(share.path("bytes").asLong())
                  + " at "
                  + Quantities.formatSize(share.path("bytes_per_second").asLong())
                  + "/s");
    }
    for (JsonNode path : answer.path("paths")) {
      out().println("  file: " + path.asText());
    }
    return 0;
  }

  private void detail(JsonNode answer, String name) {
    if (answer.hasNonNull(name)) {
      out().println("  " + name.replace('_', ' ') + ": " + answer.path(name).asText());
    }
  }
}
