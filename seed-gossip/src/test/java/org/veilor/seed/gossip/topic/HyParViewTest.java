package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.topic.Lab.MILLI;
import static org.veilor.seed.gossip.topic.Lab.OWN;
import static org.veilor.seed.gossip.topic.Lab.SECOND;
import static org.veilor.seed.gossip.topic.Lab.SELF;
import static org.veilor.seed.gossip.topic.Lab.TOPIC;
import static org.veilor.seed.gossip.topic.Lab.data;
import static org.veilor.seed.gossip.topic.Lab.down;
import static org.veilor.seed.gossip.topic.Lab.high;
import static org.veilor.seed.gossip.topic.Lab.info;
import static org.veilor.seed.gossip.topic.Lab.infos;
import static org.veilor.seed.gossip.topic.Lab.low;
import static org.veilor.seed.gossip.topic.Lab.ownNeighbor;
import static org.veilor.seed.gossip.topic.Lab.peer;
import static org.veilor.seed.gossip.topic.Lab.released;
import static org.veilor.seed.gossip.topic.Lab.send;
import static org.veilor.seed.gossip.topic.Lab.up;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.Message.Priority;
import org.veilor.seed.gossip.protocol.PeerInfo;

/** The membership rules of iroh-gossip 0.101, by their names in the specification. */
class HyParViewTest {
  private final Lab lab = Lab.upstream();

  private Lab full() {
    return lab.withNeighbors(1, 2, 3, 4, 5);
  }

