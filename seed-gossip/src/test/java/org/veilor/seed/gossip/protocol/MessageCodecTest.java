package org.veilor.seed.gossip.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.Message.Disconnect;
import org.veilor.seed.gossip.protocol.Message.ForwardJoin;
import org.veilor.seed.gossip.protocol.Message.Gossip;
import org.veilor.seed.gossip.protocol.Message.Graft;
import org.veilor.seed.gossip.protocol.Message.IHave;
import org.veilor.seed.gossip.protocol.Message.IHaveItem;
import org.veilor.seed.gossip.protocol.Message.Join;
import org.veilor.seed.gossip.protocol.Message.Neighbor;
import org.veilor.seed.gossip.protocol.Message.Priority;
import org.veilor.seed.gossip.protocol.Message.Prune;
import org.veilor.seed.gossip.protocol.Message.Shuffle;
import org.veilor.seed.gossip.protocol.Message.ShuffleReply;

/** The wire form of messages, against vectors that the published crate agrees with. */
class MessageCodecTest {
  private static final JsonNode VECTORS = Vectors.read("gossip.json");

  static List<JsonNode> messages() {
    return Vectors.list(VECTORS.get("messages"));
  }

  static List<JsonNode> limits() {
    return Vectors.list(VECTORS.get("limits_default_4096"));
  }

