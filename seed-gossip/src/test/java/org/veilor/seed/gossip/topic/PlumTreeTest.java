package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.gossip.topic.Lab.MILLI;
import static org.veilor.seed.gossip.topic.Lab.SECOND;
import static org.veilor.seed.gossip.topic.Lab.TOPIC;
import static org.veilor.seed.gossip.topic.Lab.bytes;
import static org.veilor.seed.gossip.topic.Lab.gossip;
import static org.veilor.seed.gossip.topic.Lab.ihave;
import static org.veilor.seed.gossip.topic.Lab.peer;
import static org.veilor.seed.gossip.topic.Lab.send;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;

/** The rules of the broadcast tree of iroh-gossip 0.101, by their names in the specification. */
class PlumTreeTest {
  private final Lab lab = Lab.upstream().withNeighbors(1, 2, 3);

  private int payloadsHeard() {
    return lab.put(GossipOutput.Received.class).size();
  }

  @Test
  void p1NeighboursAreEagerAndLeaveBothSets() {
    assertThat(lab.state.eagerPeers(TOPIC)).containsExactlyInAnyOrder(peer(1), peer(2), peer(3));
    lab.receive(1, new Message.Prune()).lose(1).lose(2);
    assertThat(lab.state.eagerPeers(TOPIC)).containsExactly(peer(3));
    assertThat(lab.state.lazyPeers(TOPIC)).isEmpty();
  }

  @Test
  void p1WhatALostNeighbourHadIsNotAskedOfIt() {
    lab.receive(1, ihave("a", 1)).lose(1).take();
    assertThat(lab.report().missing()).isZero();
    assertThat(lab.pass(100 * MILLI).sent(Message.Graft.class)).isEmpty();
  }

  @Test
  void p2ABroadcastGoesToEagerPeersAndItsIdToLazyOnes() {
    lab.receive(3, new Message.Prune()).take();
    assertThat(lab.broadcast("a").take())
        .containsExactlyInAnyOrder(send(1, gossip("a", 0)), send(2, gossip("a", 0)));
    assertThat(lab.pass(4 * MILLI).take()).isEmpty();
    assertThat(lab.pass(MILLI).take()).containsExactly(send(3, ihave("a", 0)));
  }

  @Test
  void p2ToNeighboursOnlyIsNotRemembered() {
    lab.receive(3, new Message.Prune()).take();
    lab.on(new GossipInput.Broadcast(TOPIC, bytes("a"), true));
    assertThat(lab.receivers(Message.Gossip.class)).containsExactlyInAnyOrder(peer(1), peer(2));
    assertThat(lab.pass(10 * MILLI).sent(Message.IHave.class)).isEmpty();
    assertThat(lab.report().received()).isZero();
    assertThat(lab.report().cached()).isZero();
  }

  @Test
  void p2OurOwnWordsAreNotToldToUs() {
    lab.broadcast("a").receive(1, gossip("a", 3));
    assertThat(payloadsHeard()).isZero();
    assertThat(lab.sentTo(1)).contains(new Message.Prune());
  }

  @Test
  void tooLongABroadcastIsRefused() {
    GossipInput input = new GossipInput.Broadcast(TOPIC, new byte[4057], false);
    assertThatThrownBy(() -> lab.on(input)).hasMessageContaining("4056");
  }

  @Test
  void p3ANewMessageIsToldAndPassedOnAtOnce() {
    lab.receive(3, new Message.Prune()).take();
    lab.receive(1, gossip("a", 4));
    assertThat(lab.put(GossipOutput.Received.class))
        .singleElement()
        .satisfies(heard -> {
          assertThat(heard.content()).isEqualTo(bytes("a"));
          assertThat(heard.scope()).isEqualTo(new DeliveryScope.Swarm(4));
          assertThat(heard.deliveredFrom()).isEqualTo(peer(1));
        });
    assertThat(lab.sentTo(2)).containsExactly(gossip("a", 5));
    assertThat(lab.sentTo(1)).isEmpty();
    assertThat(lab.pass(5 * MILLI).sentTo(3)).containsExactly(ihave("a", 5));
  }

