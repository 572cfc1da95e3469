package org.veilor.seed.gossip.topic;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.PeerInfo;
import org.veilor.seed.gossip.protocol.TopicId;

/** One node in one topic, whose peers are the test. Peer 0 is the node itself. */
final class Lab {
  private static final Map<Integer, EndpointId> PEERS = new ConcurrentHashMap<>();

  static final EndpointId SELF = peer(0);
  static final TopicId TOPIC = TopicId.of(new byte[TopicId.LENGTH]);
  static final PeerData OWN = PeerData.of(new byte[] {7});
  static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  final GossipState state;
  long now = -5 * SECOND;
  private List<GossipOutput> outputs = new ArrayList<>();

  /** A node that has joined without contacts. */
  Lab(GossipConfig config) {
    state = new GossipState(SELF, OWN, config, new Random(1));
    join();
  }

  static Lab upstream() {
    return new Lab(GossipConfig.upstream());
  }

  static Lab hardened() {
    return new Lab(GossipConfig.hardened());
  }

  static EndpointId peer(int number) {
    return PEERS.computeIfAbsent(
        number,
        n -> {
          byte[] secret = new byte[SecretKey.LENGTH];
          secret[0] = (byte) number;
          secret[1] = (byte) (number >> 8);
          secret[2] = 9;
          return SecretKey.of(secret).id();
        });
  }

  static PeerData data(int value) {
    return PeerData.of(new byte[] {(byte) value, (byte) (value >> 8)});
  }

  static PeerInfo info(int number) {
    return new PeerInfo(peer(number), data(number));
  }

  static List<PeerInfo> infos(int from, int to) {
    return IntStream.range(from, to).mapToObj(Lab::info).toList();
  }

  static Message.Gossip gossip(String text, int round) {
    return new Message.Gossip(
        Blake3Hasher.hash(bytes(text)), bytes(text), new DeliveryScope.Swarm(round));
  }

  static Message.IHave ihave(String text, int round) {
    return new Message.IHave(List.of(new Message.IHaveItem(gossip(text, 0).id(), round)));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Message.Neighbor low() {
    return new Message.Neighbor(Message.Priority.LOW, null);
  }

  static Message.Neighbor high() {
    return new Message.Neighbor(Message.Priority.HIGH, null);
  }

  static Message.Neighbor ownNeighbor(Message.Priority priority) {
    return new Message.Neighbor(priority, OWN);
  }

  Lab join(int... contacts) {
    List<EndpointId> peers = IntStream.of(contacts).mapToObj(Lab::peer).toList();
    return on(new GossipInput.Join(TOPIC, peers));
  }

  /** Neighbours that joined, as if long ago. */
  Lab withNeighbors(int... peers) {
    for (int peer : peers) {
      receive(peer, new Message.Join(null));
    }
    outputs = new ArrayList<>();
    return this;
  }

  /** Passive peers. */
  Lab withPassive(int... peers) {
    List<PeerInfo> nodes = IntStream.of(peers).mapToObj(Lab::info).toList();
    int filled = 0;
    for (PeerInfo node : nodes) {
      filled++;
      receive(900 + filled, new Message.Shuffle(peer(950), List.of(node), 0));
    }
    outputs = new ArrayList<>();
    return this;
  }

  Lab receive(int from, Message message) {
    return on(new GossipInput.Received(peer(from), TOPIC, message));
  }

  Lab lose(int peer) {
    return on(new GossipInput.PeerDisconnected(peer(peer)));
  }

  Lab broadcast(String text) {
    return on(new GossipInput.Broadcast(TOPIC, bytes(text), false));
  }

  Lab on(GossipInput input) {
    outputs.addAll(state.on(input, now));
    return this;
  }

  /** Lets time pass, with everything that is due at its time. */
  Lab pass(long nanos) {
    long end = now + nanos;
    long next = state.nextTimeoutNanos();
    while (next != Long.MAX_VALUE && next - end <= 0) {
      now = Math.max(now, next);
      outputs.addAll(state.onTimeout(now));
      next = state.nextTimeoutNanos();
    }
    now = end;
    return this;
  }

  /** What was put out since the last call. */
  List<GossipOutput> take() {
    List<GossipOutput> taken = outputs;
    outputs = new ArrayList<>();
    return taken;
  }

  /** What was sent to a peer since the last call of {@link #take}. */
  List<Message> sentTo(int peer) {
    List<Message> sent = new ArrayList<>();
    for (GossipOutput output : outputs) {
      if (output instanceof GossipOutput.Send send && send.to().equals(peer(peer))) {
        sent.add(send.message());
      }
    }
    return sent;
  }

  /** Everything sent, of one kind. */
  <M extends Message> List<M> sent(Class<M> kind) {
    List<M> sent = new ArrayList<>();
    for (GossipOutput output : outputs) {
      if (output instanceof GossipOutput.Send send && kind.isInstance(send.message())) {
        sent.add(kind.cast(send.message()));
      }
    }
    return sent;
  }

  /** Outputs of one kind. */
  <O extends GossipOutput> List<O> put(Class<O> kind) {
    return outputs.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** To whom something of this kind was sent. */
  List<EndpointId> receivers(Class<? extends Message> kind) {
    List<EndpointId> receivers = new ArrayList<>();
    for (GossipOutput output : outputs) {
      if (output instanceof GossipOutput.Send send && kind.isInstance(send.message())) {
        receivers.add(send.to());
      }
    }
    return receivers;
  }

  Set<EndpointId> neighbors() {
    return state.neighbors(TOPIC);
  }

  Set<EndpointId> passive() {
    return state.passivePeers(TOPIC);
  }

  TopicReport report() {
    return state.report(TOPIC, now).orElseThrow();
  }

  static GossipOutput released(int peer) {
    return new GossipOutput.Release(peer(peer));
  }

  static GossipOutput up(int peer) {
    return new GossipOutput.NeighborUp(TOPIC, peer(peer));
  }

  static GossipOutput down(int peer) {
    return new GossipOutput.NeighborDown(TOPIC, peer(peer));
  }

  static GossipOutput send(int peer, Message message) {
    return new GossipOutput.Send(peer(peer), TOPIC, message);
  }
}
