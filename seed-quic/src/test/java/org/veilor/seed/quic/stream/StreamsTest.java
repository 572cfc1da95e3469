package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.stream.StreamsPeer.stream;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.recovery.SentFrame;

/** The life of streams: opening, data in both directions, ends, resets, and being freed. */
class StreamsTest {
  private static final StreamLimits LIMITS = StreamLimits.defaults();
  private final StreamsPeer client = new StreamsPeer(true, LIMITS, LIMITS);
  private final StreamsPeer server = new StreamsPeer(false, LIMITS, LIMITS);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void write(StreamsPeer peer, long id, int length) {
    peer.streams.write(id, new byte[length], 0, length);
  }

  @Test
  void aRequestAndItsResponse() {
    long id = client.streams.open(true);
    assertThat(id).isZero();
    client.streams.write(id, utf8("xhellox"), 1, 5);
    client.streams.finish(id);
    assertThat(client.streams.writableBytes(id)).isEqualTo(-1);
    client.sendAllTo(server);
    assertThat(client.events()).containsExactly(new StreamEvent.Finished(0));
    assertThat(server.events())
        .containsExactly(new StreamEvent.Opened(0), new StreamEvent.Readable(0));
    byte[] target = new byte[10];
    assertThat(server.streams.readableBytes(0)).isEqualTo(5);
    assertThat(server.streams.read(0, target, 0, 10)).isEqualTo(5);
    assertThat(target).startsWith(utf8("hello"));
    assertThat(server.streams.read(0, target, 0, 10)).isEqualTo(Streams.END);
    server.streams.write(0, utf8("world"), 0, 5);
    server.streams.finish(0);
    assertThat(server.streams.bufferedSendBytes()).isEqualTo(5);
    server.sendAllTo(client);
    assertThat(client.streams.openStreams()).isEqualTo(1);
    assertThat(client.streams.read(0, target, 0, 10)).isEqualTo(5);
    assertThat(client.streams.read(0, target, 0, 10)).isEqualTo(Streams.END);
    assertThat(client.streams.openStreams()).isZero();
    assertThat(server.streams.openStreams()).isZero();
    assertThat(server.streams.bufferedSendBytes()).isZero();
    assertThat(client.streams.bufferedReceiveBytes()).isZero();
    assertThat(client.streams.open(true)).as("ids are never used again").isEqualTo(4);
  }

  @Test
  void idsTellWhoAndWhat() {
    assertThat(client.streams.open(true)).isZero();
    assertThat(server.streams.open(true)).isEqualTo(1);
    assertThat(client.streams.open(false)).isEqualTo(2);
    assertThat(server.streams.open(false)).isEqualTo(3);
    assertThat(server.streams.open(false)).isEqualTo(7);
  }

  @Test
  void aUnidirectionalStreamHasOneHalf() {
    long id = client.streams.open(false);
    assertThat(client.streams.read(id, new byte[1], 0, 1)).isEqualTo(Streams.RESET);
    write(client, id, 10);
    client.streams.finish(id);
    client.sendAllTo(server);
    assertThat(client.streams.openStreams()).isZero();
    assertThat(server.streams.writableBytes(id)).isEqualTo(-1);
    assertThat(server.drain(id)).isEqualTo(Streams.END);
    assertThat(server.streams.openStreams()).isZero();
  }

  @Test
  void anEmptyStreamIsAFinAlone() {
    long id = client.streams.open(true);
    assertThat(client.streams.hasPending()).as("opening says nothing").isFalse();
    client.streams.finish(id);
    assertThat(client.frames()).containsExactly(stream(0, 0, 0, true));
    client.loseAll();
    assertThat(client.frames()).containsExactly(stream(0, 0, 0, true));
    server.receive(stream(0, 0, 0, true));
    assertThat(server.events()).contains(new StreamEvent.Readable(0));
    assertThat(server.drain(0)).isEqualTo(Streams.END);
  }

  @Test
  void theFinFollowsAlreadySentData() {
    long id = client.streams.open(true);
    write(client, id, 100);
    assertThat(client.frames()).containsExactly(stream(0, 0, 100, false));
    client.streams.finish(id);
    List<SentFrame> first = List.copyOf(client.sent);
    assertThat(client.frames()).containsExactly(stream(0, 100, 0, true));
    // The FIN is acknowledged first, the data is lost: only the data is sent again, with the FIN
    // bit.
    client.ackAll();
    first.forEach(client.streams::onLost);
    assertThat(client.frames()).containsExactly(stream(0, 0, 100, true));
    client.ackAll();
    assertThat(client.events()).containsExactly(new StreamEvent.Finished(0));
  }

