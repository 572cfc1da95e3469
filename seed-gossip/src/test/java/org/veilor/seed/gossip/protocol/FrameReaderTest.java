package org.veilor.seed.gossip.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.gossip.protocol.FrameReader.End;
import org.veilor.seed.gossip.protocol.FrameReader.Event;

/** Streams as transcripts say, in slices of every kind, and what is wrong with others. */
class FrameReaderTest {
  private static final JsonNode VECTORS = Vectors.read("gossip.json");
  private static final TopicId TOPIC =
      TopicId.of(Vectors.hex(VECTORS.get("fixtures").get("topic").asText()));
  private static final byte[] HEADER = FrameWriter.header(TOPIC);

  static List<JsonNode> streams() {
    List<JsonNode> streams = new ArrayList<>(Vectors.list(VECTORS.get("streams")));
    streams.addAll(Vectors.list(VECTORS.get("live").get("streams")));
    return streams;
  }

  private static List<Event> read(FrameReader reader, byte[] stream, IntSupplier slices) {
    List<Event> events = new ArrayList<>();
    for (int position = 0; position < stream.length; ) {
      int length = Math.min(slices.getAsInt(), stream.length - position);
      events.addAll(reader.read(stream, position, length));
      position += length;
    }
    return events;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] frame(String hex) {
    byte[] payload = Vectors.hex(hex);
    return ByteBuffer.allocate(4 + payload.length).putInt(payload.length).put(payload).array();
  }

  @Test
  void headerVector() {
    assertThat(Hex.encode(HEADER))
        .isEqualTo(VECTORS.get("stream_header").get("frame_hex").asText());
  }

  @ParameterizedTest
  @MethodSource("streams")
  void streamVectors(JsonNode vector) {
    byte[] stream = Vectors.hex(vector.get("stream_hex").asText());
    FrameReader reader = new FrameReader();
    List<Event> events = read(reader, stream, () -> stream.length);
    assertThat(reader.end()).isEqualTo(End.COMPLETE);
    assertThat(events.size()).isGreaterThan(1);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    List<String> types = new ArrayList<>();
    for (Event event : events) {
      switch (event) {
        case Event.Header header -> {
          written.writeBytes(FrameWriter.header(header.topic()));
          types.add("header");
        }
        case Event.Received received -> {
          byte[] frame = FrameWriter.message(received.message()).orElseThrow();
          assertThat(received.sizeBytes()).isEqualTo(frame.length);
          written.writeBytes(frame);
          types.add(
              (received.message() instanceof Message.Membership ? "Swarm." : "Gossip.")
                  + received.message().getClass().getSimpleName());
        }
        case Event.Failed failed -> throw new AssertionError(failed.reason());
      }
    }
    assertThat(Hex.encode(written.toByteArray())).isEqualTo(Hex.encode(stream));
    if (vector.has("types")) {
      assertThat(types)
          .containsExactlyElementsOf(
              Vectors.list(vector.get("types")).stream().map(JsonNode::asText).toList());
    }
    for (int slice = 1; slice < 50; slice++) {
      int length = slice;
      assertThat(read(new FrameReader(), stream, () -> length)).isEqualTo(events);
    }
  }

  @Test
  void randomStreamsInRandomSlices() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    RandomMessages source = new RandomMessages(seed);
    List<Event> expected = new ArrayList<>();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(HEADER);
    expected.add(new Event.Header(TOPIC));
    for (int i = 0; i < 300; i++) {
      Message message = source.next();
      byte[] frame = FrameWriter.message(message).orElseThrow();
      stream.writeBytes(frame);
      expected.add(new Event.Received(message, frame.length));
    }
    for (int longest : new int[] {3, 100, 10_000}) {
      FrameReader reader = new FrameReader();
      assertThat(read(reader, stream.toByteArray(), () -> random.nextInt(longest + 1)))
          .as("seed %d, slices up to %d", seed, longest)
          .isEqualTo(expected);
      assertThat(reader.end()).isEqualTo(End.COMPLETE);
    }
  }

  private static void fails(byte[] stream, boolean beforeHeader, String reason) {
    for (int slice : new int[] {1, 7, stream.length}) {
      FrameReader reader = new FrameReader();
      List<Event> events = read(reader, stream, () -> slice);
      assertThat(events.getLast())
          .isInstanceOfSatisfying(
              Event.Failed.class,
              failed -> {
                assertThat(failed.beforeHeader()).isEqualTo(beforeHeader);
                assertThat(failed.reason()).contains(reason);
              });
      assertThat(reader.end()).isEqualTo(End.AFTER_FAILURE);
      assertThat(reader.read(HEADER, 0, HEADER.length)).as("nothing follows").isEmpty();
    }
  }

  @Test
  void badFramesEndTheStream() {
    byte[] prune = frame("0101");
    fails(join(HEADER, prune, frame("")), false, "empty");
    fails(join(HEADER, Vectors.hex("00001001")), false, "4097");
    fails(join(HEADER, Vectors.hex("ffffffff"), new byte[100]), false, "4294967295");
    fails(join(HEADER, frame("0200"), prune), false, "malformed");
    fails(
        join(HEADER, "text that is no gossip".getBytes(StandardCharsets.US_ASCII)),
        false,
        "frame of");
  }

  @Test
  void badHeadersAreKnownAsSuch() {
    fails(frame(""), true, "empty");
    fails(frame("00".repeat(31)), true, "header of 31");
    fails(Vectors.hex("00001001"), true, "4097");
  }

  @Test
  void aLongHeaderIsReadAndItsTailIgnored() {
    byte[] stream = join(frame(TOPIC + "aabbcc"), frame("0101"));
    assertThat(read(new FrameReader(), stream, () -> 5))
        .containsExactly(new Event.Header(TOPIC), new Event.Received(new Message.Prune(), 6));
  }

  @Test
  void aFrameOf4096BytesIsRead() {
    byte[] padded = new byte[GossipLimits.MAX_RECEIVED_FRAME_BYTES];
    padded[0] = 1;
    padded[1] = 1;
    byte[] stream = join(HEADER, ByteBuffer.allocate(4).putInt(padded.length).array(), padded);
    assertThat(read(new FrameReader(), stream, () -> 1000).getLast())
        .isEqualTo(new Event.Received(new Message.Prune(), 4100));
  }

  @Test
  void endsMeanDifferentThings() {
    byte[] stream = join(HEADER, frame("0101"));
    for (int length = 0; length <= stream.length; length++) {
      FrameReader reader = new FrameReader();
      reader.read(stream, 0, length);
      End expected = End.COMPLETE;
      if (length < HEADER.length) {
        expected = End.BEFORE_HEADER;
      } else if (length == stream.length - 1 || length == stream.length - 2) {
        expected = End.INSIDE_FRAME;
      }
      assertThat(reader.end()).as("after %d bytes", length).isEqualTo(expected);
    }
  }
}