  @Test
  void p3ADuplicateMakesItsSenderLazy() {
    lab.receive(1, gossip("a", 4)).take();
    assertThat(lab.receive(2, gossip("a", 4)).take()).containsExactly(send(2, new Message.Prune()));
    assertThat(lab.state.lazyPeers(TOPIC)).containsExactly(peer(2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void spoofedMessagesAreIgnored(boolean hardened) {
    Lab node = hardened ? Lab.hardened() : Lab.upstream();
    node.withNeighbors(1, 2).receive(1, gossip("a", 0)).take();
    Message spoofed =
        new Message.Gossip(gossip("a", 0).id(), bytes("b"), new DeliveryScope.Swarm(0));
    assertThat(node.receive(2, spoofed).take()).isEmpty();
    assertThat(node.report().spoofed()).isEqualTo(1);
    assertThat(node.state.eagerPeers(TOPIC)).contains(peer(2));
  }

  @Test
  void p3ToNeighboursIsToldEachTime() {
    Message said =
        new Message.Gossip(gossip("a", 0).id(), bytes("a"), new DeliveryScope.Neighbors());
    lab.receive(1, said).receive(2, said);
    assertThat(payloadsHeard()).isEqualTo(2);
    assertThat(lab.sent(Message.class)).isEmpty();
    lab.receive(1, gossip("a", 0)).take();
    assertThat(lab.receive(2, said).take()).containsExactly(send(2, new Message.Prune()));
  }

  @Test
  void theLastRoundRepeatsItself() {
    assertThat(lab.receive(1, gossip("a", 65535)).sentTo(2)).containsExactly(gossip("a", 65535));
  }

  @Test
  void optimizeTree() {
    // As upstream's unit test: announced in round 2, and then delivered in round 6, and in round 9.
    lab.receive(2, new Message.Prune()).receive(2, ihave("a", 2)).take();
    assertThat(lab.receive(1, gossip("a", 6)).sent(Message.Graft.class)).isEmpty();
    assertThat(lab.sent(Message.Prune.class)).isEmpty();
    lab.receive(2, ihave("b", 2)).take();
    lab.receive(1, gossip("b", 9));
    assertThat(lab.sentTo(2)).containsExactly(new Message.Graft(null, 2));
    assertThat(lab.sentTo(1)).containsExactly(new Message.Prune());
    assertThat(lab.state.eagerPeers(TOPIC)).contains(peer(2)).doesNotContain(peer(1));
  }

  @Test
  void p4StartsAtSevenHopsMore() {
    lab.receive(2, new Message.Prune()).receive(2, ihave("a", 2)).receive(2, ihave("b", 2)).take();
    assertThat(lab.receive(1, gossip("a", 7)).sent(Message.Prune.class)).isEmpty();
    assertThat(lab.receive(1, gossip("b", 8)).sent(Message.Prune.class)).hasSize(1);
  }

  @Test
  void p6AndP7AMissingMessageIsAskedOfEachWhoHasIt() {
    lab.receive(1, new Message.Prune()).receive(2, new Message.Prune());
    lab.receive(1, ihave("a", 4)).receive(2, ihave("a", 5)).take();
    assertThat(lab.pass(79 * MILLI).take()).isEmpty();
    assertThat(lab.pass(MILLI).take())
        .containsExactly(send(1, new Message.Graft(gossip("a", 0).id(), 4)));
    assertThat(lab.state.eagerPeers(TOPIC)).contains(peer(1));
    assertThat(lab.pass(40 * MILLI).take())
        .containsExactly(send(2, new Message.Graft(gossip("a", 0).id(), 5)));
    assertThat(lab.pass(SECOND).take()).isEmpty();
  }

  @Test
  void p7WhatCameMeanwhileIsNotAskedFor() {
    lab.receive(1, ihave("a", 4)).receive(2, gossip("a", 3)).take();
    assertThat(lab.pass(SECOND).sent(Message.Graft.class)).isEmpty();
  }

  @Test
  void p8AGraftIsAnsweredFromTheCache() {
    lab.receive(1, gossip("a", 2)).receive(2, new Message.Prune()).take();
    assertThat(lab.receive(2, new Message.Graft(gossip("a", 0).id(), 0)).take())
        .containsExactly(send(2, gossip("a", 3)));
    assertThat(lab.state.eagerPeers(TOPIC)).contains(peer(2));
    assertThat(lab.receive(3, new Message.Graft(gossip("b", 0).id(), 0)).take()).isEmpty();
    assertThat(lab.receive(3, new Message.Graft(null, 0)).take()).isEmpty();
  }

  @Test
  void p9IdsAreCollectedAndSentInChunks() {
    lab.receive(3, new Message.Prune()).take();
    for (int i = 0; i < 250; i++) {
      lab.broadcast("m" + i);
    }
    List<Integer> sizes = new ArrayList<>();
    lab.pass(5 * MILLI).sent(Message.IHave.class).forEach(have -> sizes.add(have.items().size()));
    assertThat(sizes).containsExactly(116, 116, 18);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cacheIsEvicted(boolean hardened) {
    Lab node = hardened ? Lab.hardened() : Lab.upstream();
    node.withNeighbors(1, 2).receive(1, gossip("a", 0));
    Message graft = new Message.Graft(gossip("a", 0).id(), 0);
    node.pass(29 * SECOND).take();
    assertThat(node.receive(2, graft).sentTo(2)).hasSize(1);
    node.pass(2 * SECOND).take();
    assertThat(node.receive(2, graft).sentTo(2)).isEmpty();
    assertThat(node.report().cached()).isZero();
    assertThat(node.receive(2, gossip("a", 0)).sentTo(2)).containsExactly(new Message.Prune());
    node.pass(60 * SECOND).take();
    assertThat(node.report().received()).isZero();
    assertThat(node.receive(2, gossip("a", 0)).put(GossipOutput.Received.class)).hasSize(1);
  }

  @Test
  void w14UpstreamTellsDepartedPeersTheirIdsWeDoNot() {
    lab.receive(1, new Message.Prune()).broadcast("a").lose(1);
    assertThat(lab.pass(5 * MILLI).receivers(Message.IHave.class)).containsExactly(peer(1));
    Lab node = Lab.hardened().withNeighbors(1, 2);
    node.receive(1, new Message.Prune()).broadcast("a").lose(1);
    assertThat(node.pass(5 * MILLI).receivers(Message.IHave.class)).isEmpty();
  }
}
