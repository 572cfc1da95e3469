package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.ChunkRanges;

/**
 * Decides which provider is asked for what.
 *
 * <p>Guided self-scheduling (Polychronopoulos and Kuck 1987): a piece is a share of what is left,
 * by rate, about a second long, so that all finish together. What readers wait for comes first.
 * Whoever has nothing to do takes over the tail of the request that would end last; where that
 * request gives no sign of life, all of it (hedging, Dean and Barroso 2013), and who comes second
 * is cancelled.
 */
final class WorkSharing {
  private final PlanState state;
  private long readerTurn;

  /** Wanted, not here and not asked for; null if it has to be computed. */
  private @Nullable ChunkRanges free;

  WorkSharing(PlanState state) {
    this.state = state;
  }

  /** Something has changed but progress of requests. */
  void invalidate() {
    free = null;
  }

  private ChunkRanges free() {
    if (free == null) {
      free = state.wanted().minus(state.present).minus(state.assigned());
    }
    return free;
  }

  /** What nobody was asked for yet. */
  ChunkRanges unassigned() {
    return free();
  }

  /** Asks for more wherever that makes sense. */
  void assign(long now) {
    if (state.provenSize.isEmpty()) {
      assignOpening(now);
      return;
    }
    serveFronts(now);
    boolean isGiven = true;
    while (isGiven && !free().isEmpty()) {
      isGiven = false;
      for (PlannedProvider provider : byBacklog()) {
        isGiven |= isHungry(provider, now) && give(provider, now);
      }
    }
  }

  private List<PlannedProvider> byBacklog() {
    List<PlannedProvider> list = new ArrayList<>();
    for (PlannedProvider provider : state.providers.values()) {
      if (provider.isConnected()) {
        list.add(provider);
      }
    }
    list.sort((a, b) -> Long.compare(a.backlogNanos() + a.rttNanos, b.backlogNanos() + b.rttNanos));
    return list;
  }

  private static boolean isHungry(PlannedProvider provider, long now) {
    if (!provider.canTakeRequest(now)) {
      return false;
    }
    long ahead =
        provider.rate.isKnown()
            ? (long)
                (provider.rate.bytesPerSecond()
                    * (PlanLimits.AHEAD_NANOS + 3 * provider.rttNanos)
                    / 1e9)
            : 1;
    return provider.outstandingBytes() < Math.max(ahead, PlanLimits.MIN_PIECE_BYTES);
  }

  /**
   * Before the size is proved: one chunk group and the last chunk of a few providers; the rest of
   * the opening of those whose answer has begun.
   */
  private void assignOpening(long now) {
    int proofs = 0;
    for (PlannedRequest request : state.requests.values()) {
      // Who takes long is not waited for.
      boolean isFresh = now - request.sentNanos < request.provider.lateNanos();
      proofs += request.asksProof && isFresh ? 1 : 0;
    }
    for (PlannedProvider provider : byBacklog()) {
      if (!provider.canTakeRequest(now)) {
        continue;
      }
      ChunkRanges offered = free().intersect(provider.offers());
      boolean asksProof = proofs < PlanLimits.MAX_PROOFS && !provider.lacksProof;
      if (provider.requests.isEmpty()
          && (asksProof || (provider.lacksProof && !offered.isEmpty()))) {
        proofs += asksProof ? 1 : 0;
        send(provider, ChunkSets.front(offered, PlanLimits.GROUP_BYTES), asksProof, now);
      } else if (!offered.isEmpty() && hasAnswered(provider) && provider.requests.size() < 2) {
        send(provider, ChunkSets.front(offered, PlanLimits.FIRST_PIECE_BYTES), false, now);
      }
    }
  }

  private static boolean hasAnswered(PlannedProvider provider) {
    return provider.requests.values().stream().anyMatch(request -> request.answered);
  }

