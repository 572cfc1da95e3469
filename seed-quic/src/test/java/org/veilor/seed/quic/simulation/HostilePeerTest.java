package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;
import static org.veilor.seed.quic.simulation.TransferTest.address;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.Forger;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** A peer with the right keys and bad manners, and strangers without keys. */
class HostilePeerTest {
  private static final Conditions FAST = Conditions.perfect();
  private static final ByteBuffer TEN = ByteBuffer.allocate(10);
  private static final byte[] TOKEN = new byte[16];

  private static ConnectionId id(int value) {
    byte[] bytes = new byte[8];
    Arrays.fill(bytes, (byte) value);
    return ConnectionId.of(bytes);
  }

  private static Frame.NewConnectionId newId(long sequence, long retire) {
    return new Frame.NewConnectionId(sequence, retire, id((int) sequence), TOKEN);
  }

  private static Frame[] frames(Frame... frames) {
    return frames;
  }

  static Stream<Arguments> illegalFrames() {
    long far = 1L << 40;
    return Stream.of(
        Arguments.of(0xa, frames(new Frame.Ack(far, 0, new long[] {far, far}, null))),
        Arguments.of(0xa, frames(new Frame.HandshakeDone())),
        Arguments.of(0xa, frames(new Frame.NewToken(new byte[3]))),
        Arguments.of(0xa, frames(new Frame.RetireConnectionId(77))),
        Arguments.of(0xa, frames(new Frame.RetireConnectionId(0))),
        Arguments.of(0xa, frames(new Frame.NewConnectionId(1, 0, id(3), TOKEN))),
        Arguments.of(
            0x9, frames(newId(20, 0), newId(21, 0), newId(22, 0), newId(23, 0), newId(24, 0))),
        Arguments.of(0x5, frames(new Frame.Stream(3, 0, TEN, false))),
        Arguments.of(0x5, frames(new Frame.Stream(1, 0, TEN, false))),
        Arguments.of(0x5, frames(new Frame.ResetStream(3, 0, 0))),
        Arguments.of(0x5, frames(new Frame.StopSending(2, 0))),
        Arguments.of(0x5, frames(new Frame.MaxStreamData(2, 9))),
        Arguments.of(0x5, frames(new Frame.MaxStreamData(1, 9))),
        Arguments.of(0x5, frames(new Frame.StreamDataBlocked(3, 9))),
        Arguments.of(0x4, frames(new Frame.Stream(4 * 100, 0, TEN, false))),
        Arguments.of(0x4, frames(new Frame.ResetStream(2 + 4 * 100, 0, 0))),
        Arguments.of(0x3, frames(new Frame.Stream(0, 1_250_000, TEN, false))),
        Arguments.of(0x3, frames(new Frame.ResetStream(0, 1, 1_250_001))),
        Arguments.of(
            0x6, frames(new Frame.Stream(0, 0, TEN, true), new Frame.Stream(0, 5, TEN, false))),
        Arguments.of(
            0x6, frames(new Frame.Stream(0, 0, TEN, false), new Frame.ResetStream(0, 0, 9))),
        Arguments.of(0xd, frames(new Frame.Crypto(far, TEN))),
        // an empty ClientHello after the handshake
        Arguments.of(0x10a, frames(new Frame.Crypto(0, ByteBuffer.wrap(new byte[] {1, 0, 0, 0})))));
  }

