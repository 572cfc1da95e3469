package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.topic.Lab.MILLI;
import static org.veilor.seed.gossip.topic.Lab.OWN;
import static org.veilor.seed.gossip.topic.Lab.SECOND;
import static org.veilor.seed.gossip.topic.Lab.TOPIC;
import static org.veilor.seed.gossip.topic.Lab.data;
import static org.veilor.seed.gossip.topic.Lab.gossip;
import static org.veilor.seed.gossip.topic.Lab.high;
import static org.veilor.seed.gossip.topic.Lab.infos;
import static org.veilor.seed.gossip.topic.Lab.low;
import static org.veilor.seed.gossip.topic.Lab.ownNeighbor;
import static org.veilor.seed.gossip.topic.Lab.peer;
import static org.veilor.seed.gossip.topic.Lab.released;
import static org.veilor.seed.gossip.topic.Lab.send;
import static org.veilor.seed.gossip.topic.Lab.up;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.Message.Priority;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.PeerInfo;
import org.veilor.seed.gossip.protocol.TopicId;

/** What the hardened membership does beyond iroh-gossip. */
class HardenedMembershipTest {
  private static final Message JOIN = new Message.Join(OWN);

  private final Lab lab = Lab.hardened();

  private long asked() {
    return lab.sent(Message.Neighbor.class).size();
  }

  @Test
  void marksExpireAfterTenSeconds() {
    lab.withNeighbors(1, 2, 3, 4).receive(1, high()).take();
    lab.receive(1, high());
    assertThat(lab.sentTo(1)).containsExactly(ownNeighbor(Priority.HIGH));
    lab.take();
    lab.receive(1, low()).receive(1, low()).take();
    lab.pass(9 * SECOND);
    assertThat(lab.report().marks()).isPositive();
    lab.pass(10 * SECOND).take();
    assertThat(lab.receive(1, high()).sentTo(1)).containsExactly(ownNeighbor(Priority.HIGH));
  }

  @Test
  void marksDoNotKeepTheViewEmpty() {
    lab.withNeighbors(1, 2, 3).withPassive(20, 21, 22);
    lab.receive(1, new Message.Disconnect(false));
    assertThat(asked()).isPositive();
  }

  @Test
  void aJoinIsAlwaysAnswered() {
    lab.withNeighbors(1);
    assertThat(lab.receive(1, new Message.Join(null)).sentTo(1))
        .containsExactly(ownNeighbor(Priority.HIGH));
    Lab upstream = Lab.upstream().withNeighbors(1);
    assertThat(upstream.receive(1, new Message.Join(null)).sentTo(1)).isEmpty();
  }

