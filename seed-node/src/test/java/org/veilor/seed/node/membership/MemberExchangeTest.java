package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceLimits;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.membership.MemberExchange.Output;

class MemberExchangeTest {
  private static final long NOW = 1_000;
  private static final EndpointId DIALLER = id("dialler");
  private static final EndpointId ACCEPTOR = id("acceptor");
  private static final ServiceKey.Group RED = group("red");
  private static final ServiceKey.Group BLUE = group("blue");

  /** What the dialler has to prove, over this connection; and the acceptor. */
  private static final MembershipProof OF_DIALLER =
      new MembershipProof(DIALLER, ACCEPTOR, hash("connection").toBytes());

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EndpointId id(String name) {
    return SecretKey.of(hash(name).toBytes()).id();
  }

  private static ServiceKey.Group group(String name) {
    return new ServiceKey.Group(
        new ServiceName("x.veilor", name), ServiceSecret.of(hash("secret " + name).toBytes()));
  }

  private static MemberExchange dialler(ServiceKey.Group... groups) {
    return MemberExchange.dialler(OF_DIALLER.reversed(), List.of(groups), NOW);
  }

  private static MemberExchange acceptor(ServiceKey.Group... groups) {
    return MemberExchange.acceptor(OF_DIALLER, List.of(groups), NOW);
  }

  /** Everything that one side said, in pieces of this size. */
  private static Output give(MemberExchange to, byte[] message, int piece) {
    for (int at = 0; at < message.length; at += piece) {
      int count = Math.min(piece, message.length - at);
      Output output = to.received(message, at, count, NOW);
      if (!(output instanceof Output.Wait)) {
        return output;
      }
    }
    return to.ended(NOW);
  }

  private static Output.Answer answer(MemberExchange to, byte[] message) {
    return (Output.Answer) give(to, message, 1_000);
  }

  @Test
  void bothLearnWhatTheyShareAndNothingElse() {
    for (int piece : new int[] {1, 7, 48, 1_000}) {
      MemberExchange dialler = dialler(RED, BLUE);
      Output.Answer answer =
          (Output.Answer) give(acceptor(BLUE, group("green")), dialler.claims(), piece);
      assertThat(answer.members()).containsExactly(BLUE);
      assertThat(give(dialler, answer.message(), piece)).isEqualTo(new Output.Done(Set.of(BLUE)));
    }
  }

  /** The same bytes for a group that we are in and one that we are not, unless it is proved. */
  @Test
  void aStrangerCannotTellWhichGroupsThereAre() {
    byte[] guess = dialler(RED).claims();
    guess[guess.length - 1] ^= 1; // the right topic, and no proof
    byte[] member = answer(acceptor(RED), guess).message();
    byte[] other = answer(acceptor(BLUE), guess).message();
    byte[] none = answer(acceptor(), guess).message();
    assertThat(member).isEqualTo(other).isEqualTo(none).isEqualTo(new byte[] {0});
    assertThat(answer(acceptor(RED), guess).members()).isEmpty();
  }

  @Test
  void aProofIsForOneConnectionAndOneDirection() {
    byte[] proof = dialler(RED).claims();
    MembershipProof elsewhere =
        new MembershipProof(DIALLER, ACCEPTOR, hash("another connection").toBytes());
    MembershipProof thief = new MembershipProof(id("thief"), ACCEPTOR, OF_DIALLER.exporter());
    for (MembershipProof each : List.of(elsewhere, thief, OF_DIALLER.reversed())) {
      MemberExchange acceptor = MemberExchange.acceptor(each, List.of(RED), NOW);
      assertThat(answer(acceptor, proof).members()).isEmpty();
    }
    // What the dialler said is no proof of the acceptor.
    assertThat(give(dialler(RED), proof, 1_000)).isEqualTo(new Output.Done(Set.of()));
  }

  @Test
  void aMessageHasItsLimits() {
    List<ServiceKey.Group> many = new ArrayList<>();
    for (int i = 0; i < ServiceLimits.MAX_GROUPS; i++) {
      many.add(group("group " + i));
    }
    byte[] full = MemberExchange.dialler(OF_DIALLER.reversed(), many, NOW).claims();
    assertThat(full).hasSize(MembershipProof.MAX_MESSAGE_BYTES);
    assertThat(answer(MemberExchange.acceptor(OF_DIALLER, many, NOW), full).members())
        .hasSize(ServiceLimits.MAX_GROUPS);
    MemberExchange acceptor = acceptor(RED);
    assertThat(acceptor.received(full, 0, full.length, NOW)).isInstanceOf(Output.Wait.class);
    assertThat(acceptor.received(full, 0, 1, NOW)).isInstanceOf(Output.Refuse.class);
    assertThat(acceptor.received(full, 0, 1, NOW)).isInstanceOf(Output.Wait.class);
    assertThat(acceptor.ended(NOW)).isInstanceOf(Output.Wait.class);
  }

  @Test
  void whatIsNoMessageIsRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] proof = dialler(RED).claims();
    for (int length = 0; length < proof.length; length++) {
      byte[] part = Arrays.copyOf(proof, length);
      assertThat(give(acceptor(RED), part, 1_000)).isInstanceOf(Output.Refuse.class);
      byte[] noise = new byte[1 + random.nextInt(200)];
      random.nextBytes(noise);
      Output output = give(acceptor(RED), noise, 1_000);
      boolean isHarmless =
          output instanceof Output.Refuse
              || (output instanceof Output.Answer answer && answer.members().isEmpty());
      assertThat(isHarmless).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void whoTakesTooLongIsGivenUp() {
    byte[] proof = dialler(RED).claims();
    MemberExchange slow = acceptor(RED);
    assertThat(slow.received(proof, 0, 10, NOW)).isInstanceOf(Output.Wait.class);
    long late = NOW + MembershipLimits.EXCHANGE_NANOS;
    assertThat(slow.at(late - 1)).isInstanceOf(Output.Wait.class);
    assertThat(slow.at(late)).isInstanceOf(Output.Refuse.class);
    assertThat(slow.at(late)).as("told once").isInstanceOf(Output.Wait.class);
    MemberExchange ending = acceptor(RED);
    assertThat(ending.received(proof, 0, proof.length, NOW)).isInstanceOf(Output.Wait.class);
    assertThat(ending.ended(late)).isInstanceOf(Output.Wait.class);
  }
}
