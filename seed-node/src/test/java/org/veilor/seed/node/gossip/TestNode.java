package org.veilor.seed.node.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.net.IrohEndpoint;

/** A node of ours on loopback that remembers what its listener was told. */
final class TestNode implements AutoCloseable {
  private static final long LIMIT_NANOS = SECONDS.toNanos(40);

  final GossipNetwork gossip;
  final IrohEndpoint endpoint;
  private final List<GossipOutput.Event> events = new ArrayList<>();

  private TestNode(GossipNetwork gossip, IrohEndpoint endpoint) {
    this.gossip = gossip;
    this.endpoint = endpoint;
  }

  static SecretKey key(int number) {
    byte[] secret = new byte[SecretKey.LENGTH];
    secret[0] = (byte) number;
    secret[1] = 99;
    return SecretKey.of(secret);
  }

  static TopicId topic(int number) {
    byte[] bytes = new byte[TopicId.LENGTH];
    bytes[3] = (byte) number;
    return TopicId.of(bytes);
  }

  static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  static EndpointAddr addressOf(IrohEndpoint endpoint) {
    return EndpointAddr.of(
        endpoint.id(), endpoint.boundAddresses().stream().map(TransportAddr.Ip::of).toList());
  }

  static TestNode start(int keyNumber) throws IOException {
    return start(keyNumber, Patience.usual());
  }

  static TestNode start(int keyNumber, Patience patience) throws IOException {
    SecretKey key = key(keyNumber);
    GossipNetwork gossip =
        new GossipNetwork(key.id(), GossipConfig.hardened(), new Random(keyNumber), patience);
    IrohEndpoint endpoint =
        IrohEndpoint.builder(key).bind(loopback()).accept(GossipLimits.ALPN, gossip).start();
    gossip.start(endpoint, addressOf(endpoint));
    return new TestNode(gossip, endpoint);
  }

  EndpointId id() {
    return endpoint.id();
  }

  EndpointAddr address() {
    return addressOf(endpoint);
  }

  void join(TopicId topic, EndpointAddr... contacts) {
    gossip.join(topic, List.of(contacts), this::record);
    gossip
        .topics()
        .orTimeout(40, SECONDS)
        .join(); // who joins earlier than its contact waits longer
  }

  /** Each takes a third of a second to say goodbye. */
  static void closeAll(List<AutoCloseable> open) {
    open.parallelStream()
        .forEach(each -> {
          try {
            each.close();
          } catch (Exception e) {
            throw new IllegalStateException("cannot close " + each, e);
          }
        });
  }

  void say(TopicId topic, String text) {
    gossip.broadcast(topic, text.getBytes(UTF_8));
  }

  private synchronized void record(GossipOutput.Event event) {
    events.add(event);
    notifyAll();
  }

  synchronized List<GossipOutput.Event> events() {
    return List.copyOf(events);
  }

  /** Texts received in a topic, in order. */
  List<String> texts(TopicId topic) {
    return received(topic).map(message -> new String(message.content(), UTF_8)).toList();
  }

  Stream<GossipOutput.Received> received(TopicId topic) {
    return events().stream()
        .filter(GossipOutput.Received.class::isInstance)
        .map(GossipOutput.Received.class::cast)
        .filter(message -> message.topic().equals(topic));
  }

  /**
   * Waits until an event like that was told, now or before.
   *
   * @param condition must not ask the event loop, which would wait for us
   */
  synchronized void awaitEvent(String what, Predicate<GossipOutput.Event> condition)
      throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (events.stream().noneMatch(condition)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError(what + " did not happen, but " + events);
      }
      wait(millis);
    }
  }

  void awaitNeighbor(TopicId topic, EndpointId peer) throws InterruptedException {
    awaitEvent("neighbour up", new GossipOutput.NeighborUp(topic, peer)::equals);
  }

  void awaitNeighborDown(TopicId topic, EndpointId peer) throws InterruptedException {
    awaitEvent("neighbour down", new GossipOutput.NeighborDown(topic, peer)::equals);
  }

  void awaitText(TopicId topic, String text) throws InterruptedException {
    awaitEvent(
        "message '" + text + "'",
        event ->
            event instanceof GossipOutput.Received received
                && received.topic().equals(topic)
                && new String(received.content(), UTF_8).equals(text));
  }

  int connections() {
    return gossip.connections().orTimeout(40, SECONDS).join();
  }

  Set<EndpointId> neighbors(TopicId topic) {
    return gossip.neighbors(topic).orTimeout(40, SECONDS).join();
  }

  long counter(String name) {
    Long value = gossip.counters().get(name);
    if (value == null) {
      throw new AssertionError("no counter " + name);
    }
    return value;
  }

  @Override
  public void close() {
    gossip.close();
    endpoint.close();
  }
}
