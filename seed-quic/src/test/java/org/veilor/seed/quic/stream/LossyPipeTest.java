package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.recovery.SentFrame;

/**
 * Two peers do random things with streams through a pipe that loses, reorders, duplicates and
 * declares lost what arrives later. Bytes, ends and resets must be right, and in the end nothing
 * may be left.
 */
class LossyPipeTest {
  private static final int STEPS = 20_000;
  private static final StreamLimits LIMITS =
      new StreamLimits(3_000, 12_000, 8_000, 30_000, 5, 4, 5_000, 12_000, 1024);

  /** A packet on its way, or one whose sender waits for its fate. */
  private record Packet(ByteBuffer payload, List<SentFrame> sent) {}

  /** What the writer of a half does. */
  private static final class Writing {
    final long id;
    final int total;
    final boolean endsWithReset;
    final long code;
    int written;
    boolean isEnded;

    Writing(long id, int total, boolean endsWithReset, long code) {
      this.id = id;
      this.total = total;
      this.endsWithReset = endsWithReset;
      this.code = code;
    }
  }

  /** What the reader of a half saw. */
  private static final class Reading {
    long bytes;
    boolean hasEnded;
    boolean hasStopped;
  }

  /** One side with its application. */
  private static final class Side {
    final StreamsPeer peer;
    final boolean isClient;
    final Map<Long, Writing> writing = new HashMap<>();
    final Map<Long, Reading> reading = new HashMap<>();
    final List<Long> readable = new ArrayList<>();
    final List<Packet> onTheWay = new ArrayList<>();
    final List<Packet> delivered = new ArrayList<>();

    Side(boolean isClient) {
      this.isClient = isClient;
      peer = new StreamsPeer(isClient, LIMITS, LIMITS);
    }
  }

  private final Side client = new Side(true);
  private final Side server = new Side(false);
  private Random random = new Random(0);
  private long now;
  private boolean isEnding;

  private static byte at(long id, long offset) {
    return (byte) (id * 37 + offset * 11 + (offset >> 8));
  }

