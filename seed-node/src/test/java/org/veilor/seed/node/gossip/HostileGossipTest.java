package org.veilor.seed.node.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.FrameReader;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.PeerStream;

/** Peers that break the protocol, while two honest nodes go on talking. */
@Timeout(120)
class HostileGossipTest {
  private static final TopicId TOPIC = TestNode.topic(1);
  private static final Message JOIN = new Message.Join(PeerData.EMPTY);

  private final List<AutoCloseable> open = new ArrayList<>();
  private TestNode node;
  private TestNode friend;
  private int said;

  @BeforeEach
  void start() throws Exception {
    node = TestNode.start(1);
    open.add(node);
    friend = TestNode.start(2);
    open.add(friend);
    node.join(TOPIC);
    friend.join(TOPIC, node.address());
    friend.awaitNeighbor(TOPIC, node.id());
    node.awaitNeighbor(TOPIC, friend.id());
  }

  @AfterEach
  void close() throws Exception {
    assertFriendsTalk();
    TestNode.closeAll(open);
  }

  private void assertFriendsTalk() throws InterruptedException {
    said++;
    node.say(TOPIC, "to friend " + said);
    friend.awaitText(TOPIC, "to friend " + said);
    friend.say(TOPIC, "to node " + said);
    node.awaitText(TOPIC, "to node " + said);
  }

  private RawPeer raw(boolean reads) throws IOException {
    RawPeer raw = RawPeer.connect(3, node.address(), reads);
    open.add(raw);
    return raw;
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + SECONDS.toNanos(40);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** Header and first message come together, in one stream of ours. */
  @Test
  void aJoinIsAnsweredOnAStreamOfOurOwn() throws Exception {
    RawPeer raw = raw(true);
    raw.send(TOPIC, JOIN);
    RawPeer.Incoming stream = raw.incoming(0);
    stream.first.get(40, SECONDS);
    assertThat(stream.events.getFirst()).isEqualTo(new FrameReader.Event.Header(TOPIC));
    assertThat(stream.messages().getFirst()).isInstanceOf(Message.Neighbor.class);
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
  }

  @Test
  void anOversizeFrameCostsTheConnection() throws Exception {
    RawPeer raw = raw(true);
    raw.write(FrameWriter.header(TOPIC), new byte[] {0, 0, 0x10, 1});
    raw.connection.closed().get(40, SECONDS);
    assertThat(node.counter("malformed_streams")).isEqualTo(1);
  }

  @Test
  void randomBytesCostTheConnection() throws Exception {
    long seed = System.nanoTime();
    System.out.println("random bytes with seed " + seed);
    byte[] junk = new byte[3000];
    new Random(seed).nextBytes(junk);
    junk[0] = 1; // no length of any frame
    RawPeer raw = raw(true);
    raw.write(junk);
    raw.connection.closed().get(40, SECONDS);
    assertThat(node.counter("malformed_streams")).isEqualTo(1);
  }

  /** As with Rust nodes, and here even without a header; other streams are read on. */
  @Test
  void aStreamThatEndsTooEarlyCostsOnlyItself() throws Exception {
    RawPeer raw = raw(true);
    raw.write(Arrays.copyOf(FrameWriter.header(TOPIC), 10)).finish();
    raw.write(FrameWriter.header(TOPIC), new byte[] {0, 0, 0, 9, 1}).finish();
    raw.write(Arrays.copyOf(FrameWriter.header(TOPIC), 30)); // never goes on
    raw.send(TOPIC, JOIN);
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
    await("both are counted", () -> node.counter("malformed_streams") == 2);
    assertThat(raw.connection.isOpen()).isTrue();
  }

  @Test
  void aBidirectionalStreamIsTurnedAwayAndNothingElse() throws Exception {
    RawPeer raw = raw(true);
    PeerStream stream = raw.connection.openBidirectional().get(40, SECONDS);
    raw.more(stream, new byte[] {1, 2, 3});
    raw.send(TOPIC, JOIN);
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
    assertThat(node.counter("malformed_streams")).isZero();
  }

  @Test
  void aStreamThatIsStoppedIsOpenedAnew() throws Exception {
    RawPeer raw = raw(true);
    raw.send(TOPIC, JOIN);
    RawPeer.Incoming stream = raw.incoming(0);
    stream.first.get(40, SECONDS);
    stream.stream.stopSending(0);
    await("the stop arrives", () -> node.counter("stopped_streams") == 1);

    node.say(TOPIC, "once more");
    RawPeer.Incoming next = raw.incoming(1);
    next.first.get(40, SECONDS);
    assertThat(next.events.getFirst()).isEqualTo(new FrameReader.Event.Header(TOPIC));
    assertThat(next.messages().getFirst()).isInstanceOf(Message.Gossip.class);
  }

  /** A Rust node freezes after 439 of such broadcasts (gossip.md W1). */
  @Test
  void aNeighborThatNeverReadsHoldsUpNobody() throws Exception {
    RawPeer raw = raw(false);
    raw.send(TOPIC, JOIN);
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
    Random random = new Random(5);
    byte[] content = new byte[GossipLimits.MAX_CONTENT_BYTES];
    for (int i = 0; i < 400; i++) {
      random.nextBytes(content);
      node.gossip.broadcast(TOPIC, content);
      if (i % 20 == 19) {
        int count = i + 1;
        friend.awaitEvent("broadcasts", _ -> friend.received(TOPIC).count() >= count);
      }
    }
    assertThat(node.counter("queue_drops")).isPositive();
    TestNode newcomer = TestNode.start(4);
    open.add(newcomer);
    newcomer.join(TOPIC, node.address());
    newcomer.awaitNeighbor(TOPIC, node.id());
    newcomer.gossip.broadcast(TOPIC, "I am new".getBytes(UTF_8));
    friend.awaitText(TOPIC, "I am new");
  }

  @Test
  void whoSendsTooMuchIsHeardInPart() throws Exception {
    RawPeer raw = raw(true);
    PeerStream stream = raw.send(TOPIC, JOIN);
    node.awaitNeighbor(TOPIC, raw.endpoint.id());
    Message forged = new Message.Gossip(TOPIC.value(), new byte[4000], new DeliveryScope.Swarm(0));
    byte[] frame = FrameWriter.message(forged).orElseThrow();
    stream.onLoop(() -> writeMore(stream, frame));
    await("some are dropped", () -> node.counter("rate_drops") > 0);
  }

  /** As there is room, until the node has had enough. */
  private void writeMore(PeerStream stream, byte[] frame) {
    while (stream.writableBytes() >= frame.length) {
      stream.write(frame.clone(), 0, frame.length);
    }
    if (node.counter("rate_drops") == 0 && stream.writableBytes() >= 0) {
      Thread.ofVirtual().start(() -> stream.onLoop(() -> writeMore(stream, frame)));
    }
  }
}
