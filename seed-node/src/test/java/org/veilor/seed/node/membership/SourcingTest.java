package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.node.membership.Sourcing.Choice;
import org.veilor.seed.node.membership.Sourcing.Source;
import org.veilor.seed.store.Audience;

/** What comes from a member of a group is for that group, whatever others say about its hash. */
class SourcingTest {
  private static final Hash RED = hash("red");
  private static final Hash BLUE = hash("blue");

  /** Somebody in no group of ours; two members of red; one of red and blue. */
  private static final EndpointId STRANGER = id("stranger");

  private static final EndpointId ANN = id("ann");
  private static final EndpointId BEN = id("ben");
  private static final EndpointId BOTH = id("both");

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EndpointId id(String name) {
    return SecretKey.of(hash(name).toBytes()).id();
  }

  private static Source silent(EndpointId id, Hash... shared) {
    return new Source(id, false, Set.of(), Set.of(shared));
  }

  private static Source saidInPublic(EndpointId id, Hash... shared) {
    return new Source(id, true, Set.of(), Set.of(shared));
  }

  private static Source saidIn(Hash group, EndpointId id, Hash... shared) {
    return new Source(id, false, Set.of(group), Set.of(shared));
  }

  private static Audience only(Hash... marks) {
    return new Audience(false, Set.of(marks), false);
  }

  @Test
  void whatStrangersGiveIsForEverybody() {
    Choice choice = Sourcing.choose(null, List.of(silent(STRANGER), saidInPublic(ANN, RED)));
    assertThat(choice.audience().everybody()).isTrue();
    assertThat(choice.sources()).containsExactlyInAnyOrder(STRANGER, ANN);
  }

  @Test
  void whatWasAnnouncedInAGroupIsForTheGroup() {
    Choice choice = Sourcing.choose(null, List.of(saidIn(RED, ANN, RED), silent(BEN, RED)));
    assertThat(choice.audience()).isEqualTo(only(RED));
    assertThat(choice.sources()).containsExactlyInAnyOrder(ANN, BEN);
  }

  /** A stranger who knows the hash announces it in public, to have it from us. */
  @Test
  void aWordInPublicWidensNothing() {
    List<Source> sources = List.of(saidInPublic(STRANGER), saidIn(RED, ANN, RED));
    assertThat(Sourcing.choose(null, sources).audience()).isEqualTo(only(RED));
    // Said before anybody of the group spoke: then it is the stranger alone who may give it.
    Choice before = Sourcing.choose(null, List.of(saidInPublic(STRANGER), silent(ANN, RED)));
    assertThat(before.sources()).containsExactly(STRANGER);
    assertThat(before.audience().everybody()).isTrue();
    Choice then = Sourcing.choose(before.audience(), sources);
    assertThat(then.audience()).isEqualTo(only(RED));
  }

  /** A member of one group announces there what it knows to be in another one. */
  @Test
  void aWordInOneGroupDoesNotTakeFromAnother() {
    Choice choice =
        Sourcing.choose(only(BLUE), List.of(saidIn(BLUE, ANN, BLUE), silent(BOTH, RED, BLUE)));
    assertThat(choice.audience()).isEqualTo(only(BLUE));
    assertThat(choice.sources()).containsExactly(ANN);
    Choice other = Sourcing.choose(only(BLUE), List.of(saidIn(RED, ANN, RED)));
    assertThat(other.audience()).isEqualTo(only());
    assertThat(other.sources()).containsExactly(ANN);
  }

  @Test
  void aMemberThatSaidNothingGivesForItsGroupIfThereIsOneOnly() {
    Choice one = Sourcing.choose(null, List.of(silent(ANN, RED), silent(STRANGER)));
    assertThat(one.audience()).isEqualTo(only(RED));
    assertThat(one.sources()).containsExactlyInAnyOrder(ANN, STRANGER);
    Choice two = Sourcing.choose(null, List.of(silent(BOTH, RED, BLUE)));
    assertThat(two.audience()).isEqualTo(only());
    assertThat(two.sources()).containsExactly(BOTH);
  }

  @Test
  void whatWasClaimedStays() {
    Audience claimed = new Audience(false, Set.of(BLUE), true);
    Choice choice = Sourcing.choose(claimed, List.of(saidIn(RED, ANN, RED), silent(STRANGER)));
    assertThat(choice.audience()).isEqualTo(claimed);
    assertThat(choice.sources()).containsExactlyInAnyOrder(ANN, STRANGER);
  }
}
