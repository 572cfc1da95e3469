package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;

/** What is kept within limits: messages that wait, addresses, rates. */
class SendQueueTest {
  private static final TopicId TOPIC = TestNode.topic(1);
  private static final Message DATA =
      new Message.Gossip(TOPIC.value(), new byte[10], new DeliveryScope.Neighbors());

  private static SendQueue.Entry entry(Message message) {
    return new SendQueue.Entry(TOPIC, message, FrameWriter.message(message).orElseThrow());
  }

  private static List<SendQueue.Entry> all(SendQueue queue) {
    List<SendQueue.Entry> taken = new ArrayList<>();
    queue.offer(taken::add);
    return taken;
  }

  @Test
  void theOldestContentGivesWayFirst() {
    SendQueue queue = new SendQueue(3, 10_000);
    SendQueue.Entry prune = entry(new Message.Prune());
    SendQueue.Entry first = entry(DATA);
    SendQueue.Entry second = entry(DATA);
    SendQueue.Entry ihave = entry(new Message.IHave(List.of()));
    assertThat(queue.add(prune) + queue.add(first) + queue.add(second)).isZero();
    assertThat(queue.add(ihave)).isEqualTo(1);
    assertThat(all(queue)).containsExactly(prune, second, ihave);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void withoutContentTheOldestGivesWayAndAFarewellSaysSo() {
    SendQueue queue = new SendQueue(1, 10_000);
    SendQueue.Entry farewell = entry(new Message.Disconnect(false));
    queue.add(farewell);
    assertThat(farewell.farewell()).isNotNull().isNotDone();
    assertThat(queue.add(entry(new Message.Prune()))).isEqualTo(1);
    assertThat(farewell.farewell()).isDone();
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void bytesAreCountedToo() {
    SendQueue queue = new SendQueue(100, 100);
    int dropped = 0;
    for (int i = 0; i < 10; i++) {
      dropped += queue.add(entry(DATA));
    }
    assertThat(queue.size()).isEqualTo(100 / entry(DATA).frame().length);
    assertThat(dropped).isEqualTo(10 - queue.size());
    assertThat(queue.clear()).isEqualTo(10 - dropped);
    assertThat(queue.add(entry(DATA))).isZero();
  }

  @Test
  void aBucketFillsWithTime() {
    TokenBucket bucket = new TokenBucket(10, 20, 0);
    assertThat(bucket.take(20, 0)).isTrue();
    assertThat(bucket.take(1, MILLISECONDS.toNanos(99))).isFalse();
    assertThat(bucket.take(1, MILLISECONDS.toNanos(100))).isTrue();
    assertThat(bucket.take(21, SECONDS.toNanos(100))).isFalse();
    assertThat(bucket.take(20, SECONDS.toNanos(100))).isTrue();
  }

  @Test
  void whatOthersSayDisplacesNothingThatTheApplicationSays() {
    AddressBook book = new AddressBook(2, 5);
    EndpointId peer = TestNode.key(1).id();
    TransportAddr.Ip told = new TransportAddr.Ip(IpAddress.of(new byte[] {10, 0, 0, 1}), 1);
    book.trust(EndpointAddr.of(peer, List.of(told)));
    List<TransportAddr.Ip> rumours = new ArrayList<>();
    for (int port = 1; port <= 100; port++) {
      rumours.add(new TransportAddr.Ip(IpAddress.of(new byte[] {10, 0, 0, 2}), port));
    }
    book.learn(peer, rumours);
    assertThat(book.find(peer).ipAddrs())
        .hasSize(1 + GossipLimits.MAX_ADDRESSES)
        .contains(told, rumours.getLast());
    for (int i = 0; i < 5; i++) {
      book.learn(TestNode.key(2 + i).id(), rumours.subList(0, 1));
    }
    assertThat(book.find(peer).addrs()).containsExactly(told);
    assertThat(book.isTrusted(peer)).isTrue();
    assertThat(book.isTrusted(TestNode.key(2).id())).isFalse();
  }
}
