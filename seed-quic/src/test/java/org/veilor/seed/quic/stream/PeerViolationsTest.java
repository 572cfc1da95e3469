package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.stream.StreamsPeer.stream;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;

/** What a peer may not do, and what it may do without harm. */
class PeerViolationsTest {
  private static final StreamLimits LIMITS = StreamLimits.defaults().withWindows(10_000, 20_000);
  private final StreamsPeer server = new StreamsPeer(false, LIMITS, LIMITS);

  private void assertRefused(TransportErrorCode code, Frame frame) {
    assertThatThrownBy(() -> server.receive(frame, 0))
        .as("%s", frame)
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code.code());
              assertThat(e.frameType()).isEqualTo(frame.type());
            });
  }

  static Stream<Arguments> framesInTheWrongPlace() {
    TransportErrorCode state = TransportErrorCode.STREAM_STATE_ERROR;
    TransportErrorCode limit = TransportErrorCode.STREAM_LIMIT_ERROR;
    return Stream.of(
        // streams of ours that were never opened: bidirectional 1, unidirectional 3 (5, 7 are open)
        Arguments.of(state, stream(9, 0, 1, false)),
        Arguments.of(state, new Frame.ResetStream(9, 0, 0)),
        Arguments.of(state, new Frame.StopSending(9, 0)),
        Arguments.of(state, new Frame.MaxStreamData(9, 0)),
        Arguments.of(state, new Frame.StreamDataBlocked(9, 0)),
        Arguments.of(state, new Frame.StopSending(11, 0)),
        Arguments.of(state, new Frame.MaxStreamData(11, 0)),
        // our unidirectional stream, on which only we send
        Arguments.of(state, stream(7, 0, 1, false)),
        Arguments.of(state, new Frame.ResetStream(7, 0, 0)),
        Arguments.of(state, new Frame.StreamDataBlocked(7, 0)),
        // the peer's unidirectional stream, on which we never send
        Arguments.of(state, new Frame.StopSending(2, 0)),
        Arguments.of(state, new Frame.MaxStreamData(2, 0)),
        // one stream too many
        Arguments.of(limit, stream(400, 0, 1, false)),
        Arguments.of(limit, stream(402, 0, 1, false)),
        Arguments.of(limit, new Frame.ResetStream(400, 0, 0)),
        Arguments.of(limit, new Frame.StopSending(400, 0)),
        Arguments.of(limit, new Frame.MaxStreamData(400, 0)),
        Arguments.of(limit, new Frame.StreamDataBlocked(402, 0)),
        Arguments.of(limit, stream((1L << 62) - 4, 0, 1, false)));
  }

  @ParameterizedTest
  @MethodSource
  void framesInTheWrongPlace(TransportErrorCode code, Frame frame) {
    for (int i = 0; i < 2; i++) {
      server.streams.open(true);
      server.streams.open(false);
    }
    assertRefused(code, frame);
  }

  static Stream<Frame> contradictionsToTheFinalSize() {
    return Stream.of(
        stream(0, 90, 20, false),
        stream(0, 100, 1, false),
        stream(0, 0, 99, true),
        stream(0, 100, 1, true),
        stream(0, 101, 0, true),
        new Frame.ResetStream(0, 0, 99),
        new Frame.ResetStream(0, 0, 101));
  }

  @ParameterizedTest
  @MethodSource("contradictionsToTheFinalSize")
  void theFinalSizeOfAFinDoesNotChange(Frame frame) {
    server.receive(stream(0, 50, 50, true), stream(0, 50, 50, true), stream(0, 100, 0, true));
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, frame);
    server.receive(stream(0, 0, 50, false));
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, frame);
    assertThat(server.drain(0)).isEqualTo(Streams.END);
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, frame);
  }

  @ParameterizedTest
  @MethodSource("contradictionsToTheFinalSize")
  void theFinalSizeOfAResetDoesNotChange(Frame frame) {
    server.receive(new Frame.ResetStream(0, 5, 100), new Frame.ResetStream(0, 6, 100));
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, frame);
    assertThat(server.streams.resetCode(0)).isEqualTo(5);
  }

  @Test
  void theFinalSizeIsNotBelowWhatArrived() {
    server.receive(stream(0, 500, 100, false));
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, stream(0, 0, 10, true));
    assertRefused(TransportErrorCode.FINAL_SIZE_ERROR, new Frame.ResetStream(0, 0, 599));
    server.receive(new Frame.ResetStream(0, 0, 600));
  }

  @Test
  void aStreamMayNotExceedItsCredit() {
    server.receive(stream(0, 9_000, 1_000, false), stream(4, 0, 10_000, true));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(0, 9_500, 501, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(8, 10_000, 1, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(8, (1L << 62) - 2, 1, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, new Frame.ResetStream(8, 0, 10_001));
  }

  @Test
  void allStreamsTogetherMayNotExceedTheCreditOfTheConnection() {
    server.receive(stream(0, 9_999, 1, false), stream(4, 9_998, 1, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(8, 0, 2, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, new Frame.ResetStream(12, 0, 2));
    server.receive(stream(8, 0, 1, false), stream(0, 0, 9_999, false));
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(8, 1, 1, false));
  }

  @Test
  void tooManyGapsEndTheConnection() {
    for (int i = 0; i < 1024; i++) {
      server.receive(stream(0, 2L * i + 1, 1, false));
    }
    assertRefused(TransportErrorCode.INTERNAL_ERROR, stream(0, 3000, 1, false));
  }

  @Test
  void aPeerThatNobodyReadsCostsOneWindow() {
    for (int i = 0; i < 100; i++) {
      server.receive(stream(4L * i, 0, 200, false));
    }
    assertThat(server.streams.bufferedReceiveBytes()).isEqualTo(20_000);
    assertThat(server.streams.hasPending()).as("no new credit").isFalse();
    assertRefused(TransportErrorCode.FLOW_CONTROL_ERROR, stream(0, 200, 1, false));
    assertRefused(TransportErrorCode.STREAM_LIMIT_ERROR, stream(400, 0, 1, false));
  }

  @Test
  void openingAndResettingUnreadStreamsUsesUpTheCredit() {
    for (int i = 0; i < 100; i++) {
      server.receive(new Frame.ResetStream(4L * i + 2, 0, 0));
      server.receive(new Frame.StopSending(4L * i, 0), new Frame.ResetStream(4L * i, 0, 0));
    }
    server.frames();
    server.ackAll();
    assertThat(server.streams.hasPending()).isFalse();
    assertRefused(TransportErrorCode.STREAM_LIMIT_ERROR, new Frame.ResetStream(400, 0, 0));
    assertRefused(TransportErrorCode.STREAM_LIMIT_ERROR, new Frame.ResetStream(402, 0, 0));
    assertThat(server.streams.openStreams()).isEqualTo(200);
  }

  @Test
  void tenThousandResetStreamsLeaveNothingBehind() {
    long allowed = 100;
    for (long index = 0; index < 10_000; index++) {
      assertThat(index).as("credit follows").isLessThan(allowed);
      long id = 4 * index;
      server.receive(stream(id, 10, 90, false), new Frame.ResetStream(id, 1, 120));
      assertThat(server.drain(id)).isEqualTo(Streams.RESET);
      server.streams.reset(id, 2);
      assertThat(server.events()).hasSize(2);
      for (Frame frame : server.frames()) {
        if (frame instanceof Frame.MaxStreams credit) {
          allowed = credit.max();
        }
      }
      server.ackAll();
    }
    assertThat(server.streams.openStreams()).isZero();
    assertThat(server.streams.bufferedReceiveBytes()).isZero();
    server.frames();
    assertThat(server.streams.hasPending()).isFalse();
  }

  @Test
  void repeatedResetsAndStopsOfOneStreamDoNothing() {
    server.receive(new Frame.ResetStream(0, 1, 10), new Frame.StopSending(0, 1));
    assertThat(server.events()).hasSize(3);
    server.frames();
    for (int i = 0; i < 1000; i++) {
      server.receive(new Frame.ResetStream(0, 2, 10), new Frame.StopSending(0, 2));
    }
    assertThat(server.events()).isEmpty();
    assertThat(server.streams.hasPending()).isFalse();
  }
}
