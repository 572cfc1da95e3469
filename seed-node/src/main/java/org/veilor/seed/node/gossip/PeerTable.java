package org.veilor.seed.node.gossip;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.AddrInfo;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;

/**
 * Every peer that has a connection or is being dialled. Nothing outlives either, so that the next
 * message to a lost peer dials anew (gossip.md W3). On the event loop.
 */
final class PeerTable {
  private static final Logger log = LoggerFactory.getLogger(PeerTable.class);
  private static final int READ_BYTES = 16 * 1024;

  /** Whose peers they are. */
  interface Owner {
    /** Runs something in one turn, at the end of which is flushed. */
    void inTurn(Runnable action);

    long nowNanos();

    void onMessage(EndpointId from, TopicId topic, Message message);

    /** The last connection ended, or none could be made. */
    void onGone(EndpointId peer);
  }

  private final EndpointId self;
  private final Patience patience;
  private final Owner owner;
  private final GossipCounters counters;
  private final AddressBook book = new AddressBook();
  private final Dialler dialler;
  private final Map<EndpointId, GossipPeer> peers = new HashMap<>();

  /** Peers whose queue may have something that can be sent. */
  private Set<GossipPeer> dirty = new LinkedHashSet<>();

  private final Set<GossipPeer> backlogged = new LinkedHashSet<>();
  private final byte[] readBuffer = new byte[READ_BYTES];
  private boolean isClosed;

  PeerTable(EndpointId self, Patience patience, Owner owner, GossipCounters counters) {
    this.self = self;
    this.patience = patience;
    this.owner = owner;
    this.counters = counters;
    this.dialler = new Dialler(book, counters, new DialOutcome(), owner.nowNanos());
  }

  void start(IrohEndpoint endpoint) {
    dialler.start(endpoint);
  }

  /** The application says where a peer is. */
  void trust(EndpointAddr addr) {
    book.trust(addr);
  }

  /** All that is known of where a peer is. */
  EndpointAddr find(EndpointId peer) {
    return book.find(peer);
  }

  /** Somebody says where a peer is. */
  void learn(EndpointId peer, PeerData data) {
    try {
      book.learn(peer, AddrInfo.decode(data).directAddresses());
    } catch (MalformedException e) {
      log.debug("addresses of {} are malformed: {}", peer.shortText(), e.getMessage());
    }
  }

  /** Queues a message, and dials if there is no connection. */
  void send(EndpointId to, SendQueue.Entry entry) {
    long now = owner.nowNanos();
    if (isClosed || (!peers.containsKey(to) && peers.size() >= NetworkLimits.MAX_PEERS)) {
      counters.queueDrops.increment();
      entry.drop();
      owner.inTurn(() -> owner.onGone(to));
      return;
    }
    GossipPeer peer = peers.computeIfAbsent(to, id -> new GossipPeer(id, patience, now));
    counters.queueDrops.add(peer.add(entry, now));
    dirty.add(peer);
    if (!peer.isConnected() && !peer.isDialling()) {
      peer.dialling(true);
      dialler.dial(to, now);
    }
  }

  /** A connection was accepted, or came of a dial. */
  void adopt(PeerConnection connection) {
    long now = owner.nowNanos();
    EndpointId id = connection.remoteId();
    if (isClosed || (!peers.containsKey(id) && peers.size() >= NetworkLimits.MAX_PEERS)) {
      counters.refusedConnections.increment();
      connection.close(0, "no more connections");
      return;
    }
    if (!connection.isOpen()) {
      onDialFailed(id);
      return;
    }
    counters.connections.increment();
    GossipPeer peer = peers.computeIfAbsent(id, each -> new GossipPeer(each, patience, now));
    Runnable onWritable = () -> owner.inTurn(() -> dirty.add(peer));
    GossipLink link = new GossipLink(connection, counters, onWritable, now);
    peer.dialling(peer.isDialling() && !connection.isDialled());
    peer.add(link, now);
    book.learn(id, List.of(TransportAddr.Ip.of(connection.remoteAddress())));
    dirty.add(peer);
    var _ = connection.closed().thenRun(() -> owner.inTurn(() -> onClosed(peer, link)));
    connection.onStream(stream -> onStream(peer, link, stream));
  }

  private void onStream(GossipPeer peer, GossipLink link, PeerStream stream) {
    if (stream.isBidirectional()) {
      stream.stopSending(0); // the protocol knows none of these
      stream.reset(0);
      return;
    }
    stream.listen(new IncomingStream(new Incoming(peer, link), readBuffer));
  }

