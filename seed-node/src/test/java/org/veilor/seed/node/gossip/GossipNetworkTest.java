package org.veilor.seed.node.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipOutput;

/** Nodes of ours on loopback. */
@Timeout(120)
class GossipNetworkTest {
  private static final TopicId TOPIC = TestNode.topic(1);
  private static final TopicId OTHER = TestNode.topic(2);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    TestNode.closeAll(open);
  }

  private TestNode node(int key) throws IOException {
    TestNode node = TestNode.start(key);
    open.add(node);
    return node;
  }

  private static void assertTalking(TopicId topic, String tag, TestNode... nodes)
      throws InterruptedException {
    for (int i = 0; i < nodes.length; i++) {
      nodes[i].say(topic, tag + i);
    }
    for (int to = 0; to < nodes.length; to++) {
      for (int from = 0; from < nodes.length; from++) {
        if (from != to) {
          nodes[to].awaitText(topic, tag + from);
        }
      }
    }
  }

  @Test
  void twoNodesTalkBothWays() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    a.awaitNeighbor(TOPIC, b.id());
    b.awaitNeighbor(TOPIC, a.id());

    assertTalking(TOPIC, "hello ", a, b);
    assertThat(a.neighbors(TOPIC)).containsExactly(b.id());
    assertThat(a.received(TOPIC))
        .singleElement()
        .satisfies(message -> {
          assertThat(message.scope()).isEqualTo(new DeliveryScope.Swarm(0));
          assertThat(message.deliveredFrom()).isEqualTo(b.id());
        });
    assertThat(a.counter("msgs_data_recv")).isEqualTo(1);
    assertThat(a.counter("neighbor_up")).isEqualTo(1);
    assertThat(a.counter("dials")).isZero();
  }

  @Test
  void aThirdNodeIsReachedThroughLearnedAddresses() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    TestNode c = node(3);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    b.awaitNeighbor(TOPIC, a.id());
    c.join(TOPIC, a.address());
    c.awaitNeighbor(TOPIC, a.id());
    c.awaitNeighbor(TOPIC, b.id());
    b.awaitNeighbor(TOPIC, c.id());

    assertTalking(TOPIC, "all ", a, b, c);
  }

  @Test
  void theLargestContentPassesAndALargerOneIsRefused() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    b.awaitNeighbor(TOPIC, a.id());
    byte[] largest = new byte[GossipLimits.MAX_CONTENT_BYTES];
    new Random(4).nextBytes(largest);

    b.gossip.broadcast(TOPIC, largest);
    a.awaitEvent("largest", _ -> a.received(TOPIC).count() == 1);
    assertThat(a.received(TOPIC))
        .singleElement()
        .satisfies(message -> assertThat(message.content()).isEqualTo(largest));
    assertThatThrownBy(() -> b.gossip.broadcast(TOPIC, new byte[largest.length + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a message has at most 4056 bytes, not 4057");
  }

  @Test
  void neighborMessagesCarryTheirScope() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    b.awaitNeighbor(TOPIC, a.id());

    b.gossip.broadcastNeighbors(TOPIC, "psst".getBytes(UTF_8));
    a.awaitText(TOPIC, "psst");
    assertThat(a.received(TOPIC))
        .singleElement()
        .satisfies(message -> assertThat(message.scope()).isEqualTo(new DeliveryScope.Neighbors()));
  }

  @Test
  void leavingIsToldAndTheOtherTopicGoesOn() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    for (TopicId topic : List.of(TOPIC, OTHER)) {
      a.join(topic);
      b.join(topic, a.address());
      b.awaitNeighbor(topic, a.id());
      a.awaitNeighbor(topic, b.id());
    }
    b.gossip.leave(TOPIC).get(40, SECONDS);
    a.awaitNeighborDown(TOPIC, b.id());
    assertThat(b.neighbors(TOPIC)).isEmpty();

    assertTalking(OTHER, "still ", a, b);
    assertThat(a.gossip.connectedPeers().get(40, SECONDS)).isEqualTo(1);
    assertThat(b.counter("connections")).isEqualTo(1);

    b.join(TOPIC, a.address());
    GossipOutput.NeighborUp up = new GossipOutput.NeighborUp(TOPIC, b.id());
    a.awaitEvent("back", _ -> Collections.frequency(a.events(), up) == 2);
    assertTalking(TOPIC, "back ", a, b);
  }

  @Test
  void aNodeThatComesBackWithItsKeyIsHeardAgain() throws Exception {
    TestNode a = node(1);
    TestNode b = TestNode.start(2);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    a.awaitNeighbor(TOPIC, b.id());
    b.endpoint.close(); // without a farewell of gossip
    a.awaitNeighborDown(TOPIC, b.id());

    TestNode again = node(2);
    again.join(TOPIC, a.address());
    again.awaitNeighbor(TOPIC, a.id());
    assertTalking(TOPIC, "again ", a, again);
  }

  @Test
  void aContactThatIsNotThereDisturbsNobody() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    EndpointAddr nowhere = EndpointAddr.of(TestNode.key(77).id());
    a.join(TOPIC, nowhere);
    b.join(TOPIC, nowhere, a.address());
    b.awaitNeighbor(TOPIC, a.id());

    assertTalking(TOPIC, "here ", a, b);
    assertThat(b.counter("dials_failed")).isPositive();
  }

  @Test
  void closingTellsNeighborsAtOnce() throws Exception {
    TestNode a = node(1);
    TestNode b = TestNode.start(2);
    a.join(TOPIC);
    b.join(TOPIC, a.address());
    a.awaitNeighbor(TOPIC, b.id());
    b.close();
    a.awaitNeighborDown(TOPIC, b.id());
    assertThat(a.counter("connections_silent")).isZero();
  }

  @Test
  void twoNodesThatDialEachOtherAtOnceAreNeighborsOnce() throws Exception {
    TestNode a = node(1);
    TestNode b = node(2);
    a.join(TOPIC, b.address());
    b.join(TOPIC, a.address());
    a.awaitNeighbor(TOPIC, b.id());
    b.awaitNeighbor(TOPIC, a.id());
    assertTalking(TOPIC, "both ", a, b);
    assertThat(a.texts(TOPIC)).containsExactly("both 1");
  }
}
