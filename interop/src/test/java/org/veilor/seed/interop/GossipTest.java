package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;

/** Our gossip and unmodified iroh-gossip nodes in the same topics (gossip.md §6.5). */
@Timeout(300)
final class GossipTest {
  private static final TopicId TOPIC = topic("one");
  private static final TopicId OTHER = topic("two");
  private static final String SECRET = "5a".repeat(32);
  private static final int TOPICS = 200;

  private final List<GossipMember> open = new ArrayList<>();
  private int keys;
  private int said;

  private static TopicId topic(String name) {
    return new TopicId(Blake3Hasher.hash(name.getBytes(StandardCharsets.UTF_8)));
  }

  @AfterEach
  void close() {
    // Ours first: they wait until others know that they leave.
    open.parallelStream().filter(OurGossip.class::isInstance).forEach(GossipMember::close);
    open.parallelStream().filter(RustGossip.class::isInstance).forEach(GossipMember::close);
  }

  private OurGossip ours() {
    OurGossip node = OurGossip.start(++keys);
    open.add(node);
    return node;
  }

  private RustGossip rust(Object... arguments) {
    RustGossip node = RustGossip.start(arguments);
    open.add(node);
    return node;
  }

  /** Everybody says something, and everybody else hears it, once. */
  private void assertAllHearAll(TopicId topic, List<? extends GossipMember> members) {
    String round = "round " + ++said + " ";
    members.forEach(each -> each.say(topic, round + each.id()));
    for (GossipMember to : members) {
      for (GossipMember from : members) {
        if (!from.equals(to)) {
          to.awaitText(topic, round + from.id());
          assertThat(to.heardCount(topic, round + from.id())).isEqualTo(1);
        }
      }
    }
  }

  private static long joinMicros(GossipMember joiner, GossipMember contact, TopicId topic) {
    long begun = System.nanoTime();
    joiner.join(topic, List.of(contact.target()));
    joiner.awaitNeighbor(topic, contact);
    return (System.nanoTime() - begun) / 1000;
  }

