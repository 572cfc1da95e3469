package org.veilor.seed.node.announce;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.node.gossip.GossipListener;
import org.veilor.seed.node.gossip.TopicNetwork;
import org.veilor.seed.node.membership.Groups;

/** Who hears which questions of a node that is in a public service and in two groups. */
class QuestionScopeTest {
  private static final SecretKey SELF = SecretKey.of(hash("self").toBytes());
  private static final SecretKey OTHER = SecretKey.of(hash("other").toBytes());
  private static final ServiceKey EVERYBODY = new ServiceKey.Public(name("downloads"));
  private static final ServiceKey TEAM = group("team", "secret");
  private static final ServiceKey FRIENDS = group("friends", "another");

  @TempDir private Path state = Path.of("");
  private final Map<TopicId, List<Hash>> asked = new ConcurrentHashMap<>();
  private final AnnouncedProviders providers = new AnnouncedProviders();
  private Announcer announcer;

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ServiceName name(String name) {
    return new ServiceName("x.veilor", name);
  }

  private static ServiceKey group(String name, String secret) {
    return new ServiceKey.Group(name(name), ServiceSecret.of(hash(secret).toBytes()));
  }

  /** Notes what is asked. */
  private final class Ears implements TopicNetwork {
    @Override
    public void setOwnAddress(EndpointAddr own) {}

    @Override
    public void join(TopicId topic, List<EndpointAddr> contacts, GossipListener listener) {
      listener.onEvent(new GossipOutput.NeighborUp(topic, OTHER.id()));
    }

    @Override
    public void broadcast(TopicId topic, byte[] content) {
      try {
        if (Announcement.decode(content).body() instanceof Body.Query(List<Hash> hashes)) {
          asked.computeIfAbsent(topic, each -> new CopyOnWriteArrayList<>()).addAll(hashes);
        }
      } catch (MalformedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void broadcastNeighbors(TopicId topic, byte[] content) {
      throw new AssertionError("nothing is kept here");
    }

    @Override
    public CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic) {
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<Void> leave(TopicId topic) {
      return CompletableFuture.completedFuture(null);
    }
  }

  @BeforeEach
  void start() throws Exception {
    Memberships memberships = Memberships.open(state);
    for (ServiceKey service : List.of(EVERYBODY, TEAM, FRIENDS)) {
      memberships.put(new Invite(service, List.of(SELF.id()), List.of()));
    }
    announcer =
        new Announcer(
            new Announcer.Context(
                SELF,
                new Ears(),
                memberships,
                () -> EndpointAddr.of(SELF.id()),
                (_, _) -> OptionalLong.empty(),
                providers,
                Groups.open(state, memberships::all, () -> 1_000),
                OriginListener.NONE,
                () -> 1_000,
                new Random(1)));
    announcer.start();
    while (neighbors() < 3) {
      Thread.onSpinWait(); // each look waits for what was to be done before
    }
  }

  private int neighbors() throws Exception {
    return announcer.status().get(100, SECONDS).values().stream()
        .mapToInt(TopicStatus::neighbors)
        .sum();
  }

  @AfterEach
  void close() {
    announcer.close();
  }

  private void ask(List<Hash> hashes) throws Exception {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    hashes.forEach(hash -> answers.add(announcer.ask(hash)));
    for (CompletableFuture<?> answer : answers) {
      assertThat(answer.get(100, SECONDS)).isNull();
    }
  }

  @Test
  void whatAGroupHasIsAskedInThatGroupOnly() throws Exception {
    Hash secret = hash("of the team");
    Hash common = hash("of everybody");
    Hash both = hash("of both");
    Hash rotated = hash("of the team with its former secret");
    EndpointAddr holder = EndpointAddr.of(OTHER.id());
    providers.put(holder, List.of(secret, both), TEAM, 1_000);
    providers.put(holder, List.of(common, both), EVERYBODY, 1_000);
    providers.put(holder, List.of(rotated), group("team", "former"), 1_000);
    Hash bare = hash("of nobody");
    ask(List.of(secret, common, both, rotated, bare));
    assertThat(asked.get(TEAM.topic()))
        .containsExactlyInAnyOrder(secret, common, both, rotated, bare);
    assertThat(asked.get(EVERYBODY.topic())).containsExactlyInAnyOrder(common, bare);
    assertThat(asked.get(FRIENDS.topic())).containsExactlyInAnyOrder(common, bare);
  }

  @Test
  void questionsAboutWhatNobodyNamedAreFew() throws Exception {
    List<Hash> many = new ArrayList<>();
    for (int i = 0; i < Announcer.UNKNOWN_AT_ONCE + 50; i++) {
      many.add(hash("bare " + i));
    }
    Hash named = hash("named");
    providers.put(EndpointAddr.of(OTHER.id()), List.of(named), EVERYBODY, 1_000);
    many.add(named);
    ask(many);
    assertThat(asked.get(EVERYBODY.topic()))
        .hasSize(Announcer.UNKNOWN_AT_ONCE + 1)
        .contains(named)
        .doesNotContain(hash("bare " + Announcer.UNKNOWN_AT_ONCE));
  }
}
