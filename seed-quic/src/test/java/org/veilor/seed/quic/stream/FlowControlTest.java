package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.stream.StreamsPeer.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.recovery.SentFrame;

/** Credit in both directions, send buffers, and who is sent when. */
class FlowControlTest {
  private static final StreamLimits LIMITS = StreamLimits.defaults().withWindows(10_000, 15_000);
  private static final int LENGTH_BIT = 0x02;
  private final StreamsPeer client = new StreamsPeer(true, LIMITS, LIMITS);
  private final StreamsPeer server = new StreamsPeer(false, LIMITS, LIMITS);

  private static long openAndWrite(StreamsPeer peer, int length) {
    long id = peer.streams.open(true);
    peer.streams.write(id, new byte[length], 0, length);
    return id;
  }

  /** All STREAM frames there are now, without acknowledging them. */
  private static List<Frame.Stream> sendAll(StreamsPeer peer) {
    List<Frame.Stream> frames = new ArrayList<>();
    while (peer.streams.hasPending()) {
      List<Frame> packet = peer.frames();
      assertThat(packet).as("pending means something is written").isNotEmpty();
      for (Frame frame : packet) {
        if (frame instanceof Frame.Stream stream) {
          frames.add(stream);
        }
      }
    }
    return frames;
  }

  private static long bytes(List<Frame.Stream> frames) {
    return frames.stream().mapToLong(frame -> frame.data().remaining()).sum();
  }

  @Test
  void aStreamStopsAtItsCreditAndGoesOnWithMore() {
    long id = openAndWrite(client, 30_000);
    client.streams.finish(id);
    assertThat(bytes(sendAll(client))).isEqualTo(10_000);
    client.receive(new Frame.MaxStreamData(id, 9_000));
    assertThat(client.streams.hasPending()).as("credit never shrinks").isFalse();
    client.receive(new Frame.MaxStreamData(id, 12_000));
    assertThat(bytes(sendAll(client))).isEqualTo(2_000);
    client.receive(new Frame.MaxStreamData(id, 40_000));
    assertThat(bytes(sendAll(client))).as("now the connection limits").isEqualTo(3_000);
    client.receive(new Frame.MaxData(29_999));
    assertThat(bytes(sendAll(client))).isEqualTo(14_999);
    client.receive(new Frame.MaxData(30_000));
    assertThat(sendAll(client)).containsExactly(stream(id, 29_999, 1, true));
  }

  @Test
  void retransmissionsAndFinsNeedNoCredit() {
    openAndWrite(client, 10_000);
    openAndWrite(client, 10_000);
    long empty = client.streams.open(true);
    sendAll(client);
    client.loseAll();
    client.streams.finish(empty);
    List<Frame.Stream> again = sendAll(client);
    assertThat(bytes(again)).isPositive();
    assertThat(again).contains(stream(empty, 0, 0, true));
  }

  @Test
  void streamsBlockedByTheConnectionShareNewCredit() {
    for (int i = 0; i < 5; i++) {
      openAndWrite(client, 9_000);
    }
    assertThat(bytes(sendAll(client))).isEqualTo(15_000);
    client.receive(new Frame.MaxData(20_000));
    List<Frame.Stream> frames = sendAll(client);
    assertThat(bytes(frames)).isEqualTo(5_000);
    assertThat(frames.stream().map(Frame.Stream::streamId).distinct().count()).isGreaterThan(3);
  }

  @Test
  void creditIsGivenWhenHalfAWindowWasRead() {
    server.receive(stream(0, 0, 10_000, false));
    byte[] target = new byte[10_000];
    server.streams.read(0, target, 0, 4_999);
    assertThat(server.streams.hasPending()).isFalse();
    server.streams.read(0, target, 0, 1);
    assertThat(server.frames()).containsExactly(new Frame.MaxStreamData(0, 15_000));
    server.streams.read(0, target, 0, 2_500);
    assertThat(server.frames()).containsExactly(new Frame.MaxData(22_500));
    server.loseAll();
    server.streams.read(0, target, 0, 100);
    assertThat(server.frames())
        .as("with the newest value")
        .containsExactly(new Frame.MaxData(22_600));
    server.streams.onLost(new SentFrame.MaxStreamData(0));
    assertThat(server.frames()).containsExactly(new Frame.MaxStreamData(0, 17_600));
    server.receive(stream(0, 17_600, 0, true));
    server.loseAll();
    assertThat(server.streams.hasPending()).as("the size is known").isFalse();
  }

  @Test
  void droppedBytesGiveCreditToo() {
    server.receive(stream(0, 5_000, 1_000, false), new Frame.ResetStream(0, 0, 8_000));
    assertThat(server.frames()).containsExactly(new Frame.MaxData(23_000));
    server.receive(stream(4, 0, 9_000, false));
    server.streams.stopSending(4, 0);
    assertThat(server.frames())
        .containsExactly(new Frame.MaxData(32_000), new Frame.StopSending(4, 0));
  }

  @Test
  void windowsGrowForAFastReader() {
    StreamLimits growing =
        new StreamLimits(10_000, 80_000, 10_000, 100_000, 10, 10, 1 << 20, 1 << 20, 100);
    StreamsPeer reader = new StreamsPeer(false, growing, growing);
    reader.streams.setRttNanos(50_000_000);
    long received = 0;
    long credit = 10_000;
    long now = 0;
    for (int round = 0; round < 20; round++) {
      now += 50_000_000;
      try {
        while (received < credit) {
          int length = (int) Math.min(1_000, credit - received);
          reader.receive(stream(0, received, length, false), now);
          received += length;
          reader.drain(0);
        }
      } catch (TransportException e) {
        throw new AssertionError(e);
      }
      for (Frame frame : reader.frames()) {
        if (frame instanceof Frame.MaxStreamData more) {
          credit = more.max();
        }
      }
    }
    assertThat(credit - received).isBetween(40_000L, 80_000L);
  }