  /** One of each kind; the first is the contact. */
  private List<GossipMember> pair(boolean rustIsContact) {
    GossipMember contact = rustIsContact ? rust() : ours();
    GossipMember joiner = rustIsContact ? ours() : rust();
    contact.join(TOPIC, List.of());
    long micros = joinMicros(joiner, contact, TOPIC);
    contact.awaitNeighbor(TOPIC, joiner);
    System.out.println(joiner.name() + " joined " + contact.name() + " in " + micros + " us");
    return List.of(contact, joiner);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eitherKindBootstrapsFromTheOther(boolean rustIsContact) {
    List<GossipMember> pair = pair(rustIsContact);
    assertAllHearAll(TOPIC, pair);
    for (int i = 0; i < 2; i++) {
      GossipMember from = pair.get(i);
      GossipMember to = pair.get(1 - i);
      assertThat(to.scope(TOPIC, "round 1 " + from.id())).isEqualTo("swarm 0");
      from.sayToNeighbors(TOPIC, "psst " + i);
      to.awaitText(TOPIC, "psst " + i);
      assertThat(to.scope(TOPIC, "psst " + i)).isEqualTo("neighbors");
    }
  }

  @Test
  void theLargestContentIsPassedOn() {
    RustGossip contact = rust();
    OurGossip middle = ours();
    RustGossip far = rust();
    contact.join(TOPIC, List.of());
    joinMicros(middle, contact, TOPIC);
    joinMicros(far, middle, TOPIC);
    String content = contact.sayRandom(TOPIC, GossipLimits.MAX_CONTENT_BYTES, 1);
    GossipMember.await("ours has it", () -> middle.contents(TOPIC).contains(content));
    GossipMember.await("the other Rust node has it", () -> far.contents(TOPIC).contains(content));

    byte[] own = new byte[GossipLimits.MAX_CONTENT_BYTES];
    new Random(2).nextBytes(own);
    middle.network().broadcast(TOPIC, own);
    String expected = Blake3Hasher.hash(own) + "/" + own.length;
    for (RustGossip each : List.of(contact, far)) {
      GossipMember.await("Rust has ours", () -> each.contents(TOPIC).contains(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void quittingOneTopicLeavesTheOther(boolean rustIsContact) {
    List<GossipMember> pair = pair(rustIsContact);
    GossipMember contact = pair.getFirst();
    GossipMember joiner = pair.getLast();
    contact.join(OTHER, List.of());
    joinMicros(joiner, contact, OTHER);
    contact.awaitNeighbor(OTHER, joiner);

    joiner.quit(TOPIC);
    GossipMember.await("the contact knows", () -> !contact.neighbors(TOPIC).contains(joiner.id()));
    assertAllHearAll(OTHER, pair);
    contact.quit(OTHER);
    joinMicros(joiner, contact, TOPIC);
    contact.awaitNeighbor(TOPIC, joiner);
    assertAllHearAll(TOPIC, pair);
  }

  /** Everybody knows where everybody is only from what gossip says. */
  @Test
  void aMixedSwarmHearsEveryBroadcast() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    System.out.println("mixed swarm with seed " + seed);
    List<GossipMember> members = mixed(5, random);
    List<GossipMember> joined = new ArrayList<>();
    List<Long> joins = new ArrayList<>();
    for (GossipMember each : members) {
      if (joined.isEmpty()) {
        each.join(TOPIC, List.of());
      } else {
        GossipMember contact = joined.get(random.nextInt(joined.size()));
        long begun = System.nanoTime();
        each.join(TOPIC, List.of(contact.target()));
        each.awaitJoined(TOPIC);
        joins.add((System.nanoTime() - begun) / 1000);
      }
      joined.add(each);
    }
    Collections.sort(joins);
    System.out.println("us from join to first neighbour: " + joins);
    awaitSettled(members);
    for (int i = 0; i < 3; i++) {
      assertAllHearAll(TOPIC, members);
    }
    measure(members, random);
    for (GossipMember each : members) {
      String text = "neighbours of " + each.id();
      each.sayToNeighbors(TOPIC, text);
      GossipMember.await(
          "some neighbour of " + each.name() + " hears it",
          () -> members.stream().anyMatch(other -> other.heardCount(TOPIC, text) == 1));
      assertThat(each.heardCount(TOPIC, text)).isZero();
    }
  }

  /**
   * Waits until nobody is displaced any more: a Rust node says things to nobody while it has no
   * neighbour (gossip.md §3.6), and a joiner may displace somebody's only one.
   */
  private static void awaitSettled(List<GossipMember> members) {
    Map<String, Set<String>> last = new HashMap<>();
    GossipMember.await(
        "everybody has neighbours who know of it",
        () -> {
          Map<String, Set<String>> now = new HashMap<>();
          members.forEach(each -> now.put(each.id(), Set.copyOf(each.neighbors(TOPIC))));
          boolean isSettled =
              now.equals(last) && now.keySet().stream().allMatch(id -> isKnown(id, now));
          last.clear();
          last.putAll(now);
          Deadline.pause(Duration.ofMillis(isSettled ? 0 : 250));
          return isSettled;
        });
  }

  private static boolean isKnown(String id, Map<String, Set<String>> neighbors) {
    Set<String> mine = neighbors.getOrDefault(id, Set.of());
    return mine.stream().anyMatch(other -> neighbors.getOrDefault(other, Set.of()).contains(id));
  }

  private List<GossipMember> mixed(int ofEach, Random random) {
    List<GossipMember> members = new ArrayList<>();
    for (int i = 0; i < ofEach; i++) {
      members.add(ours());
      members.add(rust());
    }
    Collections.shuffle(members, random);
    return members;
  }

  /** Broadcasts one after another from members in turn; prints how long each took to each other. */
  private static void measure(List<GossipMember> members, Random random) {
    int count = 60;
    long[] ours = new long[count * (members.size() - 1)];
    int filled = 0;
    for (int i = 0; i < count; i++) {
      GossipMember from = members.get(i % members.size());
      String text = "timed " + i + " " + "x".repeat(80) + random.nextInt();
      long sent = from.say(TOPIC, text);
      for (GossipMember to : members) {
        if (!to.equals(from)) {
          to.awaitText(TOPIC, text);
          ours[filled++] = to.heardMicros(TOPIC, text).orElseThrow() - sent;
        }
      }
    }
    Arrays.sort(ours);
    System.out.printf(
        "%d deliveries in a swarm of %d: p50 %d us, p99 %d us, max %d us%n",
        filled, members.size(), ours[filled / 2], ours[filled * 99 / 100], ours[filled - 1]);
  }

  /** A member that is no contact vanishes and comes back elsewhere under its key. */
  @Test
  void aKilledRustNodeIsHeardAgain() {
    OurGossip contact = ours();
    contact.join(TOPIC, List.of());
    List<GossipMember> members = new ArrayList<>(List.of(contact, ours(), rust(), ours(), rust()));
    RustGossip victim = rust("--secret", SECRET);
    members.add(victim);
    for (GossipMember each : members.subList(1, members.size())) {
      each.join(TOPIC, List.of(contact.target()));
      each.awaitJoined(TOPIC);
    }
    awaitSettled(members);
    assertAllHearAll(TOPIC, members);
    victim.kill();
    members.remove(victim);
    assertAllHearAll(TOPIC, members);
    GossipMember.await(
        "ours have noticed, long before QUIC would",
        () ->
            members.stream()
                .noneMatch(each ->
                    each instanceof OurGossip && each.neighbors(TOPIC).contains(victim.id())));

    RustGossip again = rust("--secret", SECRET);
    again.join(TOPIC, List.of(contact.target()));
    again.awaitJoined(TOPIC);
    members.add(again);
    awaitSettled(members);
    assertAllHearAll(TOPIC, members);
  }

  /**
   * The contact itself vanishes and comes back under its key, joining a neighbour it had: a Rust
   * neighbour would not answer, and nobody would hear the contact for minutes (gossip.md §6.5 r).
   */
  @Test
  void aRestartedContactIsHeardAtOnce() {
    RustGossip contact = rust("--secret", SECRET);
    contact.join(TOPIC, List.of());
    List<GossipMember> members = new ArrayList<>(List.of(contact));
    for (GossipMember each : List.of(ours(), ours(), rust())) {
      each.join(TOPIC, members.stream().map(GossipMember::target).toList());
      members.forEach(other -> each.awaitNeighbor(TOPIC, other)); // nobody depends on the contact
      members.add(each);
    }
    contact.kill();
    members.remove(contact);
    GossipMember neighbor = members.getFirst();

    RustGossip again = rust("--secret", SECRET);
    long micros = joinMicros(again, neighbor, TOPIC);
    System.out.println("the restarted contact was answered after " + micros + " us");
    members.add(again);
    assertAllHearAll(TOPIC, members);
  }

  /** Ours crashes without a word and comes back under its key, joining the Rust node it had. */
  @Test
  void oursComesBackToTheRustNodeItHad() {
    RustGossip contact = rust();
    contact.join(TOPIC, List.of());
    OurGossip first = OurGossip.start(50);
    try (first) {
      joinMicros(first, contact, TOPIC);
    }
    GossipMember.await("the contact is alone", () -> contact.neighbors(TOPIC).isEmpty());
    OurGossip again = OurGossip.start(50);
    open.add(again);
    joinMicros(again, contact, TOPIC);
    assertAllHearAll(TOPIC, List.of(contact, again));
  }

  /** Every node is reached through a network that loses one packet in a hundred. */
  @Test
  void onePercentLossLosesNoBroadcast() {
    List<GossipMember> members = new ArrayList<>();
    List<Proxy> proxies = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        OurGossip node = ours();
        Proxy proxy =
            Proxy.to(node.target().substring(node.target().indexOf('@') + 1))
                .loss(0.01)
                .delay(Duration.ofMillis(2))
                .seed(i)
                .start();
        proxies.add(proxy);
        node.advertise(proxy.addr());
        node.join(
            TOPIC,
            i == 0
                ? List.of()
                : List.of(members.getFirst().id() + "@" + proxies.getFirst().addr()));
        if (i > 0) {
          node.awaitJoined(TOPIC);
        }
        members.add(node);
      }
      RustGossip rust = rust();
      rust.join(TOPIC, List.of(members.getLast().id() + "@" + proxies.getLast().addr()));
      rust.awaitJoined(TOPIC);
      members.add(rust);
      awaitSettled(members);
      for (int i = 0; i < 20 || (i < 500 && !bothDirectionsLost(proxies)); i++) {
        assertAllHearAll(TOPIC, members);
      }
      assertThat(bothDirectionsLost(proxies)).isTrue();
    } finally {
      proxies.forEach(Proxy::close);
    }
  }

  private static boolean bothDirectionsLost(List<Proxy> proxies) {
    return Stream.of("up", "down")
        .allMatch(direction ->
            proxies.stream()
                    .mapToLong(each -> each.stats().path(direction).path("lost").asLong())
                    .sum()
                > 2);
  }

  /** Each topic is a swarm of its own, whatever becomes of the others on the same connection. */
  @Test
  void hundredsOfTopicsShareOneConnection() {
    RustGossip rust = rust();
    OurGossip contact = ours();
    OurGossip joiner = ours();
    List<TopicId> topics = IntStream.range(0, TOPICS).mapToObj(i -> topic("of many " + i)).toList();
    for (TopicId topic : topics) {
      contact.join(topic, List.of());
      joiner.join(topic, List.of(contact.target()));
      rust.join(topic, List.of(contact.target()));
    }
    List<GossipMember> members = List.of(contact, joiner, rust);
    for (TopicId topic : topics) {
      joiner.awaitJoined(topic);
      rust.awaitJoined(topic);
    }
    topics.forEach(topic -> assertAllHearAll(topic, members));
    assertThat(contact.network().connectedPeers().join()).isEqualTo(2);
    assertThat(contact.network().counters()).containsEntry("connections", 2L);

    List<TopicId> left = topics.subList(0, TOPICS / 2);
    List<TopicId> kept = topics.subList(TOPICS / 2, TOPICS);
    left.forEach(joiner::quit);
    assertThat(joiner.network().topics().join()).containsExactlyInAnyOrderElementsOf(kept);
    kept.forEach(topic -> assertAllHearAll(topic, members));
    for (TopicId topic : left) {
      GossipMember.await(
          "the contact knows", () -> !contact.neighbors(topic).contains(joiner.id()));
      assertAllHearAll(topic, List.of(contact, rust));
    }
    assertThat(contact.network().counters()).containsEntry("connections", 2L);
  }
}
