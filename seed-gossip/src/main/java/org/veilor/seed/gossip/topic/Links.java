package org.veilor.seed.gossip.topic;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.Message.Priority;

/**
 * Links that only one side takes for one, which iroh-gossip never notices (hardened only).
 *
 * <p>A new neighbour that stays silent is sent another Neighbor: if it does not know of us, that
 * says so. And who keeps speaking to us as only neighbours do is asked to be one, or told that it
 * is none.
 */
final class Links {
  private static final class Link {
    private final long upNanos;
    private boolean heard;

    Link(long upNanos) {
      this.upNanos = upNanos;
    }
  }

  private final HyParView views;
  private final LinkedHashMap<EndpointId, Link> links = new LinkedHashMap<>();
  private final LinkedHashMap<EndpointId, Long> strangers = new LinkedHashMap<>();

  Links(HyParView views) {
    this.views = views;
  }

  void up(EndpointId peer, Turn turn) {
    strangers.remove(peer);
    links.put(peer, new Link(turn.nowNanos()));
    turn.schedule(TopicLimits.LINK_CHECK_NANOS, new TopicTimer.LinkCheck(peer, turn.nowNanos(), 1));
  }

  void down(EndpointId peer) {
    links.remove(peer);
  }

  /** A message came, before anything is done about it. */
  void heard(EndpointId from, Message message, Turn turn) {
    Link link = links.get(from);
    if (link != null) {
      link.heard = true;
    } else if (isForNeighbors(message)) {
      onStranger(from, turn);
    }
  }

  void onCheck(TopicTimer.LinkCheck check, Turn turn) {
    Link link = links.get(check.peer());
    if (link == null || link.heard || link.upNanos != check.upAtNanos()) {
      return;
    }
    views.sendNeighborAnyway(check.peer(), Priority.LOW, turn);
    if (check.round() < TopicLimits.LINK_CHECKS) {
      turn.schedule(
          TopicLimits.LINK_CHECK_NANOS,
          new TopicTimer.LinkCheck(check.peer(), check.upAtNanos(), check.round() + 1));
    }
  }

  /** The neighbour of the longest standing, if that is long; null if there is none. */
  @Nullable EndpointId protectedPeer(long nowNanos) {
    Map.Entry<EndpointId, Link> first = links.firstEntry();
    return first != null && nowNanos - first.getValue().upNanos >= TopicLimits.PROTECTED_AFTER_NANOS
        ? first.getKey()
        : null;
  }

  private static boolean isForNeighbors(Message message) {
    return switch (message) {
      case Message.Broadcast _ -> true;
      case Message.ForwardJoin _, Message.Shuffle _ -> true;
      case Message.Join _, Message.Neighbor _ -> false;
      case Message.ShuffleReply _, Message.Disconnect _ -> false;
    };
  }

  private void onStranger(EndpointId peer, Turn turn) {
    long now = turn.nowNanos();
    Requests requests = views.requests();
    if (requests.isPending(peer)
        || requests.isCoolingDown(peer, now)
        || views.isMarked(peer, now)
        || views.hasLeft()) {
      return;
    }
    Long since = strangers.putIfAbsent(peer, now);
    if (strangers.size() > TopicLimits.MAX_MARKS) {
      strangers.pollFirstEntry();
    }
    if (since == null || now - since < TopicLimits.STRANGER_NANOS) {
      return;
    }
    strangers.remove(peer);
    if (views.active().size() < views.config().activeCapacity()) {
      requests.request(peer, Priority.LOW, turn);
    } else {
      views.sendDisconnect(peer, true, turn);
    }
  }
}
