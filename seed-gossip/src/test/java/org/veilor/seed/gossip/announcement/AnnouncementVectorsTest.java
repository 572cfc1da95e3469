package org.veilor.seed.gossip.announcement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.GateOutcome.Accepted;
import org.veilor.seed.gossip.announcement.GateOutcome.Dropped;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

/**
 * The vectors for other implementations. What can be had without our classes is: the bytes come
 * from {@link PlainPostcard}, the signatures from the JDK.
 */
class AnnouncementVectorsTest {
  private static final JsonNode VECTORS = Vectors.read("announcements.json");
  private static final String PKCS8_OF_ED25519 = "302e020100300506032b657004220420";

  static List<JsonNode> announcements() {
    return Vectors.list(VECTORS.get("announcements"));
  }

  static List<JsonNode> malformed() {
    return Vectors.list(VECTORS.get("malformed"));
  }

  static List<JsonNode> invites() {
    return Vectors.list(VECTORS.get("invites"));
  }

  private static String id(String key) {
    return VECTORS.get("keys").get(key).get("id").asText();
  }

  private static EndpointId endpoint(String key) throws MalformedException {
    return EndpointId.parse(id(key));
  }

  private static String topic(String service) {
    return VECTORS.get("services").get(service).get("topic").asText();
  }

  private static byte[] secret() {
    return Vectors.hex(VECTORS.get("services").get("group").get("secret").asText());
  }

  private static ServiceKey service(String name) {
    JsonNode service = VECTORS.get("services").get(name);
    ServiceName serviceName =
        new ServiceName(service.get("realm").asText(), service.get("name").asText());
    return service.has("secret")
        ? new ServiceKey.Group(serviceName, ServiceSecret.of(secret()))
        : new ServiceKey.Public(serviceName);
  }

  private static String hex(String text) {
    return Hex.encode(text.getBytes(UTF_8));
  }

  private static String hash(Blake3Hasher hasher, String hex) {
    byte[] bytes = Vectors.hex(hex);
    return hasher.update(bytes, 0, bytes.length).finish().toString();
  }

