package org.veilor.seed.quic.qlog;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.recovery.SentFrame;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Writes what it observes as qlog 0.3 in JSON text sequences (draft-ietf-quic-qlog-main-schema, RFC
 * 7464), which qvis loads. Where the text goes is the caller's affair.
 */
public final class QlogWriter implements ConnectionObserver {
  private static final char RECORD_SEPARATOR = 0x1e;
  private static final double NANOS_PER_MILLI = 1e6;

  private final Appendable sink;
  private final boolean isClient;
  private final long startNanos;
  private Frame.@Nullable Ack ack;
  private @Nullable IOException failure;

  /**
   * Begins a log with its header.
   *
   * @param title what people call the trace; quotes and control characters are replaced
   * @param groupId the original destination connection id, in hex
   */
  public QlogWriter(
      Appendable sink, String title, String groupId, boolean isClient, long startNanos) {
    this.sink = sink;
    this.isClient = isClient;
    this.startNanos = startNanos;
    write(
        "{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON-SEQ\",\"title\":\""
            + harmless(title)
            + "\",\"trace\":{\"vantage_point\":{\"type\":\""
            + (isClient ? "client" : "server")
            + "\"},\"common_fields\":{\"ODCID\":\""
            + harmless(groupId)
            + "\",\"time_format\":\"relative\",\"reference_time\":0}}}");
  }

  /** The error that ended the log, if one did: a connection is not to fail for its log. */
  public @Nullable IOException failure() {
    return failure;
  }

  @Override
  public void onPacketSent(
      EncryptionLevel level, long number, int sizeBytes, List<SentFrame> frames, long nowNanos) {
    StringBuilder list = new StringBuilder();
    for (SentFrame frame : frames) {
      list.append(list.isEmpty() ? "" : ",").append(describe(frame));
    }
    packet("packet_sent", level, number, sizeBytes, list.toString(), nowNanos);
  }

  @Override
  public void onAckReceived(EncryptionLevel level, Frame.Ack received, long nowNanos) {
    ack = received;
  }

  @Override
  public void onPacketReceived(EncryptionLevel level, long number, int sizeBytes, long nowNanos) {
    packet("packet_received", level, number, sizeBytes, ack == null ? "" : describe(ack), nowNanos);
    ack = null;
  }

  @Override
  public void onPacketDropped(int datagramBytes, long nowNanos) {
    event("transport:packet_dropped", "\"raw\":{\"length\":" + datagramBytes + "}", nowNanos);
  }

  @Override
  public void onPacketLost(EncryptionLevel level, long number, long nowNanos) {
    event("recovery:packet_lost", header(level, number), nowNanos);
  }

  @Override
  public void onMetrics(Metrics metrics, long nowNanos) {
    event(
        "recovery:metrics_updated",
        "\"smoothed_rtt\":"
            + millis(metrics.smoothedRttNanos())
            + ",\"latest_rtt\":"
            + millis(metrics.latestRttNanos())
            + ",\"min_rtt\":"
            + millis(metrics.minRttNanos())
            + ",\"rtt_variance\":"
            + millis(metrics.rttVarianceNanos())
            + ",\"congestion_window\":"
            + metrics.windowBytes()
            + ",\"bytes_in_flight\":"
            + metrics.bytesInFlight(),
        nowNanos);
  }

  @Override
  public void onKeyUpdate(long generation, long nowNanos) {
    for (String side : List.of("client", "server")) {
      String type = "\"key_type\":\"" + side + "_1rtt_secret\",\"generation\":" + generation;
      event("security:key_updated", type, nowNanos);
    }
  }

  @Override
  public void onState(String state, long nowNanos) {
    event("connectivity:connection_state_updated", "\"new\":\"" + harmless(state) + "\"", nowNanos);
  }

  private void packet(
      String name, EncryptionLevel level, long number, int size, String frames, long nowNanos) {
    String raw = ",\"raw\":{\"length\":" + size + "},\"frames\":[" + frames + "]";
    event("transport:" + name, header(level, number) + raw, nowNanos);
  }

  private static String header(EncryptionLevel level, long number) {
    String type =
        switch (level) {
          case INITIAL -> "initial";
          case HANDSHAKE -> "handshake";
          case ONE_RTT -> "1RTT";
        };
    return "\"header\":{\"packet_type\":\"" + type + "\",\"packet_number\":" + number + "}";
  }

  private static String describe(SentFrame frame) {
    return switch (frame) {
      case SentFrame.Crypto f ->
          "{\"frame_type\":\"crypto\",\"offset\":" + f.offset() + ",\"length\":" + f.length() + "}";
      case SentFrame.StreamData f ->
          "{\"frame_type\":\"stream\",\"stream_id\":"
              + f.streamId()
              + ",\"offset\":"
              + f.offset()
              + ",\"length\":"
              + f.length()
              + ",\"fin\":"
              + f.fin()
              + "}";
      case SentFrame.ResetStream f -> ofStream("reset_stream", f.streamId());
      case SentFrame.StopSending f -> ofStream("stop_sending", f.streamId());
      case SentFrame.MaxStreamData f -> ofStream("max_stream_data", f.streamId());
      case SentFrame.MaxData _ -> plain("max_data");
      case SentFrame.MaxStreams _ -> plain("max_streams");
      case SentFrame.Ack f -> acked("[" + f.largest() + "]");
      case SentFrame.NewConnectionId _ -> plain("new_connection_id");
      case SentFrame.RetireConnectionId _ -> plain("retire_connection_id");
      case SentFrame.HandshakeDone _ -> plain("handshake_done");
      case SentFrame.NewToken _ -> plain("new_token");
      case SentFrame.MtuProbe _ -> plain("ping");
    };
  }

  private static String describe(Frame.Ack frame) {
    StringBuilder ranges = new StringBuilder();
    for (int i = frame.rangeCount() - 1; i >= 0; i--) {
      ranges.append(ranges.isEmpty() ? "" : ",");
      ranges.append('[').append(frame.smallestOf(i)).append(',').append(frame.largestOf(i));
      ranges.append(']');
    }
    return acked(ranges.toString());
  }

  private static String plain(String type) {
    return "{\"frame_type\":\"" + type + "\"}";
  }

  private static String ofStream(String type, long streamId) {
    return "{\"frame_type\":\"" + type + "\",\"stream_id\":" + streamId + "}";
  }

  private static String acked(String ranges) {
    return "{\"frame_type\":\"ack\",\"acked_ranges\":[" + ranges + "]}";
  }

  private void event(String name, String data, long nowNanos) {
    String time = millis(nowNanos - startNanos);
    write("{\"time\":" + time + ",\"name\":\"" + name + "\",\"data\":{" + data + "}}");
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.4f", nanos / NANOS_PER_MILLI);
  }

  private static String harmless(String text) {
    return text.replaceAll("[\\p{Cntrl}\"\\\\]", "_");
  }

  private void write(String json) {
    if (failure != null) {
      return;
    }
    try {
      sink.append(RECORD_SEPARATOR).append(json).append('\n');
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Whose side the log was taken on. */
  public boolean isClient() {
    return isClient;
  }
}
