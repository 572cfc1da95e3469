package org.veilor.seed.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.config.PeerText;
import org.veilor.seed.node.gossip.GossipNetwork;
import org.veilor.seed.quic.connection.TransportConfig;

/** A node of ours in the test's JVM, with an endpoint of its own. */
final class OurGossip implements GossipMember {
  private record Heard(GossipOutput.Received message, String text, long micros) {}

  private final GossipNetwork network;
  private final IrohEndpoint endpoint;
  private final String target;
  private final List<Heard> heard = new CopyOnWriteArrayList<>();

  private OurGossip(GossipNetwork network, IrohEndpoint endpoint, String address) {
    this.network = network;
    this.endpoint = endpoint;
    this.target = endpoint.id() + "@" + address;
  }

  static OurGossip start(int keyNumber) {
    return start(key(keyNumber), GossipConfig.hardened());
  }

  static OurGossip start(SecretKey key, GossipConfig config) {
    return start(key, config, hash -> new BlobLookup.Missing());
  }

  /** One that also gives blobs to whoever asks. */
  static OurGossip start(SecretKey key, GossipConfig config, BlobCatalog blobs) {
    GossipNetwork network = new GossipNetwork(key.id(), config, new Random(key.hashCode()));
    TransportConfig defaults = TransportConfig.defaults();
    TransportConfig transport =
        defaults.withStreams(defaults.streams().withMaxStreams(100, GossipNetwork.TOPIC_STREAMS));
    try {
      IrohEndpoint endpoint =
          IrohEndpoint.builder(key)
              .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
              .transport(transport)
              .dialTransport(transport)
              .accept(GossipLimits.ALPN, network)
              .accept(BlobsLimits.ALPN, connection -> SmallProvider.serve(connection, blobs))
              .start();
      String address = "127.0.0.1:" + endpoint.boundAddresses().getFirst().getPort();
      OurGossip node = new OurGossip(network, endpoint, address);
      network.start(endpoint, PeerText.parse(node.target));
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SecretKey key(int number) {
    byte[] seed = new byte[SecretKey.LENGTH];
    seed[0] = (byte) number;
    seed[1] = 77;
    return SecretKey.of(seed);
  }

  GossipNetwork network() {
    return network;
  }

  /** Everything that was received in a topic. */
  List<byte[]> received(TopicId topic) {
    return heard(topic).map(each -> each.message().content()).toList();
  }

  /** Tells others that it is at another address, for instance that of a proxy. */
  void advertise(String address) {
    network.setOwnAddress(PeerText.parse(id() + "@" + address));
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private void onEvent(GossipOutput.Event event) {
    if (event instanceof GossipOutput.Received message) {
      heard.add(new Heard(message, new String(message.content(), UTF_8), micros()));
    }
  }

  private Stream<Heard> heard(TopicId topic) {
    return heard.stream().filter(each -> each.message().topic().equals(topic));
  }

  private Stream<Heard> heard(TopicId topic, String text) {
    return heard(topic).filter(each -> each.text().equals(text));
  }

  @Override
  public String name() {
    return "ours " + id().substring(0, 6);
  }

  @Override
  public String id() {
    return endpoint.id().toString();
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public void know(List<String> targets) {
    targets.forEach(each -> network.know(PeerText.parse(each)));
  }

  @Override
  public void join(TopicId topic, List<String> targets) {
    List<EndpointAddr> contacts = new ArrayList<>();
    targets.forEach(each -> contacts.add(PeerText.parse(each)));
    network.join(topic, contacts, this::onEvent);
    network.topics().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Override
  public void quit(TopicId topic) {
    network.leave(topic).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Override
  public long say(TopicId topic, String text) {
    long now = micros();
    network.broadcast(topic, text.getBytes(UTF_8));
    return now;
  }

  @Override
  public void sayToNeighbors(TopicId topic, String text) {
    network.broadcastNeighbors(topic, text.getBytes(UTF_8));
  }

  @Override
  public OptionalLong heardMicros(TopicId topic, String text) {
    return heard(topic, text).mapToLong(Heard::micros).findFirst();
  }

  @Override
  public int heardCount(TopicId topic, String text) {
    return (int) heard(topic, text).count();
  }

  @Override
  public String scope(TopicId topic, String text) {
    return switch (heard(topic, text).findFirst().orElseThrow().message().scope()) {
      case DeliveryScope.Neighbors _ -> "neighbors";
      case DeliveryScope.Swarm(int round) -> "swarm " + round;
    };
  }

  @Override
  public Set<String> contents(TopicId topic) {
    Set<String> all = new HashSet<>();
    heard(topic)
        .forEach(each ->
            all.add(
                Blake3Hasher.hash(each.message().content())
                    + "/"
                    + each.message().content().length));
    return all;
  }

  @Override
  public Set<String> neighbors(TopicId topic) {
    Set<String> ids = new HashSet<>();
    network
        .neighbors(topic)
        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .join()
        .forEach(id -> ids.add(id.toString()));
    return ids;
  }

  @Override
  public void close() {
    network.close();
    endpoint.close();
  }
}
