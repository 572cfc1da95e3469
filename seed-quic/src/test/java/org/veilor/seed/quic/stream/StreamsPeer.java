package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameReader;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.recovery.SentFrame;

/** One side of a connection in tests: its streams, and packets as lists of frames. */
final class StreamsPeer {
  static final int PACKET_BYTES = 1200;

  final Streams streams;
  final List<SentFrame> sent = new ArrayList<>();
  boolean saidStreamsBlocked;

  StreamsPeer(boolean isClient, StreamLimits limits) {
    streams = new Streams(isClient, limits);
  }

  /** A peer whose counterpart has these limits. */
  StreamsPeer(boolean isClient, StreamLimits limits, StreamLimits counterpart) {
    this(isClient, limits);
    streams.setPeerParameters(parameters(counterpart));
  }

  static TransportParameters parameters(StreamLimits limits) {
    return TransportParameters.builder()
        .initialMaxData(limits.initialConnectionWindow())
        .initialMaxStreamDataBidiLocal(limits.initialStreamWindow())
        .initialMaxStreamDataBidiRemote(limits.initialStreamWindow())
        .initialMaxStreamDataUni(limits.initialStreamWindow())
        .initialMaxStreamsBidi(limits.maxBidirectional())
        .initialMaxStreamsUni(limits.maxUnidirectional())
        .build();
  }

  /** The payload of one packet; what it carried is in {@link #sent}. */
  ByteBuffer packet(int bytes) {
    sent.clear();
    ByteBuffer packet = ByteBuffer.allocate(bytes);
    saidStreamsBlocked = streams.writeFrames(packet, sent);
    return packet.flip();
  }

  static List<Frame> parse(ByteBuffer payload) {
    List<Frame> frames = new ArrayList<>();
    try {
      FrameReader reader = new FrameReader(payload, PacketType.ONE_RTT);
      while (reader.hasNext()) {
        frames.add(reader.next());
      }
    } catch (TransportException e) {
      throw new AssertionError("wrote a bad frame", e);
    }
    return frames;
  }

  /** The frames of one packet. */
  List<Frame> frames() {
    return parse(packet(PACKET_BYTES));
  }

  /** Gives a frame to the streams, as the connection would. */
  void receive(Frame frame, long now) throws TransportException {
    switch (frame) {
      case Frame.Stream f -> streams.onStream(f, now);
      case Frame.ResetStream f -> streams.onResetStream(f);
      case Frame.StopSending f -> streams.onStopSending(f);
      case Frame.MaxData f -> streams.onMaxData(f);
      case Frame.MaxStreamData f -> streams.onMaxStreamData(f);
      case Frame.MaxStreams f -> streams.onMaxStreams(f);
      case Frame.StreamDataBlocked f -> streams.onStreamDataBlocked(f);
      case Frame.StreamsBlocked _ -> {}
      default -> throw new AssertionError("not a frame of streams: " + frame);
    }
  }

  void receive(Frame... frames) {
    for (Frame frame : frames) {
      try {
        receive(frame, 0);
      } catch (TransportException e) {
        throw new AssertionError(frame.toString(), e);
      }
    }
  }

  /** Sends everything that is due to the other peer and acknowledges it at once. */
  void sendAllTo(StreamsPeer other) {
    for (int i = 0; streams.hasPending(); i++) {
      assertThat(i).as("sending ends").isLessThan(100_000);
      other.receive(frames().toArray(Frame[]::new));
      ackAll();
    }
  }

  void ackAll() {
    for (SentFrame frame : List.copyOf(sent)) {
      streams.onAcked(frame, 0);
    }
  }

  void loseAll() {
    for (SentFrame frame : List.copyOf(sent)) {
      streams.onLost(frame);
    }
  }

  List<StreamEvent> events() {
    List<StreamEvent> events = new ArrayList<>();
    for (StreamEvent event = streams.nextEvent(); event != null; event = streams.nextEvent()) {
      events.add(event);
    }
    return events;
  }

  /** Reads what there is, and says how reading ended: 0, END or RESET. */
  int drain(long id) {
    byte[] target = new byte[4096];
    int result = streams.read(id, target, 0, target.length);
    while (result > 0) {
      result = streams.read(id, target, 0, target.length);
    }
    return result;
  }

  static Frame.Stream stream(long id, long offset, int length, boolean fin) {
    return new Frame.Stream(id, offset, ByteBuffer.allocate(length), fin);
  }
}
