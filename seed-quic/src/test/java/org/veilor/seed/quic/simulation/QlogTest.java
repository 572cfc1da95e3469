package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.qlog.QlogWriter;

/**
 * The log of a lossy transfer is what qvis loads, and says what happened.
 *
 * <p>The fields asserted here are those that qvis' loader, congestion graph and sequence diagram
 * read (quiclog/qvis 72c8c4b: {@code textsequencejsontoqlog.ts}, {@code QlogLoaderV2.ts}, {@code
 * CongestionGraphD3Renderer.ts}, {@code SequenceDiagramD3Renderer.ts}); a log of this writer was
 * loaded with that code.
 */
class QlogTest {
  private static final long START_MILLIS = 1_790_000_000_123L;

  private static List<JsonNode> records(CharSequence text) throws IOException {
    assertThat(text).startsWith("\u001e").endsWith("\n");
    List<JsonNode> records = new ArrayList<>();
    for (String record : text.toString().split("\u001e", -1)) {
      if (!record.isEmpty()) {
        assertThat(record).endsWith("\n");
        records.add(new ObjectMapper().readTree(record));
      }
    }
    return records;
  }

  /** The logs of a client and its server, and how the connection went. */
  private record Logged(List<JsonNode> client, List<JsonNode> server, Connection connection) {}

