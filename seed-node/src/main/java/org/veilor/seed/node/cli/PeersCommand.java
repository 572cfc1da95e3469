package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code peers}: who takes and gives. */
@Command(
    name = "peers",
    description = {
      "Lists who takes and gives: those with a connection, busiest first, then former providers.",
      "'sent' and 'received' count what went over the connections that are open now; 'gave' what"
          + " was fetched of a peer and found right since the daemon started."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = "  veilor-seed peers --json")
final class PeersCommand extends BaseCommand {
  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (json) {
      try (JsonList list = new JsonList()) {
        client().lines("GET", "/peers", Map.of(), null, list::add);
      }
    } else {
      client().lines("GET", "/peers", Map.of(), null, line -> out().println(text(line)));
    }
    return 0;
  }

  private static String text(JsonNode peer) {
    StringBuilder text = new StringBuilder(peer.path("peer").asText());
    Set<String> addresses = new LinkedHashSet<>();
    Set<String> protocols = new LinkedHashSet<>();
    long sent = 0;
    long received = 0;
    double roundTrip = Double.MAX_VALUE;
    for (JsonNode link : peer.path("connections")) {
      addresses.add(link.path("address").asText());
      protocols.add(link.path("protocol").asText());
      sent += link.path("sent_bytes").asLong();
      received += link.path("received_bytes").asLong();
      roundTrip = Math.min(roundTrip, link.path("round_trip_ms").asDouble());
    }
    if (addresses.isEmpty()) {
      text.append("  not connected");
    } else {
      text.append("  ").append(String.join(" ", addresses));
      text.append(String.format(Locale.ROOT, "  %.1f ms", roundTrip));
      text.append("  sent ").append(Quantities.formatSize(sent));
      text.append(", received ").append(Quantities.formatSize(received));
      text.append("  ").append(String.join(" ", protocols));
    }
    JsonNode gave = peer.path("gave");
    if (gave.isObject()) {
      text.append("  gave ").append(Quantities.formatSize(gave.path("verified_bytes").asLong()));
      count(text, gave.path("failures").asLong(), "failures");
      count(text, gave.path("lies").asLong(), "LIES");
    }
    return text.toString();
  }

  private static void count(StringBuilder text, long count, String what) {
    if (count > 0) {
      text.append(", ").append(count).append(' ').append(what);
    }
  }
}
