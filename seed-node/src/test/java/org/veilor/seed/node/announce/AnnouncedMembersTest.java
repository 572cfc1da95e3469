package org.veilor.seed.node.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.node.gossip.GossipListener;
import org.veilor.seed.node.gossip.TopicNetwork;
import org.veilor.seed.node.membership.Groups;

/**
 * Whoever is believed on a group's topic is a member; and only what is the group's is said there.
 */
class AnnouncedMembersTest {
  private static final ServiceName NAME = new ServiceName("x.veilor", "media");
  private static final ServiceKey GROUP = group("secret");
  private static final SecretKey SELF = SecretKey.of(hash("self").toBytes());
  private static final SecretKey OTHER = SecretKey.of(hash("other").toBytes());
  private static final Hash OF_GROUP = hash("a blob of the group");
  private static final Hash OF_OTHERS = hash("a blob of another service");

  @TempDir private Path state = Path.of("");
  private final LinkedBlockingQueue<byte[]> said = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<GossipListener> joined = new LinkedBlockingQueue<>();
  private Groups groups;
  private Announcer announcer;
  private GossipListener topic;

  /** A network in which the test is everybody else. */
  private final class Everybody implements TopicNetwork {
    @Override
    public void setOwnAddress(EndpointAddr own) {}

    @Override
    public void join(TopicId id, List<EndpointAddr> contacts, GossipListener listener) {
      assertThat(id).isEqualTo(GROUP.topic());
      joined.add(listener);
    }

    @Override
    public void broadcast(TopicId id, byte[] content) {
      assertThat(id).isEqualTo(GROUP.topic());
      said.add(content);
    }

    @Override
    public void broadcastNeighbors(TopicId id, byte[] content) {
      throw new AssertionError("nothing is kept here");
    }

    @Override
    public CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic) {
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<Void> leave(TopicId id) {
      return CompletableFuture.completedFuture(null);
    }
  }

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ServiceKey group(String secret) {
    return new ServiceKey.Group(NAME, ServiceSecret.of(hash(secret).toBytes()));
  }

  @BeforeEach
  void join() throws Exception {
    Memberships memberships = Memberships.open(state);
    memberships.put(new Invite(GROUP, List.of(SELF.id()), List.of()));
    groups = Groups.open(state, memberships::all, System::currentTimeMillis);
    announcer =
        new Announcer(
            new Announcer.Context(
                SELF,
                new Everybody(),
                memberships,
                () -> EndpointAddr.of(SELF.id()),
                (service, hash) ->
                    service.equals(GROUP) && hash.equals(OF_GROUP)
                        ? OptionalLong.of(7)
                        : OptionalLong.empty(),
                new AnnouncedProviders(),
                groups,
                OriginListener.NONE,
                System::currentTimeMillis,
                new Random(1)));
    announcer.start();
    topic = joined.take();
  }

  @AfterEach
  void close() {
    announcer.close();
    groups.close();
  }

  private void hear(ServiceKey service, long sequence, Body body) {
    byte[] content =
        Announcement.sign(OTHER, service, System.currentTimeMillis(), sequence, body).encode();
    topic.onEvent(
        new GossipOutput.Received(GROUP.topic(), content, new DeliveryScope.Swarm(0), OTHER.id()));
  }

  private boolean isMember() {
    return groups.isMember(Groups.mark(NAME), OTHER.id());
  }

  @Test
  void whoIsBelievedIsAMember() throws Exception {
    Body query = new Body.Query(List.of(OF_OTHERS, OF_GROUP));
    hear(group("a guess"), 1, query);
    assertThat(announcer.status().get(100, TimeUnit.SECONDS)).containsKey("media");
    assertThat(isMember()).isFalse();
    hear(GROUP, 2, query);
    byte[] answer = said.poll(100, TimeUnit.SECONDS);
    assertThat(isMember()).isTrue();
    assertThat(answer).isNotNull();
    Announcement told = Announcement.decode(answer);
    assertThat(told.verify(GROUP)).isTrue();
    assertThat(((Body.Provide) told.body()).blobs())
        .extracting(blob -> blob.content().hash())
        .containsExactly(OF_GROUP);
  }
}
