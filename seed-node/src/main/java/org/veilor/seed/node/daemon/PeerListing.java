package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.Addresses;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.download.Downloader.ProviderScore;

/** Lists who takes and gives: those with a connection, busiest first, then former providers. */
final class PeerListing {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double NANOS_PER_MILLI = 1e6;

  private PeerListing() {}

  static void list(List<PeerLinkReport> links, List<ProviderScore> scores, ControlAnswer answer)
      throws IOException {
    Map<String, ProviderScore> unlisted = new TreeMap<>();
    scores.forEach(score -> unlisted.put(score.provider().name(), score));
    Map<String, List<PeerLinkReport>> connected = new TreeMap<>();
    links.forEach(link ->
        connected.computeIfAbsent(link.peer().toString(), peer -> new ArrayList<>()).add(link));
    List<Map.Entry<String, List<PeerLinkReport>>> busiest = new ArrayList<>(connected.entrySet());
    busiest.sort(Comparator.comparingLong(peer -> -bytes(peer.getValue())));
    for (Map.Entry<String, List<PeerLinkReport>> peer : busiest) {
      answer.line(line(peer.getKey(), peer.getValue(), unlisted.remove(peer.getKey())));
    }
    for (Map.Entry<String, ProviderScore> former : unlisted.entrySet()) {
      answer.line(line(former.getKey(), List.of(), former.getValue()));
    }
  }

  private static long bytes(List<PeerLinkReport> links) {
    return links.stream().mapToLong(link -> link.sentBytes() + link.receivedBytes()).sum();
  }

  private static ObjectNode line(
      String name, List<PeerLinkReport> links, @Nullable ProviderScore score) {
    ObjectNode line = JSON.createObjectNode().put("peer", name);
    ArrayNode connections = line.putArray("connections");
    for (PeerLinkReport link : links) {
      connections
          .addObject()
          .put("address", Addresses.format(link.address()))
          .put("protocol", link.protocol())
          .put("dialled", link.isDialled())
          .put("sent_bytes", link.sentBytes())
          .put("received_bytes", link.receivedBytes())
          .put("round_trip_ms", link.roundTripNanos() / NANOS_PER_MILLI);
    }
    if (score != null) {
      line.putObject("gave")
          .put("verified_bytes", score.bytes())
          .put("bytes_per_second", score.bytesPerSecond())
          .put("failures", score.failures())
          .put("lies", score.lies());
    }
    return line;
  }
}
