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
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.qlog.QlogWriter;

/** The log of a lossy transfer is JSON that qvis takes, and says what happened. */
class QlogTest {
  private static List<JsonNode> records(CharSequence text) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    for (String record : text.toString().split("\u001e", -1)) {
      if (!record.isEmpty()) {
        assertThat(record).endsWith("\n");
        records.add(new ObjectMapper().readTree(record));
      }
    }
    return records;
  }

  @Test
  void tellsWhatHappened() throws IOException {
    Conditions bad = Conditions.perfect().withDelayNanos(20 * MILLI).withLoss(0.05);
    TransportConfig config = TransportConfig.defaults().withKeyUpdatePackets(50);
    Pair pair = new Pair(3, bad, config, config, 64);
    StringBuilder text = new StringBuilder();
    pair.client.endpoint.observeWith(c ->
        new QlogWriter(
            text, "a \"test\"\n", c.originalDestination().toString(), true, pair.network.nowNanos));
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 300_000, 7), 300_000, 60);
    pair.closeAndCheckNothingIsLeft();

    List<JsonNode> records = records(text);
    JsonNode header = records.getFirst();
    assertThat(header.get("qlog_version").asText()).isEqualTo("0.3");
    assertThat(header.get("qlog_format").asText()).isEqualTo("JSON-SEQ");
    assertThat(header.at("/trace/vantage_point/type").asText()).isEqualTo("client");
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
    long sent =
        records.stream().filter(r -> r.path("name").asText().endsWith("packet_sent")).count();
    assertThat(sent).isGreaterThanOrEqualTo(connection.stats().sentDatagrams() - 2);
    assertThat(
            records.stream()
                .filter(r -> r.path("name").asText().endsWith("state_updated"))
                .map(r -> r.at("/data/new").asText()))
        .containsSubsequence("handshake_started", "handshake_confirmed", "closing", "closed");
  }

  @Test
  void aLogThatCannotBeWrittenHurtsNobody() {
    Pair pair = new Pair(1, Conditions.perfect());
    List<QlogWriter> writers = new ArrayList<>();
    pair.client.endpoint.observeWith(c -> {
      writers.add(new QlogWriter(new FullDisk(), "t", "00", true, 0));
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