  private static Logged lossyTransfer() throws IOException {
    Conditions bad = Conditions.perfect().withDelayNanos(20 * MILLI).withLoss(0.05);
    TransportConfig config = TransportConfig.defaults().withKeyUpdatePackets(50);
    Pair pair = new Pair(3, bad, config, config, 64);
    StringBuilder ofClient = new StringBuilder();
    StringBuilder ofServer = new StringBuilder();
    pair.client.endpoint.observeWith(c -> writer(ofClient, c, pair.network.nowNanos));
    pair.server.endpoint.observeWith(c -> writer(ofServer, c, pair.network.nowNanos));
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 300_000, 7), 300_000, 60);
    pair.closeAndCheckNothingIsLeft();
    return new Logged(records(ofClient), records(ofServer), connection);
  }

  private static QlogWriter writer(Appendable sink, Connection connection, long nowNanos) {
    String group = connection.originalDestination().toString();
    boolean isClient = connection.isClient();
    return new QlogWriter(sink, "a \"test\"\n", group, isClient, nowNanos, START_MILLIS);
  }

  private static List<JsonNode> named(List<JsonNode> records, String name) {
    return records.stream().filter(r -> r.path("name").asText().equals(name)).toList();
  }

  @Test
  void theHeaderIsWhatQvisAsksFor() throws IOException {
    Logged logged = lossyTransfer();
    for (List<JsonNode> records : List.of(logged.client, logged.server)) {
      JsonNode header = records.getFirst();
      assertThat(header.get("qlog_version").asText()).isEqualTo("0.3");
      assertThat(header.get("qlog_format").asText()).isEqualTo("JSON-SEQ");
      JsonNode trace = header.get("trace");
      assertThat(trace.get("title").asText()).isEqualTo("a _test__");
      assertThat(trace.at("/common_fields/time_format").asText()).isEqualTo("relative");
      // Zero would be taken for missing, and the two sides could not be aligned.
      assertThat(trace.at("/common_fields/reference_time").asLong()).isEqualTo(START_MILLIS);
      assertThat(trace.at("/common_fields/ODCID").asText()).isNotEmpty();
    }
    assertThat(logged.client.getFirst().at("/trace/vantage_point/type").asText())
        .isEqualTo("client");
    assertThat(logged.server.getFirst().at("/trace/vantage_point/type").asText())
        .isEqualTo("server");
  }

  @Test
  void everyPacketHasWhatTheDiagramsReadOfIt() throws IOException {
    Logged logged = lossyTransfer();
    List<JsonNode> sent = named(logged.client, "transport:packet_sent");
    List<JsonNode> received = named(logged.server, "transport:packet_received");
    assertThat(sent).hasSizeGreaterThanOrEqualTo((int) logged.connection.stats().sentDatagrams());
    for (JsonNode packet : sent) {
      assertThat(packet.at("/data/header/packet_type").asText())
          .isIn("initial", "handshake", "1RTT");
      assertThat(packet.at("/data/header/packet_number").isIntegralNumber()).isTrue();
      assertThat(packet.at("/data/raw/length").asInt()).isPositive();
      assertThat(packet.at("/data/frames")).isNotEmpty();
      packet.at("/data/frames").forEach(f -> assertThat(f.get("frame_type").isTextual()).isTrue());
    }
    // One side received what the other sent: the same numbers, sizes and frames.
    Set<JsonNode> all = sent.stream().map(p -> p.get("data")).collect(Collectors.toSet());
    assertThat(received).hasSizeGreaterThan(100);
    assertThat(received).allMatch(p -> all.contains(p.get("data")));
    Set<String> frames =
        sent.stream()
            .flatMap(p -> StreamSupport.stream(p.at("/data/frames").spliterator(), false))
            .map(f -> f.get("frame_type").asText())
            .collect(Collectors.toSet());
    assertThat(frames).contains("crypto", "stream", "ack", "padding", "ping", "connection_close");
  }

  @Test
  void theCongestionGraphFindsAcknowledgementsLossesAndTheWindow() throws IOException {
    List<JsonNode> records = lossyTransfer().client;
    List<JsonNode> acks =
        named(records, "transport:packet_received").stream()
            .flatMap(p -> StreamSupport.stream(p.at("/data/frames").spliterator(), false))
            .filter(f -> f.get("frame_type").asText().equals("ack"))
            .toList();
    assertThat(acks).isNotEmpty();
    acks.forEach(f -> {
      assertThat(f.get("acked_ranges")).isNotEmpty();
      f.get("acked_ranges")
          .forEach(range -> {
            assertThat(range).hasSize(2);
            assertThat(range.get(0).asLong()).isLessThanOrEqualTo(range.get(1).asLong());
          });
    });
    for (JsonNode lost : named(records, "recovery:packet_lost")) {
      assertThat(lost.at("/data/header/packet_number").isIntegralNumber()).isTrue();
    }
    List<JsonNode> metrics = named(records, "recovery:metrics_updated");
    assertThat(metrics).isNotEmpty();
    for (JsonNode metric : metrics) {
      JsonNode data = metric.get("data");
      assertThat(data.get("congestion_window").asLong()).isPositive();
      assertThat(data.get("bytes_in_flight").isIntegralNumber()).isTrue();
      assertThat(data.get("smoothed_rtt").asDouble()).as("milliseconds").isBetween(40.0, 500.0);
      assertThat(data.get("latest_rtt").asDouble()).isGreaterThanOrEqualTo(40);
      assertThat(data.get("min_rtt").asDouble()).isGreaterThanOrEqualTo(40);
    }
  }

  @Test
  void tellsWhatHappenedInOrder() throws IOException {
    List<JsonNode> records = lossyTransfer().client;
    Set<String> names =
        records.stream().skip(1).map(r -> r.get("name").asText()).collect(Collectors.toSet());
    assertThat(names)
        .contains(
            "transport:packet_sent",
            "transport:packet_received",
            "recovery:packet_lost",
            "recovery:metrics_updated",
            "security:key_updated",
            "connectivity:connection_state_updated");
    double last = 0;
    for (JsonNode record : records.subList(1, records.size())) {
      assertThat(record.get("time").asDouble()).isGreaterThanOrEqualTo(last);
      last = record.get("time").asDouble();
      assertThat(record.get("data").isObject()).isTrue();
    }
    assertThat(last).as("milliseconds").isBetween(100.0, 100_000.0);
    assertThat(
            named(records, "connectivity:connection_state_updated").stream()
                .map(r -> r.at("/data/new").asText()))
        .containsSubsequence("handshake_started", "handshake_confirmed", "closing", "closed");
  }

  @Test
  void aLogThatCannotBeWrittenHurtsNobody() {
    Pair pair = new Pair(1, Conditions.perfect());
    List<QlogWriter> writers = new ArrayList<>();
    pair.client.endpoint.observeWith(c -> {
      writers.add(new QlogWriter(new FullDisk(), "t", "00", true, 0, 0));
      return writers.getLast();
    });
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 10_000, 7), 10_000, 10);
    assertThat(writers.getFirst().failure()).hasMessage("full");
  }

  private static final class FullDisk implements Appendable {
    @Override
    public Appendable append(CharSequence text) throws IOException {
      throw new IOException("full");
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      throw new IOException("full");
    }

    @Override
    public Appendable append(char c) throws IOException {
      throw new IOException("full");
    }
  }
}
