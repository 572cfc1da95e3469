package org.veilor.seed.gossip.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.MembershipProof.Answer;
import org.veilor.seed.gossip.service.MembershipProof.Claim;

class MembershipProofTest {
  private static final EndpointId DIALLER = id(1);
  private static final EndpointId ACCEPTOR = id(2);
  private static final byte[] EXPORTER = filled(77);
  private static final MembershipProof PROOF = new MembershipProof(DIALLER, ACCEPTOR, EXPORTER);
  private static final ServiceKey.Group SHARED = group("shared", 1);
  private static final ServiceKey.Group OF_DIALLER = group("dialler", 2);
  private static final ServiceKey.Group OF_ACCEPTOR = group("acceptor", 3);

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static EndpointId id(int number) {
    return SecretKey.of(filled(number)).id();
  }

  private static ServiceKey.Group group(String name, int secret) {
    return new ServiceKey.Group(new ServiceName("realm", name), ServiceSecret.of(filled(secret)));
  }

  private static List<Claim> sent(List<Claim> claims) {
    try {
      return MembershipProof.decode(MembershipProof.encode(claims));
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void bothLearnWhatTheyShareAndNothingElse() {
    List<Claim> claims = sent(PROOF.claims(List.of(OF_DIALLER, SHARED)));
    Answer answer = PROOF.answer(claims, List.of(SHARED, OF_ACCEPTOR));
    assertThat(answer.members()).containsExactly(SHARED);
    assertThat(answer.reply()).hasSize(1);
    assertThat(PROOF.reversed().believed(sent(answer.reply()), List.of(OF_DIALLER, SHARED)))
        .containsExactly(SHARED);
  }

  @Test
  void theFormula() {
    byte[] key =
        Blake3Hasher.derivingKey("veilor-seed 2026-11 membership v1")
            .update(filled(1), 0, 32)
            .finish(32);
    byte[] message = new byte[96];
    System.arraycopy(DIALLER.toBytes(), 0, message, 0, 32);
    System.arraycopy(ACCEPTOR.toBytes(), 0, message, 32, 32);
    System.arraycopy(EXPORTER, 0, message, 64, 32);
    assertThat(PROOF.of(SHARED.secret()))
        .isEqualTo(Blake3Hasher.keyed(key).update(message, 0, 96).finish());
    byte[] encoded = MembershipProof.encode(PROOF.claims(List.of(SHARED)));
    assertThat(encoded).hasSize(49).startsWith(1);
    assertThat(Arrays.copyOfRange(encoded, 1, 17))
        .isEqualTo(Arrays.copyOf(SHARED.topic().toBytes(), 16));
    assertThat(Hash.of(encoded, 17)).isEqualTo(PROOF.of(SHARED.secret()));
  }

  @Test
  void aClaimIsOfOneConnectionDirectionAndSecret() {
    List<Claim> claims = PROOF.claims(List.of(SHARED));
    List<ServiceKey.Group> ours = List.of(SHARED);
    assertThat(PROOF.believed(claims, ours)).containsExactly(SHARED);
    for (MembershipProof other :
        List.of(
            PROOF.reversed(), // sent back
            new MembershipProof(DIALLER, ACCEPTOR, filled(78)), // replayed
            new MembershipProof(id(3), ACCEPTOR, EXPORTER), // stolen
            new MembershipProof(DIALLER, id(3), EXPORTER))) { // passed on
      Answer answer = other.answer(claims, ours);
      assertThat(answer.members()).isEmpty();
      assertThat(answer.reply()).isEmpty();
    }
    ServiceKey.Group rotated = group("shared", 9);
    assertThat(PROOF.believed(claims, List.of(rotated))).isEmpty();
    List<Claim> guessed =
        List.of(new Claim(claims.getFirst().topic(), PROOF.of(ServiceSecret.of(filled(9)))));
    assertThat(PROOF.believed(guessed, ours)).isEmpty();
    List<Claim> elsewhere =
        List.of(
            new Claim(
                MembershipProof.TopicPrefix.of(OF_ACCEPTOR.topic()), claims.getFirst().proof()));
    assertThat(PROOF.believed(elsewhere, List.of(SHARED, OF_ACCEPTOR))).isEmpty();
  }

  @Test
  void aGroupOfNobodyCannotBeClaimed() {
    ServiceKey.Group zero = group("any", 0);
    assertThat(PROOF.answer(PROOF.claims(List.of(zero)), List.of(SHARED)).members()).isEmpty();
  }

  @Test
  void repeatedClaimsAreAnsweredOnce() {
    List<Claim> claims = Collections.nCopies(64, PROOF.claims(List.of(SHARED)).getFirst());
    assertThat(PROOF.answer(sent(claims), List.of(SHARED)).reply()).hasSize(1);
  }

  @Test
  void messagesAreLimitedAndExact() throws MalformedException {
    Claim claim = PROOF.claims(List.of(SHARED)).getFirst();
    byte[] longest = MembershipProof.encode(Collections.nCopies(64, claim));
    assertThat(longest).hasSize(MembershipProof.MAX_MESSAGE_BYTES);
    assertThat(MembershipProof.decode(longest)).hasSize(64);
    List<Claim> tooMany = Collections.nCopies(65, claim);
    assertThatThrownBy(() -> MembershipProof.encode(tooMany)).hasMessageContaining("65");
    byte[] more = Arrays.copyOf(longest, longest.length + 48);
    more[0] = 65;
    assertThatThrownBy(() -> MembershipProof.decode(more)).hasMessageContaining("more than 64");
    byte[] trailing = Arrays.copyOf(longest, longest.length + 1);
    assertThatThrownBy(() -> MembershipProof.decode(trailing)).hasMessageContaining("follows");
    byte[] cut = Arrays.copyOf(longest, longest.length - 1);
    assertThatThrownBy(() -> MembershipProof.decode(cut)).hasMessageContaining("more elements");
    assertThat(MembershipProof.decode(new byte[1])).isEmpty();
    assertThatThrownBy(() -> MembershipProof.decode(new byte[0])).hasMessageContaining("truncated");
    assertThatThrownBy(() -> new MembershipProof(DIALLER, ACCEPTOR, new byte[31]))
        .hasMessageContaining("31");
  }

  @Test
  void randomClaimsComeBack() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      List<Claim> claims = new ArrayList<>();
      for (int n = random.nextInt(65); n > 0; n--) {
        var topic = new MembershipProof.TopicPrefix(random.nextLong(), random.nextLong());
        claims.add(new Claim(topic, Blake3Hasher.hash(new byte[] {(byte) n})));
      }
      assertThat(sent(claims)).as("seed %d", seed).isEqualTo(claims);
    }
  }

  @Test
  void comparisonLooksAtEveryByte() {
    byte[] a = "abcdef".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < a.length; i++) {
      byte[] b = a.clone();
      b[i] ^= 1;
      assertThat(ConstantTime.equal(a, b)).isFalse();
    }
    assertThat(ConstantTime.equal(a, a.clone())).isTrue();
    assertThat(ConstantTime.equal(a, Arrays.copyOf(a, 7))).isFalse();
  }
}