  @Test
  void sendBuffersAreLimitedAndWriterIsWoken() {
    StreamLimits small = LIMITS.withSendBuffers(4_000, 6_000);
    StreamsPeer peer = new StreamsPeer(true, small, StreamLimits.defaults());
    long a = peer.streams.open(true);
    assertThat(peer.streams.writableBytes(a)).isEqualTo(4_000);
    peer.streams.write(a, new byte[4_000], 0, 4_000);
    assertThat(peer.streams.writableBytes(a)).isZero();
    assertThatThrownBy(() -> peer.streams.write(a, new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
    peer.frames();
    peer.ackAll();
    assertThat(peer.events()).as("too little to be worth it").isEmpty();
    peer.frames();
    peer.ackAll();
    assertThat(peer.events()).containsExactly(new StreamEvent.Writable(a));
    peer.frames();
    peer.ackAll();
    assertThat(peer.events()).as("nobody waits").isEmpty();
    assertThat(peer.streams.writableBytes(a)).isGreaterThan(3_000);
  }

  @Test
  void aFullConnectionLeavesEachStreamItsShare() {
    StreamLimits small = LIMITS.withSendBuffers(200_000, 200_000);
    StreamsPeer peer = new StreamsPeer(true, small, LIMITS);
    long a = peer.streams.open(true);
    peer.streams.write(a, new byte[200_000], 0, 200_000);
    long b = peer.streams.open(true);
    assertThat(peer.streams.writableBytes(b)).isEqualTo(StreamLimits.MIN_SHARE);
    peer.streams.write(b, new byte[60_000], 0, 60_000);
    assertThat(peer.streams.writableBytes(b)).isEqualTo(StreamLimits.MIN_SHARE - 60_000);
    peer.events();
    peer.streams.reset(a, 0);
    assertThat(peer.events()).containsExactly(new StreamEvent.Writable(b));
    assertThat(peer.streams.writableBytes(b)).isEqualTo(140_000);
    assertThat(peer.streams.bufferedSendBytes()).isEqualTo(60_000);
  }

  @Test
  void streamsTakeTurnsPacketByPacket() {
    StreamsPeer peer = new StreamsPeer(true, LIMITS, StreamLimits.defaults());
    for (int i = 0; i < 3; i++) {
      openAndWrite(peer, 5_000);
    }
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      List<Frame> packet = peer.frames();
      assertThat(packet).hasSize(1);
      order.add(((Frame.Stream) packet.getFirst()).streamId());
    }
    assertThat(order).containsExactly(0L, 4L, 8L, 0L, 4L, 8L, 0L, 4L, 8L);
  }

  @Test
  void smallStreamsShareAPacketAndLostDataGoesFirst() {
    StreamsPeer peer = new StreamsPeer(true, LIMITS, StreamLimits.defaults());
    openAndWrite(peer, 5_000);
    peer.frames();
    List<SentFrame> lost = List.copyOf(peer.sent);
    for (int i = 0; i < 3; i++) {
      openAndWrite(peer, 10);
    }
    lost.forEach(peer.streams::onLost);
    List<Frame> packet = peer.frames();
    Frame.Stream first = (Frame.Stream) packet.getFirst();
    assertThat(first.streamId()).isZero();
    assertThat(first.offset()).isZero();
    List<Long> ids = new ArrayList<>();
    sendAll(peer).forEach(frame -> ids.add(frame.streamId()));
    assertThat(ids).contains(4L, 8L, 12L);
    assertThat(ids.indexOf(12L)).as("within two turns").isLessThan(5);
  }

  @Test
  void aFrameThatFillsThePacketHasNoLength() {
    StreamsPeer peer = new StreamsPeer(true, LIMITS, StreamLimits.defaults());
    long id = openAndWrite(peer, 298 + 297 + 100);
    // type, id and 298 bytes; then type, id, a two-byte offset and 296 bytes
    for (int expected : new int[] {298, 296}) {
      ByteBuffer payload = peer.packet(300);
      assertThat(payload.remaining()).isEqualTo(300);
      assertThat(payload.get(0) & LENGTH_BIT).isZero();
      assertThat(bytes(List.of((Frame.Stream) StreamsPeer.parse(payload).getFirst())))
          .isEqualTo(expected);
    }
    peer.streams.finish(id);
    ByteBuffer last = peer.packet(300);
    assertThat(last.remaining()).isLessThan(300);
    assertThat(last.get(0) & LENGTH_BIT).isEqualTo(LENGTH_BIT);
    assertThat(StreamsPeer.parse(last)).containsExactly(stream(id, 594, 101, true));
  }

  @Test
  void noPacketIsTooSmallOrTooLarge() {
    for (int size = 1; size < 300; size++) {
      StreamsPeer peer = new StreamsPeer(true, LIMITS, StreamLimits.defaults());
      long id = openAndWrite(peer, 500);
      openAndWrite(peer, 3);
      peer.streams.finish(id);
      ByteBuffer payload = peer.packet(size);
      int data = 0;
      for (Frame frame : StreamsPeer.parse(payload.duplicate())) {
        data += ((Frame.Stream) frame).data().remaining();
      }
      if (size > 20) {
        assertThat(data).as("packet of %d", size).isBetween(size - 9, size);
      }
    }
  }
}