  @Test
  void lowerStreamsAreOpenedImplicitly() {
    server.receive(stream(8, 0, 1, false));
    assertThat(server.events())
        .containsExactly(
            new StreamEvent.Opened(0),
            new StreamEvent.Opened(4),
            new StreamEvent.Opened(8),
            new StreamEvent.Readable(8));
    server.receive(new Frame.MaxStreamData(12, 5), new Frame.StopSending(16, 5));
    assertThat(server.events())
        .containsExactly(
            new StreamEvent.Opened(12), new StreamEvent.Opened(16), new StreamEvent.Stopped(16, 5));
  }

  @Test
  void eventsAreCoalesced() {
    for (int i = 0; i < 10; i++) {
      server.receive(stream(0, i, 1, false));
    }
    server.receive(stream(0, 20, 1, false));
    assertThat(server.events())
        .containsExactly(new StreamEvent.Opened(0), new StreamEvent.Readable(0));
    server.receive(stream(0, 22, 1, false));
    assertThat(server.events()).as("nothing new in order").isEmpty();
    server.receive(stream(0, 10, 10, false));
    assertThat(server.events()).containsExactly(new StreamEvent.Readable(0));
  }

  @Test
  void aResetDropsUnsentDataAndTellsThePeer() {
    long id = client.streams.open(true);
    write(client, id, 5000);
    server.receive(client.frames().toArray(Frame[]::new));
    client.streams.reset(id, 7);
    client.streams.reset(id, 8);
    assertThat(client.streams.bufferedSendBytes()).isZero();
    assertThat(client.streams.writableBytes(id)).isEqualTo(-1);
    client.loseAll();
    List<Frame> frames = client.frames();
    assertThat(frames).hasSize(1);
    Frame.ResetStream reset = (Frame.ResetStream) frames.getFirst();
    assertThat(reset.errorCode()).isEqualTo(7);
    assertThat(reset.finalSize()).isBetween(1180L, 1200L);
    client.loseAll();
    assertThat(client.frames()).containsExactly(reset);
    server.receive(reset);
    client.ackAll();
    assertThat(client.streams.hasPending()).isFalse();
    assertThat(server.events()).contains(new StreamEvent.ResetByPeer(0, 7));
  }

  @Test
  void whatArrivedInOrderBeforeAResetCanBeRead() {
    server.receive(
        stream(0, 0, 1000, false), stream(0, 1500, 100, false), new Frame.ResetStream(0, 3, 9000));
    assertThat(server.streams.resetCode(0)).isEqualTo(3);
    assertThat(server.streams.readableBytes(0)).isEqualTo(1000);
    assertThat(server.streams.bufferedReceiveBytes()).isEqualTo(1000);
    server.receive(stream(0, 1000, 500, false));
    byte[] target = new byte[600];
    assertThat(server.streams.read(0, target, 0, 600)).isEqualTo(600);
    assertThat(server.streams.read(0, target, 0, 600)).isEqualTo(400);
    assertThat(server.streams.read(0, target, 0, 600)).isEqualTo(Streams.RESET);
    assertThat(server.streams.bufferedReceiveBytes()).isZero();
    assertThat(server.streams.resetCode(0)).as("until the other half ends").isEqualTo(3);
    server.streams.finish(0);
    server.frames();
    server.ackAll();
    assertThat(server.streams.openStreams()).isZero();
    assertThat(server.streams.resetCode(0)).isEqualTo(-1);
  }

  @Test
  void aResetAfterAllDataChangesNothing() {
    server.receive(stream(0, 0, 10, true), new Frame.ResetStream(0, 3, 10));
    assertThat(server.events()).doesNotContain(new StreamEvent.ResetByPeer(0, 3));
    assertThat(server.drain(0)).isEqualTo(Streams.END);
  }

  @Test
  void stopSendingIsAnsweredWithAResetOfTheSameCode() {
    long id = client.streams.open(true);
    write(client, id, 5000);
    client.frames();
    client.receive(new Frame.StopSending(id, 42), new Frame.StopSending(id, 43));
    assertThat(client.events()).containsExactly(new StreamEvent.Stopped(id, 42));
    assertThat(client.streams.writableBytes(id)).isEqualTo(-1);
    assertThat(client.frames())
        .singleElement()
        .isInstanceOfSatisfying(
            Frame.ResetStream.class, f -> assertThat(f.errorCode()).isEqualTo(42));
    client.streams.finish(id);
    client.streams.reset(id, 1);
    assertThat(client.streams.hasPending()).isFalse();
  }

  @Test
  void stopSendingOfAFinishedStreamIsIgnored() {
    long id = client.streams.open(true);
    write(client, id, 10);
    client.streams.finish(id);
    client.frames();
    client.ackAll();
    client.events();
    client.receive(new Frame.StopSending(id, 42));
    assertThat(client.events()).isEmpty();
    assertThat(client.streams.hasPending()).isFalse();
  }

