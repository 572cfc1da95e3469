package org.veilor.seed.node.announce;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.node.gossip.GossipListener;
import org.veilor.seed.node.gossip.TopicNetwork;
import org.veilor.seed.node.membership.Groups;

class AnnouncerTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));
  private static final Hash BLOB = hash("blob");

  @TempDir private Path temporary = Path.of("");

  /** Everything that was said, and who is in the topic. */
  private final List<byte[]> said = new ArrayList<>();

  private final Map<EndpointId, GossipListener> members = new ConcurrentHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A node in a topic that delivers at once. */
  private final class Node implements TopicNetwork {
    final SecretKey key;
    final Map<Hash, Long> held = new ConcurrentHashMap<>();
    final List<byte[]> kept = new CopyOnWriteArrayList<>();
    final List<Announcement> heard = new CopyOnWriteArrayList<>();
    final AnnouncedProviders providers = new AnnouncedProviders();

    /** What is to be done when all that was heard is kept. */
    volatile Consumer<Runnable> keeping = Runnable::run;

    final Announcer announcer;

    Node(int number) throws Exception {
      this(number, SecretKey.of(hash("node " + number).toBytes()).id());
    }

    Node(int number, EndpointId origin) throws Exception {
      key = SecretKey.of(hash("node " + number).toBytes());
      Memberships memberships = Memberships.open(temporary.resolve("" + number));
      memberships.put(new Invite(SERVICE, List.of(origin), List.of()));
      announcer =
          new Announcer(
              new Announcer.Context(
                  key,
                  this,
                  memberships,
                  () -> EndpointAddr.of(key.id()),
                  (_, hash) -> held.containsKey(hash) ? OptionalLong.of(held.get(hash)) : none(),
                  providers,
                  Groups.open(
                      temporary.resolve("" + number), memberships::all, System::currentTimeMillis),
                  new Kept(),
                  System::currentTimeMillis,
                  new Random(number)));
      announcer.start();
      nodes.add(this);
      await(() -> members.containsKey(key.id()));
    }

    /** Says to new neighbours what is in {@link #kept}, and notes what is heard. */
    private final class Kept implements OriginListener {
      @Override
      public void entered(Invite invite) {}

      @Override
      public void left(Invite invite) {}

      @Override
      public void heard(Invite invite, Announcement announcement) {
        heard.add(announcement);
      }

      @Override
      public void whenKept(Runnable task) {
        keeping.accept(task);
      }

      @Override
      public boolean lists(Invite invite) {
        return !kept.isEmpty();
      }

      @Override
      public List<byte[]> kept(Invite invite) {
        return List.copyOf(kept);
      }
    }

    private static OptionalLong none() {
      return OptionalLong.empty();
    }

    boolean knows(Node other) {
      return providers.find(BLOB, System.currentTimeMillis()).stream()
          .anyMatch(addr -> addr.id().equals(other.key.id()));
    }

    @Override
    public void setOwnAddress(EndpointAddr own) {}

    @Override
    public void join(TopicId topic, List<EndpointAddr> contacts, GossipListener listener) {
      assertThat(topic).isEqualTo(SERVICE.topic());
      members.forEach((id, other) -> {
        other.onEvent(new GossipOutput.NeighborUp(topic, key.id()));
        listener.onEvent(new GossipOutput.NeighborUp(topic, id));
      });
      members.put(key.id(), listener);
    }

    @Override
    public void broadcast(TopicId topic, byte[] content) {
      synchronized (said) {
        said.add(content);
      }
      members.forEach((id, other) -> {
        if (!id.equals(key.id())) {
          other.onEvent(
              new GossipOutput.Received(topic, content, new DeliveryScope.Swarm(0), key.id()));
        }
      });
    }

    @Override
    public void broadcastNeighbors(TopicId topic, byte[] content) {
      members.forEach((id, other) -> {
        if (!id.equals(key.id())) {
          other.onEvent(
              new GossipOutput.Received(topic, content, new DeliveryScope.Neighbors(), key.id()));
        }
      });
    }

    @Override
    public CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic) {
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<Void> leave(TopicId topic) {
      members.remove(key.id());
      return CompletableFuture.completedFuture(null);
    }
  }

  @AfterEach
  void close() {
    nodes.forEach(node -> node.announcer.close());
  }

  /** Whoever recorded a message cannot make it count twice by waiting for a restart. */
  @Test
  void whatWasHeardBeforeARestartIsNotTakenAgain() throws Exception {
    Node restarted = new Node(1);
    Node other = new Node(2);
    other.held.put(BLOB, 5L);
    other.announcer.appeared("media", BLOB);
    await(() -> restarted.knows(other));
    restarted.announcer.close();
    members.remove(restarted.key.id());

    Node again = new Node(1);
    GossipListener listener = Objects.requireNonNull(members.get(again.key.id()));
    List<byte[]> recorded;
    synchronized (said) {
      recorded = List.copyOf(said);
    }
    assertThat(recorded).isNotEmpty();
    for (byte[] content : recorded) {
      listener.onEvent(
          new GossipOutput.Received(
              SERVICE.topic(), content, new DeliveryScope.Swarm(1), other.key.id()));
    }
    await(() -> {
      TopicStatus status = again.announcer.status().join().get("media");
      return status != null && status.dropped() == recorded.size();
    });
    assertThat(again.knows(other)).isFalse();
  }

  /** A kill while a Forget is being kept must not make a replay of its repetition. */
  @Test
  void whatIsNotKeptWhenTheNodeIsKilledIsHeardAgain() throws Exception {
    Node origin = new Node(1);
    Node killed = new Node(2, origin.key.id());
    List<Runnable> never = new CopyOnWriteArrayList<>();
    killed.keeping = never::add;
    Body forget = new Body.Forget(List.of(BLOB), System.currentTimeMillis() + 3_600_000);
    Announcement signed = origin.announcer.sign("media", forget).get(100, SECONDS);
    origin.announcer.tell(SERVICE, signed);
    await(() -> killed.heard.size() == 1);
    killed.announcer.close();
    members.remove(killed.key.id());
    assertThat(never).as("what was heard is written down when it is kept").hasSize(1);

    Node again = new Node(2, origin.key.id());
    origin.announcer.tell(SERVICE, signed);
    await(() -> again.heard.size() == 1);
    assertThat(again.heard).containsExactly(signed);
    again.announcer.close();
    members.remove(again.key.id());

    // It was kept: the next life does not take it again.
    Node last = new Node(2, origin.key.id());
    origin.announcer.tell(SERVICE, signed);
    await(() -> {
      TopicStatus status = last.announcer.status().join().get("media");
      return status != null && status.dropped() == 1;
    });
    assertThat(last.heard).isEmpty();
  }

  /** Others would not believe a sequence below one that they have heard. */
  @Test
  void sequencesGoOnAfterARestartWithAnEarlierClock() throws Exception {
    SecretKey key = SecretKey.of(hash("some node").toBytes());
    Invite invite = new Invite(SERVICE, List.of(key.id()), List.of());
    ServiceTopic before =
        new ServiceTopic(invite, TopicFile.Memory.NONE, noPeers(), 0, (t, each) -> {});
    Announcement last = before.sign(key, 9_000_000, new Body.Withdraw(List.of(BLOB)));
    TopicFile file = new TopicFile(temporary, SERVICE.topic());
    file.write(Objects.requireNonNull(before.memoryIfChanged()));
    assertThat(before.memoryIfChanged()).as("nothing new").isNull();

    ServiceTopic after = new ServiceTopic(invite, file.read(), noPeers(), 0, (t, each) -> {});
    assertThat(after.sign(key, 1_000, new Body.Withdraw(List.of(BLOB))).sequence())
        .isGreaterThan(last.sequence());
  }

  private KnownPeers noPeers() {
    return new KnownPeers(temporary.resolve("none"), SERVICE.topic());
  }

  private static void await(BooleanSupplier wish) throws InterruptedException {
    long end = System.nanoTime() + SECONDS.toNanos(30);
    while (!wish.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private List<Body> bodies() throws Exception {
    List<Body> bodies = new ArrayList<>();
    synchronized (said) {
      for (byte[] content : said) {
        bodies.add(Announcement.decode(content).body());
      }
    }
    return bodies;
  }

  @Test
  void whatAppearsIsKnownToOthersUntilItVanishes() throws Exception {
    Node a = new Node(1);
    Node b = new Node(2);
    a.held.put(BLOB, 5L);
    a.announcer.appeared("media", BLOB);
    a.announcer.appeared("media", hash("not here"));
    a.announcer.appeared("another service", hash("elsewhere"));
    await(() -> b.knows(a));
    assertThat(bodies()).hasSize(1);
    assertThat(((Body.Provide) bodies().getFirst()).blobs()).hasSize(1);

    a.announcer.vanished("media", BLOB); // a copy of it is still here
    assertThat(a.announcer.status().get(30, SECONDS)).containsKey("media"); // it has looked
    a.held.remove(BLOB);
    a.announcer.vanished("media", BLOB);
    await(() -> !b.knows(a));
    assertThat(bodies()).hasSize(2);
    assertThat(a.providers.size()).isZero();
  }

  @Test
  void newNeighboursAreToldWhatOriginsSaidAndNobodyElseIsBelieved() throws Exception {
    Node a = new Node(1);
    long now = System.currentTimeMillis();
    for (int i = 0; i < 12; i++) {
      Body forget = new Body.Forget(List.of(hash("gone " + i)), now + 3_600_000);
      a.kept.add(Announcement.sign(a.key, SERVICE, now, now + i, forget).encode());
    }
    SecretKey stranger = SecretKey.of(hash("stranger").toBytes());
    Body catalogue = new Body.Catalogue(BLOB, Long.MAX_VALUE, 1, 1, EndpointAddr.of(stranger.id()));
    a.kept.add(Announcement.sign(stranger, SERVICE, now, now, catalogue).encode());
    Node b = new Node(2, a.key.id());
    await(() -> b.heard.size() == 12);
    new Node(3, a.key.id());
    await(() -> {
      TopicStatus status = b.announcer.status().join().get("media");
      return status != null && status.dropped() > 13;
    });
    assertThat(b.heard).hasSize(12).allMatch(said -> said.issuer().equals(a.key.id()));
  }

  @Test
  void whatAScanFindsIsLeftToTheCatalogue() throws Exception {
    Node a = new Node(1);
    a.kept.add(new byte[0]);
    for (int i = 0; i < 2_000; i++) {
      a.held.put(hash("file " + i), 1L);
      a.announcer.appeared("media", hash("file " + i));
    }
    await(() -> !said.isEmpty());
    a.held.put(BLOB, 5L);
    int told = 0;
    for (Body body : bodies()) {
      told += ((Body.Provide) body).blobs().size();
    }
    assertThat(told).isBetween(1, 900);
  }

  @Test
  void aQuestionIsAnsweredByOneOfThoseWhoHaveIt() throws Exception {
    Node asker = new Node(1);
    for (int i = 2; i < 6; i++) {
      new Node(i).held.put(BLOB, 5L);
    }
    assertThat(asker.announcer.ask(BLOB).get(30, SECONDS)).isNull();
    await(() -> asker.providers.size() == 1);
    assertThat(asker.announcer.ask(BLOB).get(30, SECONDS)).isNull();
    assertThat(bodies().stream().filter(Body.Query.class::isInstance)).hasSize(1);
  }

  @Test
  void manyQuestionsShareMessages() throws Exception {
    Node asker = new Node(1);
    Node other = new Node(2);
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < 240; i++) {
      other.held.put(hash("file " + i), 1L);
      answers.add(asker.announcer.ask(hash("file " + i)));
    }
    for (CompletableFuture<?> answer : answers) {
      assertThat(answer.get(100, SECONDS)).isNull();
    }
    await(() -> asker.providers.size() == 240);
    int asked = 0;
    for (Body body : bodies()) {
      asked += body instanceof Body.Query query ? query.hashes().size() : 0;
    }
    assertThat(asked).isEqualTo(240);
    assertThat(bodies().stream().filter(Body.Query.class::isInstance).count()).isLessThan(100);
  }

  @Test
  void whatOthersAnsweredMeanwhileIsNotAnsweredAgain() {
    SecretKey key = SecretKey.of(new byte[SecretKey.LENGTH]);
    ServiceTopic topic =
        new ServiceTopic(
            new Invite(SERVICE, List.of(key.id()), List.of()),
            TopicFile.Memory.NONE,
            noPeers(),
            0,
            (t, said) -> {});
    List<Hash> asked = List.of(BLOB, hash("other"), hash("third"));
    topic.willAnswer(asked);
    topic.answeredByOthers(hash("other"));
    assertThat(topic.takeUnanswered(asked)).containsExactly(BLOB, hash("third"));
    assertThat(topic.takeUnanswered(asked)).isEmpty();
  }

  @Test
  void nobodyToAskIsNoTimeLost() throws Exception {
    Node alone = new Node(1);
    assertThat(alone.announcer.ask(BLOB).get(30, SECONDS)).isNull();
    assertThat(said).isEmpty();
  }

  @Test
  void whoeverLeavesSaysNothingMore() throws Exception {
    Node a = new Node(1);
    new Node(2);
    a.announcer.left("media");
    await(() -> !members.containsKey(a.key.id()));
    a.held.put(BLOB, 5L);
    a.announcer.appeared("media", BLOB);
    assertThat(a.announcer.status().get(30, SECONDS)).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void membershipsOutliveARestartAndSayNoSecret() throws Exception {
    Memberships memberships = Memberships.open(temporary);
    Invite invite =
        new Invite(SERVICE, List.of(SecretKey.of(new byte[SecretKey.LENGTH]).id()), List.of());
    memberships.put(invite);
    memberships.put(
        new Invite(
            new ServiceKey.Public(new ServiceName("x.veilor", "../etc")),
            invite.origins(),
            List.of()));
    Memberships again = Memberships.open(temporary);
    assertThat(again.named("media")).isEqualTo(invite);
    assertThat(again.all()).hasSize(2);
    assertThat(again.remove("../etc")).isTrue();
    assertThat(again.remove("../etc")).isFalse();
    assertThat(Memberships.open(temporary).all()).containsExactly(invite);
  }
}
