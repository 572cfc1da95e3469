package org.veilor.seed.node.membership;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;

/**
 * Connects to providers, and proves to those that are expected in a group of ours that we are in
 * it, too: with each new connection, every twelve hours, and when one says that it has not what we
 * ask for. Any thread.
 */
public final class ProvingClient implements PeerClient {
  /** Shows a proof to a peer. */
  @FunctionalInterface
  public interface Prover {
    /** Whether the peer confirmed a group; never exceptionally. */
    CompletableFuture<Boolean> prove(EndpointAddr peer, List<ServiceKey.Group> groups);
  }

  /** When a peer was shown what. */
  private record Proved(List<ServiceKey.Group> groups, long atMillis, PeerLink link) {}

  private final PeerClient client;
  private final Groups groups;
  private final Prover prover;
  private final LongSupplier nowMillis;
  private final LinkedHashMap<EndpointId, Proved> proved = new LinkedHashMap<>();

  /** Connects by way of another client. */
  public ProvingClient(PeerClient client, Groups groups, Prover prover, LongSupplier nowMillis) {
    this.client = client;
    this.groups = groups;
    this.prover = prover;
    this.nowMillis = nowMillis;
  }

  @Override
  public CompletionStage<PeerLink> connect(EndpointAddr addr) {
    List<ServiceKey.Group> expected = groups.expected(addr.id());
    CompletionStage<PeerLink> connected = client.connect(addr);
    if (expected.isEmpty()) {
      return connected;
    }
    CompletableFuture<PeerLink> result = new CompletableFuture<>();
    CompletableFuture<Boolean> shown =
        isProved(addr.id(), expected)
            ? CompletableFuture.completedFuture(true)
            : prover.prove(addr, expected);
    var _ =
        connected.whenComplete((link, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          var _ =
              shown.whenComplete((confirmed, _) -> {
                if (Boolean.TRUE.equals(confirmed)) {
                  remember(addr.id(), expected, link);
                }
                result.complete(new DoubtingLink(link, addr.id()));
              });
        });
    return result;
  }

  private boolean isProved(EndpointId peer, List<ServiceKey.Group> expected) {
    Proved last = proved(peer);
    return last != null
        && last.link().isOpen()
        && last.groups().equals(expected)
        && nowMillis.getAsLong() - last.atMillis() < MembershipLimits.PROVE_AGAIN_MILLIS;
  }

  private @Nullable Proved proved(EndpointId peer) {
    synchronized (proved) {
      return proved.get(peer);
    }
  }

  private void remember(EndpointId peer, List<ServiceKey.Group> expected, PeerLink link) {
    synchronized (proved) {
      Proved last = proved.get(peer);
      if (last == null || !last.link().equals(link) || !last.groups().equals(expected)) {
        proved.remove(peer);
        proved.put(peer, new Proved(expected, nowMillis.getAsLong(), link));
      }
      if (proved.size() > MembershipLimits.MAX_PROVED) {
        proved.pollFirstEntry();
      }
    }
  }

  /** The peer may have forgotten us: the next connection begins with a proof. */
  private void doubt(EndpointId peer) {
    synchronized (proved) {
      Proved last = proved.get(peer);
      if (last != null
          && nowMillis.getAsLong() - last.atMillis() >= MembershipLimits.DOUBT_MILLIS) {
        proved.remove(peer);
      }
    }
  }

  /** How many peers are remembered to have had a proof. */
  int size() {
    synchronized (proved) {
      return proved.size();
    }
  }

  /** A link that notices when something is not found. */
  private final class DoubtingLink implements PeerLink {
    private final PeerLink link;
    private final EndpointId peer;

    DoubtingLink(PeerLink link, EndpointId peer) {
      this.link = link;
      this.peer = peer;
    }

    @Override
    public long rttNanos() {
      return link.rttNanos();
    }

    @Override
    public PeerRequest open(byte[] request, PeerRequest.Listener listener) {
      return link.open(request, new Doubting(listener, peer));
    }

    @Override
    public void giveUp() {
      link.giveUp();
    }

    @Override
    public boolean isOpen() {
      return link.isOpen();
    }
  }

  /** Notices a response that is reset before anything came. */
  private final class Doubting implements PeerRequest.Listener {
    private final PeerRequest.Listener listener;
    private final EndpointId peer;
    private boolean hasBytes;

    Doubting(PeerRequest.Listener listener, EndpointId peer) {
      this.listener = listener;
      this.peer = peer;
    }

    @Override
    public void onBytes(byte[] data, int offset, int length) {
      hasBytes = true;
      listener.onBytes(data, offset, length);
    }

    @Override
    public void onEnd() {
      listener.onEnd();
    }

    @Override
    public void onReset(long code) {
      if (!hasBytes) {
        doubt(peer);
      }
      listener.onReset(code);
    }

    @Override
    public void onLost(String why) {
      listener.onLost(why);
    }
  }
}
