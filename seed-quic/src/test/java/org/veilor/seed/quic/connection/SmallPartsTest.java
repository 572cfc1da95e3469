package org.veilor.seed.quic.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameReader;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.recovery.SentFrame;

/** The parts of a connection that are small state machines of their own. */
class SmallPartsTest {
  // ---- CryptoStream

  private static void take(CryptoStream stream, ByteArrayOutputStream out) {
    for (ByteBuffer b = stream.nextInOrder(); b != null; b = stream.nextInOrder()) {
      while (b.hasRemaining()) {
        out.write(b.get());
      }
    }
  }

  @Test
  void handshakeBytesArriveInOrderWhateverIsLostReorderedOrRepeated() throws TransportException {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      byte[] message = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(message);
      CryptoStream from = new CryptoStream();
      CryptoStream to = new CryptoStream();
      int cut = random.nextInt(message.length);
      from.send(Arrays.copyOf(message, cut));
      from.send(Arrays.copyOfRange(message, cut, message.length));
      ByteArrayOutputStream arrived = new ByteArrayOutputStream();
      List<Frame.Crypto> late = new ArrayList<>();
      while (from.hasPending()) {
        ByteBuffer packet = ByteBuffer.allocate(60 + random.nextInt(1200));
        List<SentFrame> sent = new ArrayList<>();
        from.writeFrames(packet, sent);
        FrameReader reader = new FrameReader(packet.flip(), PacketType.INITIAL);
        while (reader.hasNext()) {
          Frame.Crypto frame = (Frame.Crypto) reader.next();
          switch (random.nextInt(4)) {
            case 0 -> from.onLost(new SentFrame.Crypto(frame.offset(), frame.data().remaining()));
            case 1 -> late.add(frame);
            default -> {
              to.receive(frame);
              to.receive(frame);
            }
          }
          take(to, arrived);
        }
      }
      for (Frame.Crypto frame : late.reversed()) {
        to.receive(frame);
      }
      take(to, arrived);
      assertThat(arrived.toByteArray()).as("seed " + seed).isEqualTo(message);
    }
  }

  @Test
  void handshakeBytesAheadAreBoundedInSizeAndNumber() throws TransportException {
    ByteBuffer one = ByteBuffer.allocate(1);
    CryptoStream far = new CryptoStream();
    far.receive(new Frame.Crypto(TransportConfig.CRYPTO_BUFFER_BYTES - 1, one));
    assertThatThrownBy(
            () -> far.receive(new Frame.Crypto(TransportConfig.CRYPTO_BUFFER_BYTES, one)))
        .hasMessageContaining("too many");
    CryptoStream pieces = new CryptoStream();
    for (int i = 1; i <= TransportConfig.MAX_CRYPTO_PIECES; i++) {
      pieces.receive(new Frame.Crypto(2L * i, one));
    }
    assertThatThrownBy(() -> pieces.receive(new Frame.Crypto(1000, one)))
        .hasMessageContaining("too many");
    pieces.receive(new Frame.Crypto(0, one)); // what fills the gap is always welcome
    assertThat(pieces.nextInOrder()).isNotNull();
  }

  @Test
  void restartSendsEverythingAgain() {
    CryptoStream stream = new CryptoStream();
    stream.send(new byte[100]);
    List<SentFrame> sent = new ArrayList<>();
    stream.writeFrames(ByteBuffer.allocate(1200), sent);
    assertThat(stream.hasPending()).isFalse();
    stream.restart();
    stream.writeFrames(ByteBuffer.allocate(1200), sent);
    assertThat(sent).containsExactly(new SentFrame.Crypto(0, 100), new SentFrame.Crypto(0, 100));
  }

  // ---- Termination

  @Test
  void ownCloseIsRepeatedEverRarerAndForgottenInTime() {
    Termination end = new Termination();
    end.closeByApplication(5, "bye", 1000);
    assertThat(end.state()).isEqualTo(Termination.State.CLOSING);
    assertThat(end.inOneRtt()).isEqualTo(new Frame.ApplicationClose(5, "bye"));
    assertThat(end.inHandshake()).as("hidden").isEqualTo(new Frame.ConnectionClose(0xc, 0, ""));
    int answers = 0;
    for (int i = 0; i < 1000; i++) {
      answers += end.wantsToSend() ? 1 : 0;
      end.onSent();
      end.onPacketWhileClosing();
    }
    assertThat(answers).isEqualTo(11);
    assertThat(end.deadlineNanos()).isEqualTo(1000);
    end.onDeadline();
    assertThat(end.state()).isEqualTo(Termination.State.GONE);
    assertThat(end.cause()).isEqualTo(new TerminationCause.ClosedHere(5, "bye"));
  }

  @Test
  void thePeersCloseIsAnsweredOnce() {
    Termination end = new Termination();
    end.onCloseByPeer(new TerminationCause.ClosedByPeer(1, ""), 500);
    assertThat(end.state()).isEqualTo(Termination.State.DRAINING);
    assertThat(end.wantsToSend()).isTrue();
    end.onSent();
    end.onPacketWhileClosing();
    end.onCloseByPeer(new TerminationCause.ClosedByPeer(2, ""), 900);
    assertThat(end.wantsToSend()).isFalse();
    assertThat(end.deadlineNanos()).as("is not put off").isEqualTo(500);
    assertThat(end.cause())
        .as("the first stays")
        .isEqualTo(new TerminationCause.ClosedByPeer(1, ""));
  }

  @Test
  void bothSidesClosingEndsInDraining() {
    Termination end = new Termination();
    end.closeWithError(7, 3, "no", 1000);
    end.onSent();
    end.onCloseByPeer(new TerminationCause.ClosedByPeer(2, ""), 2000);
    assertThat(end.state()).isEqualTo(Termination.State.DRAINING);
    assertThat(end.wantsToSend()).isFalse();
    assertThat(end.cause()).isEqualTo(new TerminationCause.TransportErrorHere(7, 3, "no"));
  }

  @Test
  void aLongReasonIsCutBetweenCharacters() {
    Termination end = new Termination();
    end.closeByApplication(5, "\ud83d\ude00".repeat(1000), 1000);
    Frame.ApplicationClose frame = (Frame.ApplicationClose) end.inOneRtt();
    byte[] utf8 = frame.reason().getBytes(StandardCharsets.UTF_8);
    assertThat(utf8).hasSizeBetween(300, TransportConfig.MAX_REASON_BYTES);
    assertThat(new String(utf8, StandardCharsets.UTF_8)).isEqualTo(frame.reason());
  }

  // ---- DatagramQueues

  @Test
  void datagramsAreBoundedByBytesAndTheOldestGivesWay() throws TransportException {
    DatagramQueues queues = new DatagramQueues(1200, 10_000);
    for (int i = 0; i < 100; i++) {
      byte[] payload = new byte[1000];
      payload[0] = (byte) i;
      queues.send(payload);
      queues.receive(new Frame.Datagram(ByteBuffer.wrap(payload)));
    }
    List<byte[]> read = new ArrayList<>();
    for (byte[] d = queues.read(); d != null; d = queues.read()) {
      read.add(d);
    }
    assertThat(read).hasSize(9);
    assertThat(read.getLast()[0]).isEqualTo((byte) 99);
    assertThat(queues.dropped()).isEqualTo(2 * 91);
    assertThatThrownBy(() -> queues.receive(new Frame.Datagram(ByteBuffer.allocate(1201))))
        .hasMessageContaining("larger");
  }

  @Test
  void aDatagramThatOnlyTheAcknowledgementCrowdsOutWaits() {
    DatagramQueues queues = new DatagramQueues(1200, 10_000);
    queues.send(new byte[1000]);
    assertThat(queues.writeFrames(ByteBuffer.allocate(990), 1100)).isFalse();
    assertThat(queues.hasPending()).isTrue();
    assertThat(queues.writeFrames(ByteBuffer.allocate(1100), 1100)).isTrue();
    queues.send(new byte[1190]);
    assertThat(queues.writeFrames(ByteBuffer.allocate(1100), 1100)).isFalse();
    assertThat(queues.hasPending()).as("it will never fit").isFalse();
  }

  // ---- Idleness

  @Test
  void idleTimeoutStartsAtTheLastReceivedOrTheFirstSentAfterIt() {
    TransportConfig config = TransportConfig.defaults().withIdleTimeoutMillis(10);
    Idleness idle = new Idleness(config, 0);
    assertThat(idle.deadlineNanos(1, true)).isEqualTo(10_000_000);
    assertThat(idle.deadlineNanos(5_000_000, true)).as("three PTOs").isEqualTo(15_000_000);
    idle.onAckElicitingSent(1_000_000);
    idle.onAckElicitingSent(2_000_000);
    assertThat(idle.deadlineNanos(1, true)).isEqualTo(11_000_000);
    idle.onReceived(3_000_000);
    idle.setPeerTimeoutMillis(4);
    assertThat(idle.deadlineNanos(1, true)).isEqualTo(7_000_000);
  }

  @Test
  void aHandshakeHasItsOwnDeadlineEvenWithoutAnIdleTimeout() {
    Idleness idle = new Idleness(TransportConfig.defaults().withIdleTimeoutMillis(0), 5);
    idle.onReceived(20_000_000_000L);
    assertThat(idle.deadlineNanos(1, true)).isEqualTo(Long.MAX_VALUE);
    assertThat(idle.deadlineNanos(1, false)).isEqualTo(5 + TransportConfig.HANDSHAKE_TIMEOUT_NANOS);
  }
}
