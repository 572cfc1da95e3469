package org.veilor.seed.quic.qlog;

import java.util.List;
import org.veilor.seed.quic.frame.Frame;

/** Frames as qlog 0.3 describes them (draft-ietf-quic-qlog-quic-events, "QuicFrame"). */
final class QlogFrames {
  private QlogFrames() {}

  /** Appends a JSON array. */
  static void append(StringBuilder out, List<Frame> frames) {
    out.append('[');
    for (int i = 0; i < frames.size(); i++) {
      out.append(i == 0 ? "{" : ",{");
      append(out, frames.get(i));
      out.append('}');
    }
    out.append(']');
  }

  private static void append(StringBuilder out, Frame frame) {
    switch (frame) {
      case Frame.Padding f -> length(type(out, "padding"), f.length());
      case Frame.Ping _ -> type(out, "ping");
      case Frame.Ack f -> ack(out, f);
      case Frame.ResetStream f ->
          number(
              number(
                  streamId(type(out, "reset_stream"), f.streamId()), "error_code", f.errorCode()),
              "final_size",
              f.finalSize());
      case Frame.StopSending f ->
          number(streamId(type(out, "stop_sending"), f.streamId()), "error_code", f.errorCode());
      case Frame.Crypto f ->
          length(number(type(out, "crypto"), "offset", f.offset()), f.data().remaining());
      case Frame.NewToken f -> length(type(out, "new_token"), f.token().length);
      case Frame.Stream f -> {
        number(streamId(type(out, "stream"), f.streamId()), "offset", f.offset());
        length(out, f.data().remaining()).append(",\"fin\":").append(f.fin());
      }
      case Frame.MaxData f -> number(type(out, "max_data"), "maximum", f.max());
      case Frame.MaxStreamData f ->
          number(streamId(type(out, "max_stream_data"), f.streamId()), "maximum", f.max());
      case Frame.MaxStreams f ->
          number(kind(type(out, "max_streams"), f.bidirectional()), "maximum", f.max());
      case Frame.DataBlocked f -> number(type(out, "data_blocked"), "limit", f.limit());
      case Frame.StreamDataBlocked f ->
          number(streamId(type(out, "stream_data_blocked"), f.streamId()), "limit", f.limit());
      case Frame.StreamsBlocked f ->
          number(kind(type(out, "streams_blocked"), f.bidirectional()), "limit", f.limit());
      // The stateless reset token stays out: who reads the log could end the connection with it.
      case Frame.NewConnectionId f ->
          number(
                  number(type(out, "new_connection_id"), "sequence_number", f.sequence()),
                  "retire_prior_to",
                  f.retirePriorTo())
              .append(",\"connection_id\":\"")
              .append(f.id())
              .append('"');
      case Frame.RetireConnectionId f ->
          number(type(out, "retire_connection_id"), "sequence_number", f.sequence());
      case Frame.PathChallenge _ -> type(out, "path_challenge");
      case Frame.PathResponse _ -> type(out, "path_response");
      case Frame.ConnectionClose f -> close(out, "transport", f.code(), f.reason());
      case Frame.ApplicationClose f -> close(out, "application", f.code(), f.reason());
      case Frame.HandshakeDone _ -> type(out, "handshake_done");
      case Frame.Datagram f -> length(type(out, "datagram"), f.data().remaining());
    }
  }

  private static StringBuilder type(StringBuilder out, String name) {
    return out.append("\"frame_type\":\"").append(name).append('"');
  }

  private static StringBuilder number(StringBuilder out, String name, long value) {
    return out.append(",\"").append(name).append("\":").append(value);
  }

  private static StringBuilder streamId(StringBuilder out, long id) {
    return number(out, "stream_id", id);
  }

  private static StringBuilder length(StringBuilder out, long bytes) {
    return number(out, "length", bytes);
  }

  private static StringBuilder kind(StringBuilder out, boolean bidirectional) {
    String kind = bidirectional ? "bidirectional" : "unidirectional";
    return out.append(",\"stream_type\":\"").append(kind).append('"');
  }

  private static void ack(StringBuilder out, Frame.Ack frame) {
    type(out, "ack").append(",\"acked_ranges\":[");
    for (int i = frame.rangeCount() - 1; i >= 0; i--) {
      out.append('[').append(frame.smallestOf(i)).append(',').append(frame.largestOf(i));
      out.append(i == 0 ? "]" : "],");
    }
    out.append(']');
  }

  private static void close(StringBuilder out, String space, long code, String reason) {
    type(out, "connection_close").append(",\"error_space\":\"").append(space).append('"');
    number(out, "raw_error_code", code).append(",\"reason\":\"");
    out.append(QlogWriter.harmless(reason)).append('"');
  }
}