  /** What a stream of a peer says. */
  private final class Incoming implements IncomingStream.Sink {
    private final GossipPeer peer;
    private final GossipLink link;

    Incoming(GossipPeer peer, GossipLink link) {
      this.peer = peer;
      this.link = link;
    }

    @Override
    public void inTurn(Runnable action) {
      owner.inTurn(action);
    }

    @Override
    public void onMessage(TopicId topic, Message message, int sizeBytes) {
      boolean isData = message instanceof Message.Gossip;
      (isData ? counters.dataReceived : counters.controlReceived).increment();
      (isData ? counters.dataReceivedBytes : counters.controlReceivedBytes)
          .add(sizeBytes - FrameWriter.LENGTH_BYTES);
      if (peer.onFrame(link, sizeBytes, owner.nowNanos())) {
        owner.onMessage(peer.id(), topic, message);
      } else {
        counters.rateDrops.increment();
      }
    }

    /** To stop just the stream would silence a Rust node in all topics (gossip.md §1.5). */
    @Override
    public void onMalformed(String reason, boolean isOver) {
      counters.malformed.increment();
      log.debug("{} sends {}", peer.id().shortText(), reason);
      if (!isOver) {
        link.close("malformed: " + reason);
      }
    }
  }

  private void onClosed(GossipPeer peer, GossipLink link) {
    peer.remove(link);
    if (peer.isConnected()) {
      dirty.add(peer); // what waited goes over another connection
    } else if (!peer.isDialling()) {
      forget(peer);
    }
  }

  private void forget(GossipPeer peer) {
    counters.queueDrops.add(peer.queue().clear());
    dirty.remove(peer);
    backlogged.remove(peer);
    if (peers.remove(peer.id(), peer)) {
      owner.onGone(peer.id());
    }
  }

  private final class DialOutcome implements Dialler.Listener {
    @Override
    public void onConnected(PeerConnection connection) {
      owner.inTurn(() -> adopt(connection));
    }

    @Override
    public boolean isWanted(EndpointId id) {
      GossipPeer peer = peers.get(id);
      if (peer != null && peer.isConnected()) {
        peer.dialling(false);
      }
      return peer != null && !peer.isConnected();
    }

    @Override
    public void onFailed(EndpointId id) {
      owner.inTurn(() -> onDialFailed(id));
    }
  }

  private void onDialFailed(EndpointId id) {
    GossipPeer peer = peers.get(id);
    if (peer != null && peer.isDialling()) {
      peer.dialling(false);
      if (!peer.isConnected()) {
        forget(peer);
      }
    }
  }

  /** Writes what can be written. */
  void flush() {
    long now = owner.nowNanos();
    while (!dirty.isEmpty()) {
      Set<GossipPeer> flushing = dirty;
      dirty = new LinkedHashSet<>();
      for (GossipPeer peer : flushing) {
        boolean waits = peer.flush(now);
        if (waits) {
          backlogged.add(peer);
        } else {
          backlogged.remove(peer);
        }
      }
    }
  }

  /** Whether somebody's messages wait for room. */
  boolean hasBacklog() {
    return !backlogged.isEmpty();
  }

  /** Looks again at those whose messages wait. */
  void retryBacklog() {
    dirty.addAll(backlogged);
  }

  /** Dials whose turn it is, connections that are of no use any more. */
  void housekeep(Set<EndpointId> neighbors) {
    long now = owner.nowNanos();
    dialler.proceed(now);
    for (GossipPeer peer : new ArrayList<>(peers.values())) {
      peer.followPeer(self, now);
      peer.closeOld(now);
      if (peer.isIdle(now) && !neighbors.contains(peer.id())) {
        peer.links().forEach(link -> link.close("idle"));
      } else if (peer.isStalled(now)) {
        counters.stalled.increment();
        peer.links().forEach(link -> link.close("nothing is taken"));
      }
      for (GossipLink link : peer.links()) {
        if (link.silenceNanos(patience.checkNanos(), now) > patience.silenceNanos()) {
          counters.silent.increment();
          link.close("nothing was heard");
        }
      }
    }
  }

  /** Peers with a connection. */
  int connectedPeers() {
    return (int) peers.values().stream().filter(GossipPeer::isConnected).count();
  }

  /** Connections of all peers. */
  int connections() {
    return peers.values().stream().mapToInt(peer -> peer.links().size()).sum();
  }

  /** Closes every connection and takes no more. */
  void close() {
    isClosed = true;
    for (GossipPeer peer : peers.values()) {
      peer.queue().clear();
      peer.links().forEach(link -> link.close(""));
    }
  }
}
