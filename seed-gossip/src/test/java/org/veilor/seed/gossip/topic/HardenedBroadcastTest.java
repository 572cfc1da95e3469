package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.topic.Lab.MILLI;
import static org.veilor.seed.gossip.topic.Lab.gossip;
import static org.veilor.seed.gossip.topic.Lab.ihave;
import static org.veilor.seed.gossip.topic.Lab.peer;
import static org.veilor.seed.gossip.topic.Lab.send;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.gossip.protocol.Message;

/** What our broadcast tree does beyond the rules of iroh-gossip. */
class HardenedBroadcastTest {
  private final Lab lab = Lab.hardened();

  private Lab joined(int peer) {
    return lab.receive(peer, new Message.Join(null));
  }

  /** Found by GossipTest: displaced for 10 ms, a node said something that nobody ever heard. */
  @Test
  void whatIsSaidWithoutNeighboursReachesTheNextOne() {
    lab.broadcast("a").take();
    joined(1);
    assertThat(lab.take())
        .as("after our Neighbor, without which another of us would not listen")
        .endsWith(send(1, ihave("a", 0)));
    lab.receive(1, new Message.Graft(gossip("a", 0).id(), 0));
    assertThat(lab.take()).contains(send(1, gossip("a", 0)));
  }

  @Test
  void aNewNeighbourIsToldOfWhatWasPassedOnToo() {
    joined(1).receive(1, gossip("b", 3)).take();
    joined(2);
    assertThat(lab.take()).contains(send(2, ihave("b", 4)));
  }

  @Test
  void ofOldMessagesItIsNotTold() {
    lab.broadcast("a").pass(TopicLimits.RECENT_NANOS + MILLI).take();
    joined(1);
    assertThat(lab.sent(Message.IHave.class)).isEmpty();
  }

  @Test
  void itIsToldOfTheNewestOnly() {
    for (int i = 0; i <= TopicLimits.MAX_RECENT; i++) {
      lab.broadcast("message " + i);
    }
    lab.take();
    joined(1);
    List<Message.IHave> told = lab.sent(Message.IHave.class);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().items())
        .hasSize(TopicLimits.MAX_RECENT)
        .startsWith(ihave("message " + TopicLimits.MAX_RECENT, 0).items().getFirst())
        .doesNotContainAnyElementsOf(ihave("message 0", 0).items());
  }

  @Test
  void nobodyIsSentWhatItSaidItHas() {
    joined(1);
    joined(2);
    joined(3).take();
    lab.receive(2, ihave("a", 1)).receive(1, gossip("a", 0));
    assertThat(lab.take())
        .contains(send(3, gossip("a", 1)))
        .doesNotContain(send(2, gossip("a", 1)));
    lab.receive(1, gossip("b", 0));
    assertThat(lab.take()).contains(send(2, gossip("b", 1)));
  }

  @Test
  void theFifthNeighbourIsToldIdsButWhatIsForNeighboursReachesIt() {
    for (int peer = 1; peer <= TopicLimits.EAGER_AT_FIRST + 1; peer++) {
      joined(peer);
    }
    int last = TopicLimits.EAGER_AT_FIRST + 1;
    assertThat(lab.state.eagerPeers(Lab.TOPIC)).doesNotContain(peer(last));
    lab.take();
    lab.broadcast("a").pass(10 * MILLI);
    assertThat(lab.take()).contains(send(last, ihave("a", 0)), send(1, gossip("a", 0)));
    lab.on(new GossipInput.Broadcast(Lab.TOPIC, new byte[] {7}, true));
    assertThat(lab.sent(Message.Gossip.class)).hasSize(last);
  }

  @Test
  void upstreamTellsANewNeighbourNothing() {
    Lab upstream = Lab.upstream();
    upstream.broadcast("a").take();
    upstream.receive(1, new Message.Join(null));
    assertThat(upstream.sent(Message.IHave.class)).isEmpty();
    assertThat(upstream.state.eagerPeers(Lab.TOPIC)).containsExactly(peer(1));
  }
}