  @ParameterizedTest
  @MethodSource("illegalFrames")
  void anIllegalFrameEndsTheConnectionWithItsCode(long code, Frame[] frames) {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    expect(pair, Forger.packet(connection, EncryptionLevel.ONE_RTT, frames), code);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0xa", // no frame at all
    "4001, 0xa", // PING with a type in two bytes
    "2f, 0x7", // unknown
    "0a, 0x7", // STREAM that ends before its id
    "0a0005aa, 0x7", // STREAM longer than the packet
    "020000000a, 0x7", // ACK range below zero
    "12d000000000000001, 0x7", // MAX_STREAMS over 2^60
    "16d000000000000001, 0x7", // STREAMS_BLOCKED over 2^60
    "1805060802020202020202020000000000000000000000000000000000, 0x7", // retires above itself
    "18050000, 0x7", // connection id of no length
    "18050015, 0x7", // and of 21
    "0aff, 0x7"
  })
  void anIllegalPayloadEndsTheConnectionWithItsCode(String hex, String code) {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    byte[] payload = HexFormat.of().parseHex(hex);
    expect(pair, Forger.packet(connection, EncryptionLevel.ONE_RTT, payload), Long.decode(code));
  }

  private static void expect(Pair pair, byte[] datagram, long code) {
    pair.network.inject(pair.client.address, pair.server.address, datagram);
    pair.network.run(100 * MILLI);
    assertThat(pair.server.closed).hasSize(1);
    TerminationCause here = pair.server.closed.values().iterator().next();
    assertThat(here).isInstanceOf(TerminationCause.TransportErrorHere.class);
    assertThat(((TerminationCause.TransportErrorHere) here).code())
        .as(here.toString())
        .isEqualTo(code);
    TerminationCause there = pair.client.closed.values().iterator().next();
    assertThat(((TerminationCause.TransportErrorByPeer) there).code()).isEqualTo(code);
    pair.network.run(10 * SECOND);
    pair.assertNothingIsLeft();
  }

  @Test
  void reservedBitsEndTheConnection() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    expect(pair, Forger.packet(connection, EncryptionLevel.ONE_RTT, new byte[] {1}, 0x18), 0xa);
  }

  @ParameterizedTest
  @CsvSource({"INITIAL", "HANDSHAKE"})
  void framesOfApplicationsAreIllegalBeforeTheHandshakeIsOver(EncryptionLevel level) {
    for (Frame frame :
        List.of(
            new Frame.Stream(0, 0, TEN, false),
            new Frame.HandshakeDone(),
            new Frame.ApplicationClose(1, "no"),
            new Frame.MaxData(1),
            new Frame.Datagram(TEN),
            newId(1, 0),
            new Frame.PathChallenge(5))) {
      Pair pair = new Pair(1, FAST);
      Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
      pair.network.settle();
      if (level == EncryptionLevel.HANDSHAKE) {
        pair.network.filter = (path, bytes) -> path.local().equals(pair.client.address);
      }
      pair.network.runUntil(() -> Forger.hasKeys(connection, level), SECOND);
      pair.network.filter = null;
      byte[] bad = Forger.packet(connection, level, frame);
      byte[] padded = Arrays.copyOf(bad, Math.max(1200, bad.length));
      pair.network.run(MILLI);
      pair.network.inject(pair.client.address, pair.server.address, padded);
      pair.network.run(MILLI);
      assertThat(pair.server.closed.values())
          .as(level + " " + frame)
          .allMatch(
              c -> c instanceof TerminationCause.TransportErrorHere(long code, _, _) && code == 0xa)
          .hasSize(1);
    }
  }

  @Test
  void acknowledgingASkippedNumberEndsTheConnection() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 200_000, 7), 200_000, 10);
    Connection server = pair.serverSide();
    long next = Forger.nextPacketNumber(server);
    pair.network.inject(
        pair.client.address,
        pair.server.address,
        Forger.packet(
            connection,
            EncryptionLevel.ONE_RTT,
            new Frame.Ack(next - 1, 0, new long[] {0, next - 1}, null)));
    pair.network.run(10 * MILLI);
    assertThat(pair.server.closed.values())
        .allMatch(
            c -> c instanceof TerminationCause.TransportErrorHere(long code, _, _) && code == 0xa)
        .hasSize(1);
  }

  @Test
  void garbageReachesNobody() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    Random random = new Random(5);
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = new byte[random.nextInt(1500)];
      random.nextBytes(bytes);
      pair.network.inject(address(random.nextInt(250), 9), pair.server.address, bytes);
    }
    pair.network.run(SECOND);
    pair.finish(pair.client.send(connection, 10_000, 7), 10_000, 5);
    assertThat(pair.server.endpoint.stats().connections()).isEqualTo(1);
    assertThat(pair.server.endpoint.stats().garbage()).isGreaterThan(1000);
  }

  @Test
  void mutatedPacketsOfBothSidesNeverHurtAnEstablishedConnection() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    Random random = new Random(6);
    List<byte[][]> copies = new ArrayList<>();
    Host.Transfer transfer = pair.client.send(connection, 200_000, 7);
    pair.network.filter =
        (path, bytes) -> {
          byte[] bad = bytes.clone();
          int flips = 1 + random.nextInt(4);
          for (int i = 0; i < flips; i++) {
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
          }
          byte[] cut =
              random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
          pair.network.inject(path.local(), path.remote(), cut);
          copies.add(new byte[][] {cut});
          return false;
        };
    pair.finish(transfer, 200_000, 20);
    assertThat(copies).hasSizeGreaterThan(300);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void anyPayloadUnderTheRightKeysEndsInAnErrorCodeAtMost() {
    Random random = new Random(7);
    for (int run = 0; run < 60; run++) {
      Pair pair = new Pair(run, FAST);
      Connection connection = pair.connect();
      for (int i = 0; i < 50 && pair.server.closed.isEmpty(); i++) {
        byte[] payload = new byte[1 + random.nextInt(60)];
        random.nextBytes(payload);
        payload[0] = (byte) random.nextInt(0x20);
        pair.network.inject(
            pair.client.address,
            pair.server.address,
            Forger.packet(connection, EncryptionLevel.ONE_RTT, payload));
        pair.network.run(MILLI);
      }
      assertThat(pair.server.closed.size()).isLessThanOrEqualTo(1);
      pair.closeAndCheckNothingIsLeft();
    }
  }

  // ---- floods: what they cost is bounded

  @Test
  void challengesFromManyAddressesAreAnsweredSparingly() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    Frame[] many = new Frame[100];
    Arrays.setAll(many, i -> new Frame.PathChallenge(i));
    long before = pair.network.sent;
    for (int i = 0; i < 100; i++) {
      // The amplification account of the network holds this to three times what came.
      byte[] packet = Forger.packet(connection, EncryptionLevel.ONE_RTT, many);
      pair.network.inject(address(i, 77), pair.server.address, packet);
      pair.network.run(MILLI);
    }
    assertThat(pair.network.sent - before).isLessThan(300);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void aPeerThatNeverAcknowledgesIsNotRememberedForEver() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    pair.network.filter = (path, bytes) -> path.local().equals(pair.client.address);
    for (int i = 0; i < 20_000; i++) {
      byte[] packet =
          Forger.packet(connection, EncryptionLevel.ONE_RTT, new Frame.PathChallenge(i));
      pair.network.inject(pair.client.address, pair.server.address, packet);
      if (i % 10 == 0) {
        pair.network.run(MILLI / 10);
      }
    }
    long inFlight = pair.serverSide().stats().bytesInFlight();
    assertThat(inFlight).as("bytes in flight").isLessThan(200_000);
  }

  @Test
  void floodsOfConnectionIdsEndOrCostNothing() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    for (int i = 10; i < 3000 && pair.server.closed.isEmpty(); i++) {
      byte[] packet = Forger.packet(connection, EncryptionLevel.ONE_RTT, newId(i, i));
      pair.network.inject(pair.client.address, pair.server.address, packet);
    }
    pair.network.run(SECOND);
    assertThat(pair.server.closed.values())
        .allMatch(
            c -> c instanceof TerminationCause.TransportErrorHere(long code, _, _) && code == 9)
        .hasSize(1);
  }

  @Test
  void tinyPiecesOutOfOrderEndTheConnection() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    for (int i = 1; i < 3000 && pair.server.closed.isEmpty(); i++) {
      byte[] packet =
          Forger.packet(
              connection,
              EncryptionLevel.ONE_RTT,
              new Frame.Stream(0, 2L * i, ByteBuffer.allocate(1), false));
      pair.network.inject(pair.client.address, pair.server.address, packet);
      pair.network.run(10_000);
    }
    assertThat(pair.server.closed).hasSize(1);
  }

  @Test
  void tinyPiecesOfTheHandshakeEndIt() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.run(MILLI);
    pair.network.filter = (path, bytes) -> true;
    Frame[] pieces = new Frame[150];
    Arrays.setAll(pieces, i -> new Frame.Crypto(10_000 + 2L * i, ByteBuffer.allocate(1)));
    byte[] packet = Forger.packet(connection, EncryptionLevel.INITIAL, pieces);
    pair.network.inject(pair.client.address, pair.server.address, packet);
    pair.network.run(10 * MILLI);
    assertThat(pair.server.closed.values())
        .allMatch(
            c -> c instanceof TerminationCause.TransportErrorHere(long code, _, _) && code == 0xd)
        .hasSize(1);
  }

  @Test
  void datagramsNobodyReadsGiveWay() {
    Pair pair = new Pair(1, FAST);
    Connection connection = pair.connect();
    pair.network.run(100 * MILLI);
    for (int i = 0; i < 5000; i++) {
      connection.sendDatagram(new byte[1000]);
      pair.client.endpoint.touch(connection);
      pair.network.run(MILLI / 10);
    }
    assertThat(connection.isOpen()).isTrue();
    assertThat(pair.server.datagrams.size()).isPositive();
  }
}
