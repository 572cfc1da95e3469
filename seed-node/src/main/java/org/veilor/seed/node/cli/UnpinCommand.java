package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code unpin}: lets the cache evict what it had to keep. */
@Command(
    name = "unpin",
    description = "Ends pins: what they kept stays until the cache needs the room.",
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed unpin blob...")
final class UnpinCommand extends BaseCommand {
  @Parameters(arity = "1..*", paramLabel = "TICKET|HASH", description = "What was pinned.")
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    ObjectNode body = JSON.createObjectNode();
    words.forEach(body.putArray("what")::add);
    JsonNode done = client().post("/unpin", Map.of(), body);
    done.path("unpinned").forEach(hash -> out().println("unpinned " + hash.asText()));
    return 0;
  }
}