  static List<JsonNode> malformedAndOdd() {
    return Vectors.list(VECTORS.get("negative_and_edge")).stream()
        .filter(vector -> vector.has("payload_hex"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void messageVectors(JsonNode vector) throws MalformedException {
    Message expected = expected(vector.get("type").asText(), vector.get("fields"));
    byte[] payload = Vectors.hex(vector.get("payload_hex").asText());
    assertThat(Hex.encode(MessageCodec.encode(expected))).isEqualTo(Hex.encode(payload));
    assertThat(MessageCodec.decode(payload, 0, payload.length)).isEqualTo(expected);
    assertThat(FrameWriter.message(expected).map(Hex::encode))
        .contains(vector.get("frame_hex").asText());
    for (int length = 0; length < payload.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> MessageCodec.decode(payload, 0, cut))
          .isInstanceOf(MalformedException.class);
    }
  }

  private static Message expected(String type, JsonNode fields) throws MalformedException {
    return switch (type) {
      case "Swarm.Join" -> new Join(data(fields.get("data")));
      case "Swarm.ForwardJoin" ->
          new ForwardJoin(peer(fields.get("peer")), fields.get("ttl").asInt());
      case "Swarm.Shuffle" ->
          new Shuffle(
              EndpointId.parse(fields.get("origin").asText()),
              peers(fields.get("nodes")),
              fields.get("ttl").asInt());
      case "Swarm.ShuffleReply" -> new ShuffleReply(peers(fields.get("nodes")));
      case "Swarm.Neighbor" ->
          new Neighbor(
              fields.get("priority").asText().equals("High") ? Priority.HIGH : Priority.LOW,
              data(fields.get("data")));
      case "Swarm.Disconnect" -> new Disconnect(fields.get("alive").asBoolean());
      case "Gossip.Gossip" -> gossip(fields);
      case "Gossip.Prune" -> new Prune();
      case "Gossip.Graft" ->
          new Graft(
              fields.get("message_id").isNull() ? null : hash(fields.get("message_id")),
              fields.get("round").asInt());
      case "Gossip.IHave" -> {
        List<IHaveItem> items = new ArrayList<>();
        for (JsonNode item : fields.get("items")) {
          items.add(new IHaveItem(hash(item.get("message_id")), item.get("round").asInt()));
        }
        yield new IHave(items);
      }
      default -> throw new AssertionError(type);
    };
  }

  private static Gossip gossip(JsonNode fields) throws MalformedException {
    byte[] content = Vectors.hex(fields.get("content_hex").asText());
    assertThat(Blake3Hasher.hash(content)).isEqualTo(hash(fields.get("message_id")));
    JsonNode scope = fields.get("scope");
    return new Gossip(
        hash(fields.get("message_id")),
        content,
        scope.has("swarm_round")
            ? new DeliveryScope.Swarm(scope.get("swarm_round").asInt())
            : new DeliveryScope.Neighbors());
  }

  private static Hash hash(JsonNode text) throws MalformedException {
    return Hash.parse(text.asText());
  }

  private static @Nullable PeerData data(JsonNode hex) {
    return hex.isNull() ? null : PeerData.of(Vectors.hex(hex.asText()));
  }

  private static PeerInfo peer(JsonNode peer) throws MalformedException {
    return new PeerInfo(EndpointId.parse(peer.get("id").asText()), data(peer.get("data")));
  }

  private static List<PeerInfo> peers(JsonNode nodes) throws MalformedException {
    List<PeerInfo> peers = new ArrayList<>();
    for (JsonNode node : nodes) {
      peers.add(peer(node));
    }
    return peers;
  }

  @ParameterizedTest
  @MethodSource("limits")
  void limitVectors(JsonNode vector) throws MalformedException {
    Message message = limitMessage(vector);
    byte[] payload = MessageCodec.encode(message);
    assertThat(payload).hasSize(vector.get("payload_len").asInt());
    assertThat(Blake3Hasher.hash(payload)).isEqualTo(hash(vector.get("payload_blake3")));
    assertThat(FrameWriter.message(message).isPresent())
        .isEqualTo(vector.get("writer_accepts").asBoolean());
    assertThat(MessageCodec.decode(payload, 0, payload.length)).isEqualTo(message);
  }

  private static Message limitMessage(JsonNode vector) {
    String name = vector.get("name").asText();
    if (name.startsWith("ihave")) {
      return new IHave(
          IntStream.range(0, GossipLimits.MAX_IHAVE_ITEMS)
              .mapToObj(i -> ("m" + i).getBytes(StandardCharsets.US_ASCII))
              .map(text -> new IHaveItem(Blake3Hasher.hash(text), Message.MAX_U16))
              .toList());
    }
    byte[] content = new byte[vector.get("content_len").asInt()];
    Arrays.fill(content, (byte) 0x7a);
    DeliveryScope scope = new DeliveryScope.Neighbors();
    if (!name.startsWith("neighbors")) {
      scope = new DeliveryScope.Swarm(name.startsWith("swarm_round128") ? 128 : 0);
    }
    return new Gossip(Blake3Hasher.hash(content), content, scope);
  }

  @Test
  void theLongestContentFitsInEveryRound() {
    byte[] content = new byte[GossipLimits.MAX_CONTENT_BYTES];
    var last = new DeliveryScope.Swarm(Message.MAX_U16);
    Hash id = Blake3Hasher.hash(content);
    // three bytes of round: the one case beyond what upstream's limit of 4057 and 4056 foresees
    assertThat(FrameWriter.message(new Gossip(id, content, last))).isEmpty();
    var usual = new DeliveryScope.Swarm(16_383);
    assertThat(FrameWriter.message(new Gossip(id, content, usual))).isPresent();
  }

  @ParameterizedTest
  @MethodSource("malformedAndOdd")
  void malformedAndOddVectors(JsonNode vector) throws MalformedException {
    byte[] payload = Vectors.hex(vector.get("payload_hex").asText());
    if (vector.get("expect").asText().startsWith("decode error")) {
      assertThatThrownBy(() -> MessageCodec.decode(payload, 0, payload.length))
          .isInstanceOf(MalformedException.class);
      return;
    }
    Message message = MessageCodec.decode(payload, 0, payload.length);
    switch (vector.get("name").asText()) {
      case "trailing_bytes_after_prune" -> assertThat(message).isEqualTo(new Prune());
      case "overlong_varint_round" -> assertThat(message).isEqualTo(new Graft(null, 2));
      case "bad_addrinfo_in_join" ->
          assertThat(message).isEqualTo(new Join(PeerData.of(new byte[] {2})));
      case "spoofed_message_id" -> {
        Gossip gossip = (Gossip) message;
        assertThat(Blake3Hasher.hash(gossip.content())).isNotEqualTo(gossip.id());
      }
      default -> throw new AssertionError("a vector without a check: " + vector.get("name"));
    }
  }

  @Test
  void countsAreCheckedBeforeAnythingIsAllocated() {
    for (String hex :
        List.of(
            "0003ffffffff0f", // ShuffleReply with 2^32 - 1 nodes
            "0003ffffffffffffffffff01", // with 2^64 - 1
            "0103ffffffff07", // IHave with 2^31 - 1 items
            "000001ffffffff07", // Join with 2^31 - 1 bytes of data
            "010302" + "00".repeat(40))) { // two items promised, one there
      byte[] payload = Vectors.hex(hex);
      assertThatThrownBy(() -> MessageCodec.decode(payload, 0, payload.length))
          .as(hex)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aLongerMessageThanAFrameHoldsIsRefused() {
    byte[] payload = new byte[GossipLimits.MAX_RECEIVED_FRAME_BYTES + 1];
    payload[0] = 1;
    payload[1] = 1;
    assertThatThrownBy(() -> MessageCodec.decode(payload, 0, payload.length))
        .hasMessageContaining("too long");
  }

  @Test
  void randomMessagesComeBack() throws MalformedException {
    long seed = new Random().nextLong();
    RandomMessages messages = new RandomMessages(seed);
    byte[] around = new byte[3];
    for (int i = 0; i < 2000; i++) {
      Message message = messages.next();
      byte[] payload = MessageCodec.encode(message);
      byte[] shifted = new byte[around.length + payload.length + around.length];
      System.arraycopy(payload, 0, shifted, around.length, payload.length);
      assertThat(MessageCodec.decode(shifted, around.length, payload.length))
          .as("seed %d, message %d", seed, i)
          .isEqualTo(message);
      assertThat(MessageCodec.decode(shifted, around.length, payload.length + around.length))
          .as("trailing bytes, seed %d, message %d", seed, i)
          .isEqualTo(message);
    }
  }

  @Test
  void idsAreKeysOfRealEndpoints() throws MalformedException {
    JsonNode keys = VECTORS.get("fixtures").get("keys");
    for (JsonNode key : keys) {
      assertThat(SecretKey.of(Vectors.hex(key.get("seed").asText())).id())
          .isEqualTo(EndpointId.parse(key.get("endpoint_id").asText()));
    }
    assertThat(keys.size()).isEqualTo(4);
  }
}