  /** What readers stand before is asked for at once, whatever else is under way. */
  private void serveFronts(long now) {
    List<PlannedReader> waiting = fairly();
    for (PlannedReader reader : waiting) {
      ChunkRanges front = state.window(reader, PlanLimits.GROUP_BYTES);
      if (free().intersect(front).isEmpty()) {
        continue;
      }
      for (PlannedProvider provider : byBacklog()) {
        ChunkRanges offered =
            free().intersect(provider.offers()).intersect(state.window(reader, windowBytes()));
        if (provider.canTakeRequest(now) && !offered.intersect(front).isEmpty()) {
          send(provider, ChunkSets.front(offered, windowPiece(provider)), false, now);
          break;
        }
      }
    }
  }

  /** All readers, another one first each time. */
  private List<PlannedReader> fairly() {
    List<PlannedReader> list = new ArrayList<>(state.readers.values());
    if (!list.isEmpty()) {
      Collections.rotate(list, -(int) (readerTurn++ % list.size()));
    }
    return list;
  }

  private long windowBytes() {
    return state.onlyWindowsBytes > 0
        ? state.onlyWindowsBytes
        : Math.clamp(
            (long) state.totalRate(), PlanLimits.MIN_WINDOW_BYTES, PlanLimits.MAX_WINDOW_BYTES);
  }

  private long windowPiece(PlannedProvider provider) {
    double share = provider.rate.bytesPerSecond() / state.totalRate();
    return Math.max(PlanLimits.MIN_PIECE_BYTES, (long) (windowBytes() * share / 2));
  }

  /** Gives a provider its next piece; whether there was one. */
  private boolean give(PlannedProvider provider, long now) {
    ChunkRanges offered = free().intersect(provider.offers());
    if (offered.isEmpty()) {
      return false;
    }
    for (PlannedReader reader : fairly()) {
      ChunkRanges urgent = offered.intersect(state.window(reader, windowBytes()));
      if (!urgent.isEmpty()) {
        long most = Math.min(windowPiece(provider), piece(provider, offered));
        send(provider, ChunkSets.front(urgent, most), false, now);
        return true;
      }
    }
    send(provider, ChunkSets.front(offered, piece(provider, offered)), false, now);
    return true;
  }

  private long piece(PlannedProvider provider, ChunkRanges offered) {
    double rate = provider.rate.bytesPerSecond();
    long bySeconds =
        provider.rate.isKnown()
            ? (long) (rate * PlanLimits.PIECE_NANOS / 1e9)
            : PlanLimits.FIRST_PIECE_BYTES;
    long byShare = (long) (ChunkSets.bytes(offered) * rate / (2 * state.totalRate()));
    long most = Math.min(PlanLimits.MAX_PIECE_BYTES, Math.min(bySeconds, byShare));
    // Not in crumbs: a request costs pairs and a round trip.
    long least = Math.max(PlanLimits.MIN_PIECE_BYTES, (long) (rate / 20));
    return Math.max(least, most);
  }

  private PlannedRequest send(
      PlannedProvider provider, ChunkRanges ranges, boolean asksProof, long now) {
    free = free().minus(ranges);
    return state.request(provider, ranges, asksProof, now);
  }

  /** Asks a second provider for what is late. */
  void hedgeLate(long now) {
    for (PlannedRequest request : List.copyOf(state.requests.values())) {
      if (!state.isHedged(request) && isLate(request, now)) {
        hedge(request, now);
      }
    }
  }

  private static boolean isLate(PlannedRequest request, long now) {
    PlannedProvider provider = request.provider;
    long silence = now - request.lastActivityNanos;
    if (silence < provider.lateNanos()) {
      return false;
    }
    boolean isSilent = now - provider.lastActivityNanos >= provider.lateNanos();
    return isSilent || silence > provider.lateNanos() + provider.backlogNanos();
  }