  /** It was killed and is back within seconds: whatever new neighbours are told, it has to hear. */
  @Test
  void aNeighbourThatJoinsAgainIsToldAsANewOne() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(1, new Message.Join(data(1))).put(GossipOutput.NeighborUp.class))
        .extracting(GossipOutput.NeighborUp::peer)
        .containsExactly(peer(1));
    lab.take();
    assertThat(lab.receive(1, low()).put(GossipOutput.NeighborUp.class)).isEmpty();
  }

  @Test
  void aNeighborThatCrossesOurFarewellIsIgnoredForASecond() {
    lab.withNeighbors(1, 2, 3, 4, 5).receive(6, low());
    assertThat(lab.sentTo(6)).contains(new Message.Disconnect(true));
    lab.take();
    lab.receive(6, high());
    assertThat(lab.neighbors()).doesNotContain(peer(6));
    lab.pass(SECOND);
    lab.receive(6, high());
    assertThat(lab.neighbors()).contains(peer(6));
  }

  @Test
  void aJoinEndsTheCoolDown() {
    lab.withNeighbors(1, 2, 3, 4, 5).receive(6, low()).receive(6, new Message.Join(null));
    assertThat(lab.neighbors()).contains(peer(6));
  }

  @Test
  void aRefusalIsFollowedByAPauseThatDoubles() {
    lab.withNeighbors(1).withPassive(20, 21, 22, 23, 24, 25, 26, 27).receive(1, low());
    lab.receive(9, new Message.ShuffleReply(List.of()));
    refuse(lab.receivers(Message.Neighbor.class).getFirst());
    lab.take();
    assertThat(lab.pass(499 * MILLI).receivers(Message.Neighbor.class)).isEmpty();
    assertThat(lab.pass(MILLI).receivers(Message.Neighbor.class)).hasSize(1);
    refuse(lab.receivers(Message.Neighbor.class).getFirst());
    lab.take();
    assertThat(lab.pass(999 * MILLI).receivers(Message.Neighbor.class)).isEmpty();
    assertThat(lab.pass(MILLI).receivers(Message.Neighbor.class)).hasSize(1);
  }

  private void refuse(EndpointId peer) {
    lab.on(new GossipInput.Received(peer, TOPIC, new Message.Disconnect(true)));
  }

  @Test
  void aRequestThatIsNotAnsweredIsRepeatedElsewhereAtOnce() {
    lab.withNeighbors(1, 2).withPassive(20, 21, 22);
    lab.receive(9, new Message.ShuffleReply(List.of()));
    assertThat(asked()).isEqualTo(1);
    lab.pass(1900 * MILLI).take();
    lab.pass(100 * MILLI);
    assertThat(asked()).isEqualTo(1);
    assertThat(lab.passive()).hasSize(3);
    assertThat(lab.put(GossipOutput.Release.class)).hasSize(1);
  }

  @Test
  void onlyASecondFailureCostsAPlaceInThePassiveView() {
    lab.withNeighbors(1, 2).withPassive(20);
    lab.receive(9, new Message.ShuffleReply(List.of())).pass(2 * SECOND);
    assertThat(lab.passive()).containsExactly(peer(20));
    lab.pass(10 * SECOND).receive(9, new Message.ShuffleReply(List.of())).pass(2 * SECOND);
    assertThat(lab.passive()).isEmpty();
  }

  @Test
  void alonePeersAreAskedThreeAtATime() {
    lab.receive(9, new Message.ShuffleReply(infos(20, 26)));
    assertThat(lab.sent(Message.Neighbor.class))
        .hasSize(3)
        .containsOnly(ownNeighbor(Priority.HIGH));
  }

  @Test
  void aPeerThatIgnoresOurJoinGetsTwoNeighbors() {
    // A Rust peer that still has us marked takes the first for an answer, and answers the second.
    assertThat(lab.join(1).take()).containsExactly(send(1, JOIN));
    lab.pass(1999 * MILLI);
    assertThat(lab.take()).isEmpty();
    assertThat(lab.pass(MILLI).take()).containsExactly(send(1, ownNeighbor(Priority.HIGH)));
    assertThat(lab.pass(2 * SECOND).take()).containsExactly(send(1, ownNeighbor(Priority.HIGH)));
    assertThat(lab.receive(1, high()).take()).containsExactly(up(1));
    assertThat(lab.pass(3 * SECOND).receivers(Message.Join.class)).isEmpty();
  }

  @Test
  void aJoinThatIsRepeatedIsNotFollowedTwice() {
    lab.join(1).pass(SECOND).join(1).take();
    assertThat(lab.pass(2 * SECOND).sent(Message.Neighbor.class)).hasSize(1);
  }

  @Test
  void withoutNeighboursTheContactsAreJoinedInTurnAndEverMoreRarely() {
    lab.join(1, 2, 3).pass(10 * SECOND);
    Set<EndpointId> asked = new HashSet<>(lab.receivers(Message.Join.class));
    assertThat(asked).hasSize(3);
    lab.take();
    lab.pass(600 * SECOND);
    List<EndpointId> joined = lab.receivers(Message.Join.class);
    assertThat(joined).hasSizeBetween(9, 20).contains(peer(1), peer(2), peer(3));
  }

  @Test
  void formerNeighboursAreContactsToo() {
    lab.receive(1, new Message.Join(data(1))).receive(1, low()).lose(1).take();
    assertThat(lab.state.knownGoodPeers(TOPIC)).containsExactly(peer(1));
    assertThat(lab.pass(3 * SECOND).take())
        .contains(new GossipOutput.Learned(peer(1), data(1)), send(1, JOIN));
  }

  @Test
  void withNeighboursSomebodyLostIsJoinedEveryTenMinutes() {
    lab.receive(9, new Message.Join(null)).lose(9).withNeighbors(1, 2, 3, 4);
    for (int second = 0; second < 1300; second += 100) {
      lab.pass(100 * SECOND).receive(1, low()).receive(2, low());
    }
    List<EndpointId> joined = lab.receivers(Message.Join.class);
    assertThat(joined).hasSizeBetween(1, 4).contains(peer(9));
  }

  @Test
  void topicsDoNotLoseTheirPeersToEachOther() {
    TopicId other = TopicId.of(bytesOf(1));
    lab.on(new GossipInput.Join(other, List.of()));
    lab.withNeighbors(1, 2, 3);
    lab.on(new GossipInput.Received(peer(1), other, new Message.Join(null)));
    lab.receive(1, new Message.Disconnect(true));
    assertThat(lab.take()).doesNotContain(released(1));
    lab.on(new GossipInput.Received(peer(1), other, new Message.Disconnect(true)));
    assertThat(lab.take()).contains(released(1));
    lab.on(new GossipInput.Quit(TOPIC));
    assertThat(lab.take()).contains(released(2), released(3));
  }

  private static byte[] bytesOf(int first) {
    byte[] bytes = new byte[TopicId.LENGTH];
    bytes[0] = (byte) first;
    return bytes;
  }

  @Test
  void upstreamOneTopicDetachesAPeerForAll() {
    Lab upstream = Lab.upstream();
    TopicId other = TopicId.of(bytesOf(1));
    upstream.on(new GossipInput.Join(other, List.of())).withNeighbors(1, 2);
    upstream.on(new GossipInput.Received(peer(1), other, new Message.Join(null)));
    upstream.receive(1, new Message.Disconnect(true));
    assertThat(upstream.take()).contains(released(1));
  }

  @Test
  void addressesAreToldAgainBeforeADial() {
    lab.withNeighbors(1, 2).withPassive(20).pass(400 * SECOND);
    lab.take();
    lab.receive(9, new Message.ShuffleReply(List.of()));
    assertThat(lab.take()).contains(new GossipOutput.Learned(peer(20), data(20)));
  }

  @Test
  void whatAPeerSaysOfItselfOutweighsWhatOthersSay() {
    lab.receive(1, new Message.Join(data(1)));
    PeerInfo rumour = new PeerInfo(peer(1), data(77));
    lab.receive(2, new Message.ShuffleReply(List.of(rumour)));
    assertThat(lab.take()).contains(new GossipOutput.Learned(peer(1), data(77)));
    assertThat(lab.state.peerData(peer(1))).contains(data(1));
    lab.pass(600 * SECOND);
    lab.receive(2, new Message.ShuffleReply(List.of(rumour)));
    assertThat(lab.state.peerData(peer(1))).contains(data(77));
  }

  @Test
  void whoeverSpeaksLikeANeighbourIsAskedToBeOne() {
    lab.withNeighbors(1, 2);
    lab.receive(9, gossip("a", 0)).pass(2 * SECOND).take();
    lab.receive(9, gossip("b", 0));
    assertThat(lab.sentTo(9)).containsExactly(ownNeighbor(Priority.LOW));
    lab.receive(9, low());
    assertThat(lab.neighbors()).contains(peer(9));
  }

  @Test
  void orToldThatItIsNoneWhereThereIsNoRoom() {
    lab.withNeighbors(1, 2, 3, 4, 5);
    lab.receive(9, gossip("a", 0)).pass(2 * SECOND).take();
    lab.receive(9, gossip("b", 0));
    assertThat(lab.sentTo(9)).endsWith(new Message.Disconnect(true));
  }

  @Test
  void aSilentNewNeighbourIsAskedWhetherItKnows() {
    lab.receive(1, new Message.Join(null)).take();
    assertThat(lab.pass(4 * SECOND).sentTo(1)).contains(ownNeighbor(Priority.LOW));
    lab.receive(2, new Message.Join(null)).receive(2, low()).take();
    assertThat(lab.pass(4 * SECOND).sentTo(2)).doesNotContain(ownNeighbor(Priority.LOW));
  }

  @Test
  void theEldestNeighbourIsNotDisplaced() {
    lab.withNeighbors(1, 2, 3, 4, 5).receive(1, low()).pass(61 * SECOND);
    for (int i = 0; i < 200; i++) {
      lab.receive(10 + i, new Message.Join(null));
    }
    assertThat(lab.neighbors()).contains(peer(1)).hasSize(5);
  }

  @Test
  void theFirstShuffleComesEarly() {
    lab.withNeighbors(1, 2).receive(1, low()).receive(2, low());
    assertThat(lab.pass(3 * SECOND).sent(Message.Shuffle.class)).hasSize(1);
    lab.take();
    assertThat(lab.pass(200 * SECOND).sent(Message.Shuffle.class)).hasSizeBetween(5, 9);
  }

  @Test
  void ourShufflesFitIntoAFrameHoweverLongThePeerDataIs() {
    for (int i = 1; i <= 5; i++) {
      lab.receive(i, new Message.Join(PeerData.of(new byte[1000])));
    }
    for (int i = 20; i < 26; i++) {
      PeerInfo info = new PeerInfo(peer(i), PeerData.of(new byte[1000]));
      lab.receive(9, new Message.ShuffleReply(List.of(info)));
    }
    lab.pass(120 * SECOND).receive(30, low()).pass(10 * SECOND);
    List<Message.Shuffle> shuffles = lab.sent(Message.Shuffle.class);
    assertThat(shuffles).isNotEmpty();
    assertThat(shuffles).allSatisfy(s -> assertThat(MessageSizes.of(s)).isLessThan(4096));
    assertThat(shuffles).anySatisfy(s -> assertThat(s.nodes()).hasSizeGreaterThan(4));
    assertThat(lab.sent(Message.ShuffleReply.class))
        .allSatisfy(s -> assertThat(MessageSizes.of(s)).isLessThan(4096));
  }

  @Test
  void quitEndsAllThatWasUnderWay() {
    lab.join(1, 2).receive(9, new Message.ShuffleReply(infos(20, 26)));
    lab.take();
    lab.on(new GossipInput.Quit(TOPIC));
    assertThat(lab.put(GossipOutput.Release.class)).hasSize(5);
    assertThat(lab.state.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(lab.pass(100 * SECOND).sent(Message.class)).isEmpty();
  }
}