  @Test
  void anUnwantedStreamIsDrainedUntilItsEnd() {
    long id = client.streams.open(true);
    server.receive(stream(id, 0, 100, false));
    server.streams.stopSending(id, 9);
    assertThat(server.streams.bufferedReceiveBytes()).isZero();
    assertThat(server.streams.read(id, new byte[1], 0, 1)).isEqualTo(Streams.RESET);
    assertThat(server.frames()).containsExactly(new Frame.StopSending(id, 9));
    server.loseAll();
    assertThat(server.frames()).containsExactly(new Frame.StopSending(id, 9));
    server.receive(stream(id, 500, 100, false));
    assertThat(server.streams.bufferedReceiveBytes()).isZero();
    server.receive(stream(id, 700, 0, true));
    server.loseAll();
    assertThat(server.streams.hasPending()).as("the size is known: nothing to stop").isFalse();
    server.streams.finish(id);
    server.frames();
    server.ackAll();
    assertThat(server.streams.openStreams()).isZero();
  }

  @Test
  void stoppingWhatEndedAlreadyFreesIt() {
    server.receive(stream(2, 0, 10, true), stream(6, 5, 10, true));
    server.receive(stream(10, 0, 10, false), new Frame.ResetStream(10, 1, 20));
    for (long id = 2; id <= 10; id += 4) {
      server.streams.stopSending(id, 0);
    }
    assertThat(server.streams.openStreams()).isZero();
    assertThat(server.streams.hasPending()).isFalse();
    assertThat(server.streams.bufferedReceiveBytes()).isZero();
  }

  @Test
  void framesForStreamsThatAreGoneAreIgnored() {
    long mine = client.streams.open(true);
    client.streams.finish(mine);
    client.sendAllTo(server);
    assertThat(server.drain(mine)).isEqualTo(Streams.END);
    server.streams.finish(mine);
    server.sendAllTo(client);
    assertThat(client.drain(mine)).isEqualTo(Streams.END);
    for (StreamsPeer peer : List.of(client, server)) {
      assertThat(peer.streams.openStreams()).isZero();
      peer.events();
      peer.receive(
          stream(mine, 0, 10, true),
          new Frame.ResetStream(mine, 1, 5),
          new Frame.StopSending(mine, 1),
          new Frame.MaxStreamData(mine, 1 << 20),
          new Frame.StreamDataBlocked(mine, 0));
      assertThat(peer.events()).isEmpty();
      assertThat(peer.streams.openStreams()).isZero();
      assertThat(peer.streams.hasPending()).isFalse();
      assertThat(peer.streams.read(mine, new byte[1], 0, 1)).isEqualTo(Streams.RESET);
      peer.streams.finish(mine);
      peer.streams.reset(mine, 0);
      peer.streams.stopSending(mine, 0);
      peer.streams.onAcked(new SentFrame.StreamData(mine, 0, 0, true), 0);
      peer.streams.onLost(new SentFrame.StreamData(mine, 0, 0, true));
      assertThat(peer.streams.hasPending()).isFalse();
    }
  }

  @Test
  void writingIntoAClosedStreamIsABug() {
    long id = client.streams.open(true);
    client.streams.finish(id);
    assertThatThrownBy(() -> write(client, id, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> write(client, 400, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void openingWaitsForCreditAndSaysSo() {
    StreamsPeer peer = new StreamsPeer(true, LIMITS);
    assertThat(peer.streams.open(true)).isEqualTo(-1);
    assertThat(peer.streams.hasPending()).isFalse();
    peer.streams.setPeerParameters(StreamsPeer.parameters(LIMITS.withMaxStreams(1, 0)));
    assertThat(peer.events()).containsExactly(new StreamEvent.StreamsAvailable(true));
    assertThat(peer.streams.open(true)).isZero();
    assertThat(peer.streams.open(true)).isEqualTo(-1);
    assertThat(peer.streams.open(false)).isEqualTo(-1);
    assertThat(peer.frames())
        .containsExactly(new Frame.StreamsBlocked(true, 1), new Frame.StreamsBlocked(false, 0));
    assertThat(peer.saidStreamsBlocked).isTrue();
    assertThat(peer.sent).isEmpty();
    assertThat(peer.streams.open(true)).isEqualTo(-1);
    assertThat(peer.streams.hasPending()).isFalse();
    peer.receive(new Frame.MaxStreams(true, 1), new Frame.MaxStreams(true, 2));
    assertThat(peer.events()).containsExactly(new StreamEvent.StreamsAvailable(true));
    assertThat(peer.streams.open(true)).isEqualTo(4);
  }
}