  private static String signature(String key, String message) {
    String seed = VECTORS.get("keys").get(key).get("seed").asText();
    try {
      Signature signer = Signature.getInstance("Ed25519");
      var spec = new PKCS8EncodedKeySpec(Vectors.hex(PKCS8_OF_ED25519 + seed));
      signer.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(spec));
      signer.update(Vectors.hex(message));
      return Hex.encode(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keysAndTopics() throws MalformedException {
    for (String key : List.of("origin", "member", "stranger")) {
      String seed = VECTORS.get("keys").get(key).get("seed").asText();
      assertThat(SecretKey.of(Vectors.hex(seed)).id()).isEqualTo(endpoint(key));
    }
    String name = hex("x.veilor") + "00" + hex("misskey");
    assertThat(topic("public"))
        .isEqualTo(hash(Blake3Hasher.derivingKey("veilor-seed 2026-11 public topic v1"), name))
        .isEqualTo(service("public").topic().toString());
    assertThat(topic("group"))
        .isEqualTo(
            hash(
                Blake3Hasher.derivingKey("veilor-seed 2026-11 group topic v1"),
                Hex.encode(secret()) + name))
        .isEqualTo(service("group").topic().toString());
  }

  @ParameterizedTest
  @MethodSource("announcements")
  void announcementsFieldByField(JsonNode vector) throws MalformedException {
    String key = vector.get("issuer").asText();
    String service = vector.get("service").asText();
    long sequence = vector.get("sequence").asLong();
    PlainPostcard plain =
        new PlainPostcard()
            .raw("01" + id(key))
            .number(vector.get("issued_at_ms").asLong())
            .number(sequence)
            .body(vector.get("body"));
    assertThat(vector.get("unsigned").asText()).isEqualTo(plain.hex());
    String tag = "";
    if (service.equals("group")) {
      String littleEndian = String.format("%016x", Long.reverseBytes(sequence));
      tag = hash(Blake3Hasher.keyed(secret()), id(key) + littleEndian);
    }
    assertThat(vector.get("group_tag").asText()).isEqualTo(tag);
    String message = hex("veilor-seed announcement v1") + topic(service) + tag + plain.hex();
    String signature = signature(key, message);
    assertThat(vector.get("signature").asText()).isEqualTo(signature);
    assertThat(vector.get("content").asText()).isEqualTo(plain.hex() + signature);

    byte[] content = Vectors.hex(vector.get("content").asText());
    Announcement read = Announcement.decode(content);
    assertThat(read.issuer()).isEqualTo(endpoint(key));
    assertThat(read.verify(service(service))).isTrue();
    assertThat(read.verify(service(service.equals("group") ? "public" : "group"))).isFalse();
    SecretKey signer = SecretKey.of(Vectors.hex(VECTORS.get("keys").get(key).get("seed").asText()));
    long issuedAtMillis = vector.get("issued_at_ms").asLong();
    assertThat(
            Announcement.sign(signer, service(service), issuedAtMillis, sequence, read.body())
                .encode())
        .isEqualTo(content);
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedOnes(JsonNode vector) {
    byte[] content = Vectors.hex(vector.get("content").asText());
    assertThatThrownBy(() -> Announcement.decode(content)).isInstanceOf(MalformedException.class);
  }

  @Test
  void theGateDecidesAsWritten() throws MalformedException {
    Map<String, String> contents = new HashMap<>();
    announcements().forEach(a -> contents.put(a.get("name").asText(), a.get("content").asText()));
    JsonNode vector = VECTORS.get("gate");
    long now = vector.get("now_ms").asLong();
    AnnouncementGate gate =
        new AnnouncementGate(
            service("group"),
            Set.of(endpoint("origin")),
            GateLimits.standard(),
            GateState.NEW,
            now);
    for (JsonNode step : vector.get("steps")) {
      String name = step.get("announcement").asText();
      String content = step.has("content") ? step.get("content").asText() : contents.get(name);
      String outcome =
          switch (gate.offer(Vectors.hex(content), now)) {
            case Accepted _ -> "accepted";
            case Dropped(GateOutcome.Reason reason) -> reason.name();
          };
      assertThat(outcome).as(name).isEqualTo(step.get("outcome").asText());
    }
    assertThat(gate.accepted()).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource("invites")
  void invitesFieldByField(JsonNode vector) throws MalformedException {
    boolean group = vector.get("service").asText().equals("group");
    PlainPostcard plain = new PlainPostcard().raw("01").text("x.veilor").text("misskey");
    plain.raw(group ? "0101" + Hex.encode(secret()) : "0000");
    plain.number(vector.get("origins").size());
    vector.get("origins").forEach(origin -> plain.raw(origin.asText()));
    plain.number(vector.get("bootstrap").size());
    vector.get("bootstrap").forEach(plain::address);
    String check = hash(Blake3Hasher.unkeyed(), plain.hex()).substring(0, 8);
    assertThat(vector.get("bytes").asText()).isEqualTo(plain.hex() + check);
    assertThat(vector.get("text").asText())
        .isEqualTo("veilorservice" + PlainPostcard.base32(plain.hex() + check));
    Invite invite = Invite.parse(vector.get("text").asText());
    assertThat(invite.text()).isEqualTo(vector.get("text").asText());
    assertThat(invite.service()).isEqualTo(service(vector.get("service").asText()));
  }

  @Test
  void membership() throws MalformedException {
    JsonNode vector = VECTORS.get("membership");
    String dialler = id(vector.get("dialler").asText());
    String acceptor = id(vector.get("acceptor").asText());
    String exporter = vector.get("exporter").asText();
    String key =
        hash(Blake3Hasher.derivingKey("veilor-seed 2026-11 membership v1"), Hex.encode(secret()));
    assertThat(vector.get("key").asText()).isEqualTo(key);
    byte[] keyBytes = Vectors.hex(key);
    assertThat(vector.get("dialler_proof").asText())
        .isEqualTo(hash(Blake3Hasher.keyed(keyBytes), dialler + acceptor + exporter));
    assertThat(vector.get("acceptor_proof").asText())
        .isEqualTo(hash(Blake3Hasher.keyed(keyBytes), acceptor + dialler + exporter));
    String prefix = topic("group").substring(0, 32);
    assertThat(vector.get("dialler_sends").asText())
        .hasSize(2 * (1 + 2 * 48))
        .startsWith("02" + prefix + vector.get("dialler_proof").asText())
        .contains(vector.get("other_topic").asText().substring(0, 32));
    assertThat(vector.get("acceptor_sends").asText())
        .isEqualTo("01" + prefix + vector.get("acceptor_proof").asText());
    MembershipProof proof =
        new MembershipProof(
            EndpointId.parse(dialler), EndpointId.parse(acceptor), Vectors.hex(exporter));
    var claims = MembershipProof.decode(Vectors.hex(vector.get("dialler_sends").asText()));
    var answer = proof.answer(claims, List.of((ServiceKey.Group) service("group")));
    assertThat(Hex.encode(MembershipProof.encode(answer.reply())))
        .isEqualTo(vector.get("acceptor_sends").asText());
    assertThat(MembershipProof.ALPN.getBytes(US_ASCII)).hasSize(21);
  }
}
