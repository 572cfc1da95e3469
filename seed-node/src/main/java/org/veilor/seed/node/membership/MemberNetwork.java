package org.veilor.seed.node.membership;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.ProtocolHandler;

/**
 * Proofs of membership under their ALPN, both sides: answers those who prove themselves to us, and
 * proves this node to others.
 */
public final class MemberNetwork implements ProtocolHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemberNetwork.class);
  private static final long DONE = 0;
  private static final long CHECK_NANOS = MILLISECONDS.toNanos(500);

  /** Code of a stream or connection that is one too many. */
  private static final long TOO_MANY = 2;

  private final EndpointId self;
  private final Groups groups;
  private final int maxConnections;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder believed = new LongAdder();
  private final LongAdder asked = new LongAdder();
  private final LongAdder confirmed = new LongAdder();
  private volatile @Nullable IrohEndpoint endpoint;

  /** Connections of others, the oldest first; on the event loop. */
  private final LinkedHashMap<PeerConnection, Accepted> connections = new LinkedHashMap<>();

  private boolean isCheckDue;

  private final Map<EndpointId, CompletableFuture<Boolean>> proving = new HashMap<>();

  /** What a peer has opened. */
  private static final class Accepted {
    private final long closeNanos = System.nanoTime() + MembershipLimits.CONNECTION_NANOS;
    private final Map<PeerStream, MemberStream> streams = new HashMap<>();
  }

  /** Creates it; it accepts at once. */
  public MemberNetwork(EndpointId self, Groups groups) {
    this(self, groups, MembershipLimits.MAX_CONNECTIONS);
  }

  MemberNetwork(EndpointId self, Groups groups, int maxConnections) {
    this.self = self;
    this.groups = groups;
    this.maxConnections = maxConnections;
  }

  /** Begins to dial and to look at the time. */
  public void start(IrohEndpoint opened) {
    endpoint = opened;
    opened.onLoop(this::checkSoon);
  }

  @Override
  public void onConnection(PeerConnection connection) {
    if (connections.size() >= maxConnections) {
      // The oldest gives way: a proof takes a round trip, and strangers must keep nobody out.
      connections.firstEntry().getKey().close(TOO_MANY, "");
      connections.pollFirstEntry();
    }
    Accepted state = new Accepted();
    connections.put(connection, state);
    var _ =
        connection.closed().thenRun(() -> connection.onLoop(() -> connections.remove(connection)));
    connection.onStream(stream -> onStream(stream, state));
    checkSoon();
  }

  private void onStream(PeerStream stream, Accepted state) {
    if (!stream.isBidirectional() || state.streams.size() >= MembershipLimits.MAX_STREAMS) {
      stream.stopSending(TOO_MANY);
      if (stream.isBidirectional()) {
        stream.reset(TOO_MANY);
      }
      return;
    }
    accepted.increment();
    MemberExchange exchange =
        MemberExchange.acceptor(
            MemberStream.proofOf(stream, self), groups.all(), System.nanoTime());
    MemberStream reader =
        new MemberStream(exchange, members -> proved(stream.connection().remoteId(), members));
    state.streams.put(stream, reader);
    stream.listen(reader);
  }

  private void proved(EndpointId peer, Set<ServiceKey.Group> members) {
    for (ServiceKey.Group group : members) {
      believed.increment();
      groups.proved(group, peer, System.currentTimeMillis());
    }
  }

  /** As long as there are connections; on the event loop. */
  private void checkSoon() {
    IrohEndpoint opened = endpoint;
    if (opened != null && !isCheckDue && !connections.isEmpty()) {
      isCheckDue = true;
      var _ = opened.onLoopAfter(CHECK_NANOS, this::checkTimes);
    }
  }

  private void checkTimes() {
    isCheckDue = false;
    long now = System.nanoTime();
    for (Map.Entry<PeerConnection, Accepted> each : List.copyOf(connections.entrySet())) {
      Accepted state = each.getValue();
      state.streams.forEach((stream, reader) -> reader.checkTime(stream));
      if (now - state.closeNanos >= 0) {
        each.getKey().close(DONE, "");
      }
    }
    checkSoon();
  }

  /**
   * Proves to a peer that this node is in groups, and learns in which of these it is, too.
   *
   * @param claimed whoever is at the other end learns half of their topic ids
   * @return whether an answer came; never exceptionally
   */
  public CompletableFuture<Boolean> prove(EndpointAddr peer, List<ServiceKey.Group> claimed) {
    CompletableFuture<Boolean> answered;
    synchronized (proving) {
      CompletableFuture<Boolean> running = proving.get(peer.id());
      IrohEndpoint dialling = endpoint;
      if (running != null) {
        return running;
      }
      if (dialling == null || proving.size() >= MembershipLimits.MAX_PROOFS) {
        return CompletableFuture.completedFuture(false);
      }
      answered = new CompletableFuture<>();
      proving.put(peer.id(), answered);
      asked.increment();
      dial(dialling, peer, claimed, answered);
    }
    var _ =
        answered.whenComplete((_, _) -> {
          synchronized (proving) {
            proving.remove(peer.id());
          }
        });
    return answered;
  }

  private void dial(
      IrohEndpoint dialling,
      EndpointAddr peer,
      List<ServiceKey.Group> claimed,
      CompletableFuture<Boolean> answered) {
    CompletableFuture<PeerConnection> dialled = dialling.connect(peer, MembershipProof.ALPN);
    var _ =
        dialled.whenComplete((connection, failure) -> {
          if (failure != null) {
            LOG.debug("no proof for {}: {}", peer.id(), failure.getMessage());
            answered.complete(false);
          } else {
            var _ =
                connection
                    .openBidirectional()
                    .whenComplete((stream, refused) -> {
                      if (refused != null) {
                        answered.complete(false);
                      } else {
                        stream.onLoop(() -> begin(stream, claimed, answered));
                      }
                    });
            var _ = answered.whenComplete((_, _) -> connection.close(DONE, ""));
          }
        });
    Future<?> timeout =
        dialling.onLoopAfter(MembershipLimits.EXCHANGE_NANOS, () -> answered.complete(false));
    if (timeout.isDone()) {
      answered.complete(false); // the endpoint is closed
    }
  }

  private void begin(
      PeerStream stream, List<ServiceKey.Group> claimed, CompletableFuture<Boolean> answered) {
    MemberExchange exchange =
        MemberExchange.dialler(MemberStream.proofOf(stream, self), claimed, System.nanoTime());
    EndpointId peer = stream.connection().remoteId();
    MemberStream reader =
        new MemberStream(
            exchange,
            members -> {
              confirmed.add(members.size());
              proved(peer, members);
              answered.complete(!members.isEmpty());
            });
    stream.listen(reader);
    reader.say(stream, exchange.claims());
  }

  /** Figures, by name in snake case. */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new HashMap<>();
    counters.put("proofs_received", accepted.sum());
    counters.put("proofs_believed", believed.sum());
    counters.put("proofs_sent", asked.sum());
    counters.put("proofs_confirmed", confirmed.sum());
    counters.put("members_known", (long) groups.size());
    return counters;
  }

  @Override
  public void close() {
    Set<CompletableFuture<Boolean>> open;
    synchronized (proving) {
      open = new HashSet<>(proving.values());
    }
    open.forEach(each -> each.complete(false));
  }
}