  @Test
  void h0TheFirstInputStartsTheShuffles() {
    assertThat(lab.state.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    long start = lab.now;
    lab.receive(1, new Message.Join(null)).receive(1, low());
    assertThat(lab.state.nextTimeoutNanos()).isEqualTo(start + 60 * SECOND);
    lab.take();
    assertThat(lab.pass(60 * SECOND).receivers(Message.Shuffle.class)).containsExactly(peer(1));
    lab.take();
    assertThat(lab.pass(60 * SECOND).receivers(Message.Shuffle.class)).containsExactly(peer(1));
  }

  @Test
  void h1JoinIsSentOnceAndForgotten() {
    assertThat(lab.join(1, 2).take())
        .containsExactly(send(1, new Message.Join(OWN)), send(2, new Message.Join(OWN)));
    assertThat(lab.pass(59 * SECOND).take()).isEmpty();
  }

  @Test
  void h2AJoinIsAnsweredAndPassedOn() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(3, new Message.Join(data(3))).take())
        .containsExactlyInAnyOrder(
            new GossipOutput.Learned(peer(3), data(3)),
            up(3),
            send(3, ownNeighbor(Priority.HIGH)),
            send(1, new Message.ForwardJoin(info(3), 6)),
            send(2, new Message.ForwardJoin(info(3), 6)));
  }

  @Test
  void h2AJoinAtAFullNodeDisplacesOne() {
    full().receive(6, new Message.Join(null));
    List<GossipOutput.NeighborDown> down = lab.put(GossipOutput.NeighborDown.class);
    assertThat(down).hasSize(1);
    assertThat(lab.neighbors()).hasSize(5).contains(peer(6)).doesNotContain(down.getFirst().peer());
    assertThat(lab.passive()).containsExactly(down.getFirst().peer());
    assertThat(lab.sent(Message.Disconnect.class)).containsExactly(new Message.Disconnect(true));
    assertThat(lab.sent(Message.ShuffleReply.class).getFirst().nodes()).hasSize(4);
    assertThat(lab.put(GossipOutput.Release.class))
        .containsExactly(new GossipOutput.Release(down.getFirst().peer()));
  }

  @Test
  void h3ForwardJoinOfANeighbourRenewsIt() {
    lab.withNeighbors(1, 2).receive(2, low()).take();
    assertThat(lab.receive(1, new Message.ForwardJoin(info(2), 4)).take())
        .containsExactly(
            new GossipOutput.Learned(peer(2), data(2)), send(2, ownNeighbor(Priority.HIGH)));
  }

  @Test
  void h3TheWalkEndsAtTtl0AndWhereThereIsNowhereElseToGo() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(1, new Message.ForwardJoin(info(7), 0)).sentTo(7))
        .containsExactly(ownNeighbor(Priority.HIGH));
    assertThat(lab.neighbors()).doesNotContain(peer(7));
    Lab leaf = Lab.upstream().withNeighbors(1);
    assertThat(leaf.receive(1, new Message.ForwardJoin(info(7), 5)).sentTo(7))
        .containsExactly(ownNeighbor(Priority.HIGH));
  }

  @Test
  void h3TheWalkGoesOnToAnotherAndLeavesThePeerBehindAtTtl3() {
    lab.withNeighbors(1, 2).receive(1, new Message.ForwardJoin(info(7), 4));
    assertThat(lab.sentTo(2)).containsExactly(new Message.ForwardJoin(info(7), 3));
    assertThat(lab.passive()).isEmpty();
    lab.take();
    lab.receive(1, new Message.ForwardJoin(info(7), 3));
    assertThat(lab.sentTo(2)).containsExactly(new Message.ForwardJoin(info(7), 2));
    assertThat(lab.passive()).containsExactly(peer(7));
  }

  @Test
  void h3AMarkedPeerIsNotPassedOn() {
    lab.withNeighbors(1, 2).receive(1, new Message.ForwardJoin(info(7), 0)).take();
    assertThat(lab.receive(1, new Message.ForwardJoin(info(7), 5)).take()).isEmpty();
  }

  @Test
  void h4ANeighborIsAnsweredWithItsPriorityUnlessItIsAnAnswer() {
    assertThat(lab.receive(1, low()).take())
        .containsExactly(up(1), send(1, ownNeighbor(Priority.LOW)));
    assertThat(lab.receive(1, low()).take()).isEmpty();
    assertThat(lab.receive(1, high()).take()).containsExactly(send(1, ownNeighbor(Priority.HIGH)));
  }

  @Test
  void h4AFullNodeRefusesLowAndDisplacesForHigh() {
    full();
    assertThat(lab.receive(6, low()).sentTo(6).getLast()).isEqualTo(new Message.Disconnect(true));
    assertThat(lab.take()).contains(released(6)).doesNotContain(up(6));
    assertThat(lab.receive(6, high()).take()).contains(up(6), send(6, ownNeighbor(Priority.HIGH)));
    assertThat(lab.neighbors()).hasSize(5);
  }

  @Test
  void h5AShuffleWalksOnAndIsAnsweredAtItsEnd() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(1, new Message.Shuffle(peer(8), infos(20, 23), 6)).sentTo(2))
        .containsExactly(new Message.Shuffle(peer(8), infos(20, 23), 5));
    assertThat(lab.passive()).isEmpty();
    lab.take();
    lab.receive(1, new Message.Shuffle(peer(8), infos(20, 23), 0));
    assertThat(lab.passive()).containsExactlyInAnyOrder(peer(20), peer(21), peer(22));
    List<Message> answer = lab.sentTo(8);
    assertThat(answer).hasSize(1);
    assertThat(((Message.ShuffleReply) answer.getFirst()).nodes())
        .containsExactlyInAnyOrderElementsOf(infos(20, 23));
  }

  @Test
  void h5AShuffleDiesWhereOnlyItsOriginIsLeft() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(1, new Message.Shuffle(peer(2), infos(20, 23), 6)).take()).isEmpty();
    assertThat(lab.passive()).isEmpty();
  }

  @Test
  void h6AShuffleReplyFillsTheViewsAndIsTakenFromAnybody() {
    lab.withNeighbors(1).receive(1, low()).receive(9, new Message.ShuffleReply(infos(20, 23)));
    assertThat(lab.receivers(Message.Neighbor.class)).hasSize(1);
    assertThat(lab.sent(Message.Neighbor.class)).containsExactly(ownNeighbor(Priority.LOW));
    assertThat(lab.passive()).hasSize(3);
    assertThat(lab.take()).contains(released(9));
  }

  @Test
  void h7ADisconnectEndsBeingNeighbours() {
    lab.withNeighbors(1, 2);
    assertThat(lab.receive(1, new Message.Disconnect(true)).take())
        .containsExactly(down(1), released(1));
    assertThat(lab.passive()).containsExactly(peer(1));
    assertThat(lab.receive(2, new Message.Disconnect(false)).take()).contains(down(2));
    assertThat(lab.passive()).containsExactly(peer(1));
  }

  @Test
  void h7APassivePeerThatSaysItLivesOutlivesOneLostConnection() {
    lab.withNeighbors(1).receive(1, low()).withPassive(20, 21);
    lab.receive(20, new Message.Disconnect(true)).lose(20).lose(21);
    assertThat(lab.passive()).containsExactly(peer(20));
    lab.lose(20);
    assertThat(lab.passive()).isEmpty();
  }

  @Test
  void h8WhoeverIsNoNeighbourAfterItsMessageIsReleased() {
    full();
    assertThat(lab.receive(9, new Message.ShuffleReply(List.of())).take())
        .containsExactly(released(9));
    assertThat(lab.receive(1, new Message.ShuffleReply(List.of())).take()).isEmpty();
  }

  @Test
  void h9AShuffleNamesNeighboursPassivePeersAndOurselves() {
    full().withPassive(20, 21, 22, 23, 24);
    lab.pass(60 * SECOND);
    Message.Shuffle shuffle = lab.sent(Message.Shuffle.class).getFirst();
    assertThat(shuffle.origin()).isEqualTo(SELF);
    assertThat(shuffle.ttl()).isEqualTo(6);
    assertThat(shuffle.nodes()).hasSize(8).endsWith(new PeerInfo(SELF, OWN));
    assertThat(shuffle.nodes().stream().filter(node -> lab.neighbors().contains(node.id())))
        .hasSize(3);
    assertThat(shuffle.nodes())
        .noneMatch(node -> node.id().equals(lab.receivers(Message.Shuffle.class).getFirst()));
  }

  @Test
  void h10RefillAsksWithHighPriorityOnlyWhenAlone() {
    lab.withNeighbors(1).receive(1, low()).withPassive(20, 21, 22);
    lab.receive(1, new Message.Disconnect(false));
    assertThat(lab.sent(Message.Neighbor.class)).containsExactly(ownNeighbor(Priority.HIGH));
  }

  @Test
  void h10MarksCountAsNeighbours() {
    lab.withNeighbors(1, 2, 3).withPassive(20);
    assertThat(lab.report().marks()).isEqualTo(3);
    assertThat(lab.receive(9, new Message.ShuffleReply(List.of())).sent(Message.Neighbor.class))
        .isEmpty();
  }

  @Test
  void h11ARequestThatIsNotAnsweredTriesTheNext() {
    lab.receive(9, new Message.ShuffleReply(infos(20, 22)));
    assertThat(lab.receivers(Message.Neighbor.class)).hasSize(1);
    assertThat(lab.pass(499 * MILLI).receivers(Message.Neighbor.class)).hasSize(1);
    assertThat(lab.pass(MILLI).receivers(Message.Neighbor.class))
        .hasSize(2)
        .doesNotHaveDuplicates();
    assertThat(lab.passive()).hasSize(1);
    lab.pass(SECOND);
    assertThat(lab.passive()).isEmpty();
  }

  @Test
  void h12ALostNeighbourIsForgottenAndReplaced() {
    lab.withNeighbors(1, 2).receive(1, low()).receive(2, low()).withPassive(20);
    assertThat(lab.lose(1).take())
        .containsExactly(down(1), released(1), send(20, ownNeighbor(Priority.LOW)));
    assertThat(lab.passive()).containsExactly(peer(20));
  }

  @Test
  void h13QuitSaysFarewellAndEndsTheTopic() {
    lab.withNeighbors(1, 2).on(new GossipInput.Quit(TOPIC));
    assertThat(lab.sent(Message.Disconnect.class))
        .hasSize(2)
        .containsOnly(new Message.Disconnect(false));
    assertThat(lab.put(GossipOutput.NeighborDown.class)).isEmpty();
    assertThat(lab.take()).contains(released(1), released(2));
    assertThat(lab.state.topics()).isEmpty();
    assertThat(lab.state.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(lab.receive(1, high()).take()).isEmpty();
  }

  @Test
  void weAreNeverOurOwnPeer() {
    lab.withNeighbors(1, 2).receive(0, new Message.Join(null));
    lab.receive(1, new Message.Shuffle(peer(8), List.of(new PeerInfo(SELF, null)), 0));
    assertThat(lab.neighbors()).containsExactlyInAnyOrder(peer(1), peer(2));
    assertThat(lab.passive()).isEmpty();
  }

  @Test
  void thePassiveViewStaysWithinItsSize() {
    lab.withNeighbors(1).receive(1, new Message.Shuffle(peer(8), infos(100, 140), 0));
    assertThat(lab.passive()).hasSize(30);
  }

  @Test
  void newOwnDataIsToldWithTheNextMessage() {
    lab.withNeighbors(1).on(new GossipInput.OwnData(data(5)));
    assertThat(lab.take()).isEmpty();
    assertThat(lab.join(2).sentTo(2)).containsExactly(new Message.Join(data(5)));
  }

  @Test
  void unchangedPeerDataIsNotLearnedAgain() {
    lab.receive(1, new Message.Neighbor(Priority.LOW, data(1)));
    assertThat(lab.put(GossipOutput.Learned.class)).hasSize(1);
    lab.receive(1, new Message.Neighbor(Priority.LOW, data(1)));
    assertThat(lab.put(GossipOutput.Learned.class)).hasSize(1);
    lab.receive(1, new Message.Neighbor(Priority.LOW, data(2)));
    assertThat(lab.put(GossipOutput.Learned.class)).hasSize(2);
    assertThat(lab.state.peerData(peer(1))).contains(data(2));
  }
}
