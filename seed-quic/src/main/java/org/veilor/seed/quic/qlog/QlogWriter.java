package org.veilor.seed.quic.qlog;

import java.io.Flushable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Writes what it observes as qlog 0.3 in JSON text sequences (draft-ietf-quic-qlog-main-schema, RFC
 * 7464), which qvis loads from files whose name ends in {@code .sqlog}. Where the text goes is the
 * caller's affair; a record is appended whole or not at all.
 */
public final class QlogWriter implements ConnectionObserver {
  private static final char RECORD_SEPARATOR = 0x1e;

  /** See {@link ConnectionObserver#onState}: nothing happens afterwards. */
  private static final String LAST_STATE = "closed";

  /** Times are milliseconds with four decimals. */
  private static final int NANOS_PER_STEP = 100;

  private static final int STEPS_PER_MILLI = 10_000;

  private final Appendable sink;
  private final boolean isClient;
  private final long startNanos;
  private final StringBuilder line = new StringBuilder();
  private @Nullable IOException failure;

  /**
   * Begins a log with its header.
   *
   * @param sink gets ASCII; if it is {@link Flushable}, it is flushed once, at the end of the
   *     connection
   * @param title what people call the trace; quotes and what is no printable ASCII is replaced
   * @param groupId the original destination connection id, in hex
   * @param startNanos the caller's time at the beginning of the trace
   * @param startMillis the same, in milliseconds since 1970: qvis aligns the traces of both sides
   *     by it, and takes 0 for missing
   */
  public QlogWriter(
      Appendable sink,
      String title,
      String groupId,
      boolean isClient,
      long startNanos,
      long startMillis) {
    this.sink = sink;
    this.isClient = isClient;
    this.startNanos = startNanos;
    String name = harmless(title);
    line.append("{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON-SEQ\",\"title\":\"").append(name);
    line.append("\",\"trace\":{\"title\":\"").append(name);
    line.append("\",\"vantage_point\":{\"type\":\"").append(isClient ? "client" : "server");
    line.append("\"},\"common_fields\":{\"ODCID\":\"").append(harmless(groupId));
    line.append("\",\"protocol_type\":[\"QUIC\"]");
    line.append(",\"time_format\":\"relative\",\"reference_time\":")
        .append(startMillis)
        .append("}}}");
    write();
  }

  /** The error that ended the log, if one did: a connection is not to fail for its log. */
  public @Nullable IOException failure() {
    return failure;
  }

  /** Whose side the log was taken on. */
  public boolean isClient() {
    return isClient;
  }

  @Override
  public void onPacketSent(
      EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {
    packet("transport:packet_sent", level, number, sizeBytes, frames, nowNanos);
  }

  @Override
  public void onPacketReceived(
      EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {
    packet("transport:packet_received", level, number, sizeBytes, frames, nowNanos);
  }

  @Override
  public void onPacketDropped(int datagramBytes, long nowNanos) {
    if (begin("transport:packet_dropped", nowNanos)) {
      line.append("\"raw\":{\"length\":").append(datagramBytes).append('}');
      end();
    }
  }

  @Override
  public void onPacketLost(EncryptionLevel level, long number, long nowNanos) {
    if (begin("recovery:packet_lost", nowNanos)) {
      header(level, number);
      end();
    }
  }

  @Override
  public void onMetrics(Metrics metrics, long nowNanos) {
    if (begin("recovery:metrics_updated", nowNanos)) {
      millis(line.append("\"smoothed_rtt\":"), metrics.smoothedRttNanos());
      millis(line.append(",\"latest_rtt\":"), metrics.latestRttNanos());
      millis(line.append(",\"min_rtt\":"), metrics.minRttNanos());
      millis(line.append(",\"rtt_variance\":"), metrics.rttVarianceNanos());
      line.append(",\"congestion_window\":").append(metrics.windowBytes());
      line.append(",\"bytes_in_flight\":").append(metrics.bytesInFlight());
      end();
    }
  }

  @Override
  public void onKeyUpdate(long generation, long nowNanos) {
    for (String side : List.of("client", "server")) {
      if (begin("security:key_updated", nowNanos)) {
        line.append("\"key_type\":\"").append(side).append("_1rtt_secret\"");
        line.append(",\"generation\":").append(generation);
        end();
      }
    }
  }

  @Override
  public void onState(String state, long nowNanos) {
    if (begin("connectivity:connection_state_updated", nowNanos)) {
      line.append("\"new\":\"").append(harmless(state)).append('"');
      end();
    }
    if (state.equals(LAST_STATE)) {
      flush();
    }
  }

  private void packet(
      String name, EncryptionLevel level, long number, int size, List<Frame> frames, long now) {
    if (begin(name, now)) {
      header(level, number);
      line.append(",\"raw\":{\"length\":").append(size).append("},\"frames\":");
      QlogFrames.append(line, frames);
      end();
    }
  }

  private void header(EncryptionLevel level, long number) {
    String type =
        switch (level) {
          case INITIAL -> "initial";
          case HANDSHAKE -> "handshake";
          case ONE_RTT -> "1RTT";
        };
    line.append("\"header\":{\"packet_type\":\"").append(type);
    line.append("\",\"packet_number\":").append(number).append('}');
  }

  /** Begins an event, unless the log has ended. */
  private boolean begin(String name, long nowNanos) {
    if (failure == null) {
      millis(line.append("{\"time\":"), Math.max(0, nowNanos - startNanos));
      line.append(",\"name\":\"").append(name).append("\",\"data\":{");
    }
    return failure == null;
  }

  private void end() {
    line.append("}}");
    write();
  }

  private static void millis(StringBuilder out, long nanos) {
    long steps = nanos / NANOS_PER_STEP;
    out.append(steps / STEPS_PER_MILLI).append('.');
    String decimals = Long.toString(STEPS_PER_MILLI + steps % STEPS_PER_MILLI);
    out.append(decimals, 1, decimals.length());
  }

  static String harmless(String text) {
    return text.replaceAll("[^ -~]|[\"\\\\]", "_");
  }

  /** Nothing follows: a sink that buffers is told. */
  private void flush() {
    if (sink instanceof Flushable buffer && failure == null) {
      try {
        buffer.flush();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  private void write() {
    try {
      sink.append(line.insert(0, RECORD_SEPARATOR).append('\n'));
    } catch (IOException e) {
      failure = e;
    }
    line.setLength(0);
  }
}
