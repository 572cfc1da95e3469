package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.PeerConnection;

/** When connections are given up, with times of their own. */
@Timeout(120)
class PatienceTest {
  private static final TopicId TOPIC = TestNode.topic(1);
  private static final long NEVER = SECONDS.toNanos(1000);
  private static final long SOON = MILLISECONDS.toNanos(200);
  private static final long CHECK = MILLISECONDS.toNanos(20);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() {
    TestNode.closeAll(open);
  }

  private TestNode node(int key, Patience patience) throws IOException {
    TestNode node = TestNode.start(key, patience);
    open.add(node);
    return node;
  }

  private RawPeer raw(int key, TestNode node, boolean reads) throws IOException {
    RawPeer raw = RawPeer.connect(key, node.address(), reads);
    open.add(raw);
    return raw;
  }

  /** Each may find the other's connection to be the newest; in the end they share one. */
  @Test
  void ofTwoConnectionsOneIsLeft() throws Exception {
    Patience patience = new Patience(SOON, NEVER, NEVER, NEVER, SOON, CHECK);
    TestNode a = node(1, patience);
    TestNode b = node(2, patience);
    a.join(TOPIC, b.address());
    b.join(TOPIC, a.address());
    a.awaitNeighbor(TOPIC, b.id());
    b.awaitNeighbor(TOPIC, a.id());
    PeerConnection second =
        a.endpoint.connect(b.address(), GossipLimits.ALPN).orTimeout(40, SECONDS).join();
    a.gossip.onConnection(second);

    long end = System.nanoTime() + SECONDS.toNanos(40);
    for (int i = 0; a.connections() != 1 || b.connections() != 1; i++) {
      assertThat(System.nanoTime()).as("one connection is left").isLessThan(end);
      a.say(TOPIC, "a " + i);
      b.say(TOPIC, "b " + i);
      b.awaitText(TOPIC, "a " + i);
      a.awaitText(TOPIC, "b " + i);
    }
    assertThat(a.neighbors(TOPIC)).containsExactly(b.id());
    assertThat(a.counter("neighbor_down") + b.counter("neighbor_down")).isZero();
  }

  @Test
  void whoIsNoNeighborAndSaysNothingIsNotKept() throws Exception {
    TestNode node = node(1, new Patience(NEVER, SOON, NEVER, NEVER, SOON, CHECK));
    node.join(TOPIC);
    RawPeer neighbor = raw(2, node, true);
    neighbor.send(TOPIC, new Message.Join(PeerData.EMPTY));
    node.awaitNeighbor(TOPIC, neighbor.endpoint.id());
    RawPeer stranger = raw(3, node, true);
    stranger.connection.closed().get(40, SECONDS);
    assertThat(neighbor.connection.isOpen()).isTrue();
    assertThat(node.neighbors(TOPIC)).containsExactly(neighbor.endpoint.id());
  }

  @Test
  void aNeighborThatTakesNothingForLongIsGivenUp() throws Exception {
    TestNode node = node(1, new Patience(NEVER, NEVER, NEVER, SOON, SOON, CHECK));
    node.join(TOPIC);
    RawPeer raw = raw(2, node, false);
    raw.send(TOPIC, new Message.Join(PeerData.EMPTY));
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
    Random random = new Random(1);
    byte[] content = new byte[4000];
    for (int i = 0; i < 100; i++) {
      random.nextBytes(content);
      node.gossip.broadcast(TOPIC, content);
    }
    node.awaitNeighborDown(TOPIC, raw.endpoint.id());
    assertThat(node.counter("connections_stalled")).isEqualTo(1);
  }

  /** The topic is left at once, whoever was told or not; who waits for the rest, waits shortly. */
  @Test
  void aNeighborThatTakesNothingKeepsNobodyFromLeaving() throws Exception {
    for (long farewell : new long[] {NEVER, SOON}) {
      TestNode node = node(1, new Patience(NEVER, NEVER, NEVER, NEVER, farewell, CHECK));
      node.join(TOPIC);
      RawPeer raw = raw(2, node, false);
      raw.send(TOPIC, new Message.Join(PeerData.EMPTY));
      node.awaitNeighbor(TOPIC, raw.endpoint.id());
      byte[] content = new byte[4000];
      for (int i = 0; i < 100; i++) {
        content[i] = 1; // each another message
        node.gossip.broadcast(TOPIC, content);
      }
      CompletableFuture<Void> told = node.gossip.leave(TOPIC);
      assertThat(node.gossip.topics().get(100, SECONDS)).isEmpty();
      if (farewell == SOON) {
        told.get(100, SECONDS);
      } else {
        assertThat(told).isNotDone();
      }
    }
    assertThat(Patience.usual().farewellNanos()).isLessThanOrEqualTo(SECONDS.toNanos(1));
  }

  /** Keep-alives go out after 5 s only, so that for a shorter patience any pause is silence. */
  @Test
  void aConnectionOnWhichNothingComesIsGivenUp() throws Exception {
    TestNode node = node(1, new Patience(NEVER, NEVER, SOON, NEVER, SOON, CHECK));
    node.join(TOPIC);
    RawPeer raw = raw(2, node, true);
    raw.send(TOPIC, new Message.Join(PeerData.EMPTY));
    node.awaitNeighborDown(TOPIC, raw.endpoint.id());
    raw.connection.closed().get(40, SECONDS);
    assertThat(node.counter("connections_silent")).isPositive();
  }
}
