package org.veilor.seed.node.announce;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.AnnouncementGate;
import org.veilor.seed.gossip.announcement.AnnouncementLimits;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.announcement.GateLimits;
import org.veilor.seed.gossip.announcement.GateOutcome;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.topic.GossipOutput;

/**
 * One service's topic: what is believed of it, and what is about to be said there. One thread, but
 * for {@link #overloaded}.
 */
final class ServiceTopic {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceTopic.class);

  /** New blobs that are told one by one where a catalogue tells of all. */
  static final int PROVIDED_AT_ONCE = 300;

  static final int PROVIDED_PER_SECOND = 10;

  /** Announcements of origins that are passed on at once. */
  static final int PORTION = 5;

  private final Invite invite;
  private final TopicId id;
  private final AnnouncementGate gate;
  private final KnownPeers peers;
  private final BiConsumer<ServiceTopic, Announcement> listener;
  private final Set<EndpointId> neighbors = new HashSet<>();
  private final Set<Hash> unanswered = new LinkedHashSet<>();
  private final ArrayDeque<byte[]> toPass = new ArrayDeque<>();
  private final LongAdder overloaded = new LongAdder();
  private boolean passing;
  private boolean startOver;
  private int budget = PROVIDED_AT_ONCE;
  private long budgetMillis;
  private long lastSequence = -1;
  private long said;

  /** Heard and said when the memory was asked for. */
  private long remembered;

  ServiceTopic(
      Invite invite,
      TopicFile.Memory memory,
      KnownPeers peers,
      long nowMillis,
      BiConsumer<ServiceTopic, Announcement> listener) {
    this.invite = invite;
    this.id = invite.service().topic();
    this.listener = listener;
    this.peers = peers;
    this.gate =
        new AnnouncementGate(
            invite.service(),
            Set.copyOf(invite.origins()),
            GateLimits.standard(),
            memory.gate(),
            nowMillis);
    this.lastSequence = memory.lastSequence();
  }

  Invite invite() {
    return invite;
  }

  TopicId id() {
    return id;
  }

  /** Who was there in this and a former life. */
  KnownPeers peers() {
    return peers;
  }

  ServiceKey service() {
    return invite.service();
  }

  String name() {
    return invite.service().name().name();
  }

  void on(GossipOutput.Event event, long nowMillis) {
    switch (event) {
      case GossipOutput.NeighborUp up -> neighbors.add(up.peer());
      case GossipOutput.NeighborDown down -> neighbors.remove(down.peer());
      case GossipOutput.Received received -> {
        switch (gate.offer(received.content(), nowMillis)) {
          case GateOutcome.Accepted(Announcement announcement) ->
              listener.accept(this, announcement);
          case GateOutcome.Dropped(GateOutcome.Reason reason) ->
              LOG.debug("{}: a message is dropped: {}", name(), reason);
        }
      }
    }
  }

  /** What is to be remembered; null if that has not changed since it was asked for. */
  TopicFile.@Nullable Memory memoryIfChanged() {
    long count = gate.accepted() + said;
    if (count == remembered) {
      return null;
    }
    remembered = count;
    return memory();
  }

  TopicFile.Memory memory() {
    return new TopicFile.Memory(lastSequence, gate.state());
  }

  boolean hasNeighbors() {
    return !neighbors.isEmpty();
  }

  /** How many of so many new blobs may be told one by one. */
  int provideBudget(long nowMillis, int wanted) {
    long refill = Math.max(0, nowMillis - budgetMillis) * PROVIDED_PER_SECOND / 1000;
    if (refill > 0) {
      budget = (int) Math.min(PROVIDED_AT_ONCE, budget + refill);
      budgetMillis = nowMillis;
    }
    int granted = Math.min(budget, wanted);
    budget -= granted;
    return granted;
  }

  // What origins said, for new neighbours: 50 a second, half of what others take from an origin

  /** Whether passing has to begin; a new neighbour makes it begin anew. */
  boolean willPass() {
    boolean begins = !passing;
    passing = true;
    startOver = true;
    return begins;
  }

  List<byte[]> nextToPass(Supplier<List<byte[]>> kept) {
    if (startOver) {
      startOver = false;
      toPass.clear();
      toPass.addAll(kept.get());
    }
    List<byte[]> next = new ArrayList<>(PORTION);
    while (next.size() < PORTION && !toPass.isEmpty()) {
      next.add(toPass.poll());
    }
    passing = !toPass.isEmpty();
    return next;
  }

  boolean isPassing() {
    return passing;
  }

  Announcement sign(SecretKey key, long nowMillis, Body body) {
    lastSequence = Announcement.nextSequence(lastSequence, nowMillis);
    said++;
    return Announcement.sign(key, invite.service(), nowMillis, lastSequence, body);
  }

  /** Messages that name these blobs. */
  static List<Body.Provide> provides(EndpointAddr own, Map<Hash, Long> sizes) {
    List<Body.Blob> blobs = new ArrayList<>();
    sizes.forEach((hash, size) -> blobs.add(new Body.Blob(HashAndFormat.raw(hash), size)));
    List<Body.Provide> provides = new ArrayList<>();
    for (int from = 0; from < blobs.size(); from += AnnouncementLimits.MAX_BLOBS) {
      int to = Math.min(blobs.size(), from + AnnouncementLimits.MAX_BLOBS);
      provides.add(new Body.Provide(own, blobs.subList(from, to)));
    }
    return provides;
  }

  // Questions of others, which whoever holds the blob answers after a random time

  void willAnswer(Collection<Hash> hashes) {
    unanswered.addAll(hashes);
  }

  void answeredByOthers(Hash hash) {
    unanswered.remove(hash);
  }

  List<Hash> takeUnanswered(Collection<Hash> hashes) {
    List<Hash> mine = new ArrayList<>(hashes);
    mine.removeIf(hash -> !unanswered.remove(hash));
    return mine;
  }

  /** A message came while too many waited. Any thread. */
  void overloaded() {
    overloaded.increment();
  }

  TopicStatus status() {
    Map<String, Long> dropped = new TreeMap<>();
    for (GateOutcome.Reason reason : GateOutcome.Reason.values()) {
      dropped.put(reason.name().toLowerCase(Locale.ROOT), gate.dropped(reason));
    }
    dropped.put("overloaded", overloaded.sum());
    dropped.values().removeIf(count -> count == 0);
    return new TopicStatus(neighbors.size(), said, gate.accepted(), dropped, gate.issuers());
  }
}