  private static <T> T half(Map<Long, T> halves, long id) {
    T half = halves.get(id);
    if (half == null) {
      throw new AssertionError("no such stream: " + id);
    }
    return half;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void everythingArrivesAndNothingIsLeft(long seed) throws TransportException {
    random = new Random(seed);
    for (int i = 0; i < STEPS; i++) {
      step(random.nextBoolean() ? client : server);
    }
    isEnding = true;
    for (int i = 0; i < 100 * STEPS && !isDone(); i++) {
      step(random.nextBoolean() ? client : server);
    }
    takeEvents(client);
    takeEvents(server);
    checkNothingIsLeft(client, seed);
    checkNothingIsLeft(server, seed);
    checkReadings(client, server);
    checkReadings(server, client);
    System.out.println(
        "lossy pipe, seed "
            + seed
            + ": "
            + (client.writing.size() + server.writing.size())
            + " halves");
    assertThat(client.writing.size() + server.writing.size()).isGreaterThan(150);
  }

  private boolean isDone() {
    return isQuiet(client) && isQuiet(server);
  }

  private static boolean isQuiet(Side side) {
    return side.peer.streams.openStreams() == 0
        && !side.peer.streams.hasPending()
        && side.onTheWay.isEmpty()
        && side.delivered.isEmpty();
  }

  private static void checkNothingIsLeft(Side side, long seed) {
    assertThat(side.peer.streams.openStreams()).as("seed %d", seed).isZero();
    assertThat(side.peer.streams.bufferedSendBytes()).as("seed %d", seed).isZero();
    assertThat(side.peer.streams.bufferedReceiveBytes()).as("seed %d", seed).isZero();
    assertThat(side.peer.streams.hasPending()).as("seed %d", seed).isFalse();
    assertThat(side.peer.events()).as("seed %d", seed).isEmpty();
  }

  /** A half that was read to its end was read completely. */
  private static void checkReadings(Side reader, Side writer) {
    reader.reading.forEach((id, reading) -> {
      Writing half = half(writer.writing, id);
      if (reading.hasEnded) {
        assertThat(half).isNotNull();
        assertThat(half.endsWithReset).isFalse();
        assertThat(reading.bytes).isEqualTo(half.total);
      }
    });
  }

  private void step(Side side) throws TransportException {
    Side other = side == client ? server : client;
    now += 1_000_000;
    takeEvents(side);
    switch (random.nextInt(8)) {
      case 0 -> open(side);
      case 1 -> writeSome(side);
      case 2 -> readSome(side);
      case 3, 4 -> sendPacket(side);
      case 5 -> deliver(side, other);
      case 6 -> settle(side);
      default -> stopSomething(side);
    }
  }

  private void takeEvents(Side side) {
    for (StreamEvent event : side.peer.events()) {
      switch (event) {
        case StreamEvent.Opened(long id) -> {
          startReading(side, id);
          if (StreamIds.isBidirectional(id)) {
            startWriting(side, id);
          }
        }
        case StreamEvent.Readable(long id) -> side.readable.add(id);
        case StreamEvent.ResetByPeer(long id, long code) -> {
          side.readable.add(id);
          assertThat(side.peer.streams.resetCode(id)).isEqualTo(code);
        }
        case StreamEvent.Stopped(long id, long code) -> {
          assertThat(code).isEqualTo(id + 1);
          half(side.writing, id).isEnded = true;
        }
        case StreamEvent.Finished(long id) -> {
          Writing half = half(side.writing, id);
          assertThat(half.written).isEqualTo(half.total);
          assertThat(half.endsWithReset).isFalse();
        }
        case StreamEvent.Writable _, StreamEvent.StreamsAvailable _ -> {}
      }
    }
  }

  private void startWriting(Side side, long id) {
    int total = random.nextInt(1 + random.nextInt(20_000));
    side.writing.put(id, new Writing(id, total, random.nextInt(5) == 0, random.nextInt(1000)));
  }

  private static void startReading(Side side, long id) {
    side.reading.put(id, new Reading());
  }

  private void open(Side side) {
    boolean bidirectional = random.nextBoolean();
    long id = isEnding ? -1 : side.peer.streams.open(bidirectional);
    if (id >= 0) {
      assertThat(StreamIds.isByClient(id)).isEqualTo(side.isClient);
      startWriting(side, id);
      if (bidirectional) {
        startReading(side, id);
      }
    }
  }

  private void writeSome(Side side) {
    Streams streams = side.peer.streams;
    for (Writing half : side.writing.values()) {
      if (half.isEnded || random.nextInt(3) == 0) {
        continue;
      }
      int room = streams.writableBytes(half.id);
      assertThat(room).as("writable until ended").isNotNegative();
      int length = Math.min(half.total - half.written, random.nextInt(room + 1));
      byte[] data = new byte[length];
      for (int i = 0; i < length; i++) {
        data[i] = at(half.id, half.written + i);
      }
      streams.write(half.id, data, 0, length);
      half.written += length;
      if (half.written == half.total) {
        half.isEnded = true;
        if (half.endsWithReset) {
          streams.reset(half.id, half.code);
        } else {
          streams.finish(half.id);
        }
      }
    }
  }

  private void readSome(Side side) {
    List<Long> ids = List.copyOf(side.readable);
    side.readable.clear();
    byte[] target = new byte[3000];
    for (long id : ids) {
      Reading half = half(side.reading, id);
      int length = 1 + random.nextInt(target.length);
      int done = side.peer.streams.read(id, target, 0, length);
      for (int i = 0; i < done; i++) {
        assertThat(target[i]).isEqualTo(at(id, half.bytes + i));
      }
      if (done > 0) {
        half.bytes += done;
        side.readable.add(id);
      }
      half.hasEnded |= done == Streams.END;
      assertThat(half.hasEnded && half.hasStopped).isFalse();
    }
  }

  private void stopSomething(Side side) {
    if (random.nextInt(40) > 0 || side.reading.isEmpty()) {
      return;
    }
    List<Long> ids = List.copyOf(side.reading.keySet());
    long id = ids.get(random.nextInt(ids.size()));
    Reading half = half(side.reading, id);
    if (!half.hasEnded) {
      half.hasStopped = true;
      side.peer.streams.stopSending(id, id + 1);
    }
  }

  private void sendPacket(Side side) {
    boolean expected = side.peer.streams.hasPending();
    ByteBuffer payload = side.peer.packet(60 + random.nextInt(1140));
    assertThat(payload.hasRemaining()).isEqualTo(expected);
    if (expected) {
      side.onTheWay.add(new Packet(payload, List.copyOf(side.peer.sent)));
    }
  }

  /** Any packet on the way arrives or is lost; some arrive although they are declared lost. */
  private void deliver(Side side, Side other) throws TransportException {
    if (side.onTheWay.isEmpty()) {
      return;
    }
    int index = random.nextInt(Math.min(10, side.onTheWay.size()));
    Packet packet = side.onTheWay.remove(index);
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> packet.sent.forEach(side.peer.streams::onLost);
      case 3 -> {
        packet.sent.forEach(side.peer.streams::onLost);
        receive(other, packet);
      }
      case 4 -> {
        packet.sent.forEach(side.peer.streams::onLost);
        receive(other, packet);
        side.delivered.add(packet); // the acknowledgement comes after all
      }
      case 5 -> {
        receive(other, packet);
        receive(other, packet);
        side.delivered.add(packet);
      }
      default -> {
        receive(other, packet);
        side.delivered.add(packet);
      }
    }
  }

  private void receive(Side side, Packet packet) throws TransportException {
    for (Frame frame : StreamsPeer.parse(packet.payload.duplicate())) {
      side.peer.receive(frame, now);
    }
  }

  private void settle(Side side) {
    if (!side.delivered.isEmpty()) {
      Packet packet = side.delivered.remove(random.nextInt(side.delivered.size()));
      packet.sent.forEach(frame -> side.peer.streams.onAcked(frame, now));
    }
  }
}