  private void hedge(PlannedRequest late, long now) {
    for (PlannedProvider other : byBacklog()) {
      if (other == late.provider || !other.canTakeRequest(now)) {
        continue;
      }
      ChunkRanges offered = late.needed.intersect(other.offers());
      boolean asksProof = late.asksProof && state.provenSize.isEmpty() && !other.lacksProof;
      if (offered.isEmpty() && !asksProof) {
        continue;
      }
      ChunkRanges taken = ChunkSets.front(offered, PlanLimits.MAX_HEDGE_BYTES);
      // What the late one keeps is the part that both try; the rest is for anybody.
      late.needed = taken;
      state.hedgedBytes += ChunkSets.bytes(taken);
      late.hedgedBy = state.request(other, taken, asksProof, now).id;
      invalidate();
      return;
    }
  }

  /** Gives work of others to those who have none. */
  void steal(long now) {
    if (state.provenSize.isEmpty()) {
      return;
    }
    for (PlannedProvider idle : byBacklog()) {
      if (idle.canTakeRequest(now)
          && idle.backlogNanos() <= idle.rttNanos
          && free().intersect(idle.offers()).isEmpty()) {
        stealFor(idle, now);
      }
    }
  }

  private void stealFor(PlannedProvider idle, long now) {
    PlannedRequest victim = null;
    long latest = 0;
    for (PlannedRequest request : state.requests.values()) {
      if (request.provider == idle || state.isHedged(request)) {
        continue;
      }
      long ends = endsIn(request, now);
      if (ends > latest && !request.needed.intersect(idle.offers()).isEmpty()) {
        victim = request;
        latest = ends;
      }
    }
    if (victim != null) {
      share(victim, latest, idle, now);
    }
  }

  /** When the last of a request's chunks would be here, from now: older requests come first. */
  private static long endsIn(PlannedRequest request, long now) {
    PlannedProvider provider = request.provider;
    long bytes = 0;
    for (PlannedRequest each : provider.requests.values()) {
      bytes += each.neededBytes();
      if (each == request) {
        break;
      }
    }
    long silence = Math.max(0, now - provider.lastActivityNanos);
    return provider.nanosFor(bytes) + silence;
  }

  private void share(PlannedRequest victim, long ends, PlannedProvider idle, long now) {
    ChunkRanges offered = victim.needed.intersect(idle.offers());
    double own = idle.rate.bytesPerSecond();
    double other = victim.provider.rate.bytesPerSecond();
    long bytes = ChunkSets.bytes(offered);
    double both = own * other / (own + other) * (ends - idle.rttNanos) / 1e9;
    long tail = Math.min(bytes, (long) both) / PlanLimits.GROUP_BYTES * PlanLimits.GROUP_BYTES;
    long whole = idle.rttNanos + idle.nanosFor(bytes);
    if (bytes - tail <= PlanLimits.GROUP_BYTES || other < own / 16) {
      if (ends > 2 * whole + PlanLimits.MIN_GAIN_NANOS && victim.provider.rate.isKnown()) {
        ChunkRanges taken = ChunkSets.front(offered, PlanLimits.MAX_HEDGE_BYTES);
        victim.needed = taken;
        state.hedgedBytes += ChunkSets.bytes(taken);
        invalidate();
        victim.hedgedBy = state.request(idle, taken, false, now).id;
      }
      return;
    }
    long gain = ends - idle.rttNanos - idle.nanosFor(tail);
    if (tail >= PlanLimits.GROUP_BYTES && gain > PlanLimits.MIN_GAIN_NANOS) {
      ChunkRanges taken = ChunkSets.back(offered, tail);
      victim.needed = victim.needed.minus(taken);
      state.request(idle, taken, false, now);
    }
  }

  /** Whether what is wanted and missing can be had of this provider at all. */
  boolean isUseful(PlannedProvider provider) {
    if (state.provenSize.isEmpty() && !provider.lacksProof) {
      return true;
    }
    ChunkRanges missing = state.wanted().minus(state.present);
    return !missing.intersect(provider.offers()).isEmpty();
  }
}
