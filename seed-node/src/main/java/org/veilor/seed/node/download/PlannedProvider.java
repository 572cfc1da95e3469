package org.veilor.seed.node.download;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.ChunkRanges;

/** A provider, as the plan of one download sees it. */
final class PlannedProvider {
  /** How far the connection is. */
  enum State {
    /** Known. To CONNECTING. */
    FOUND,
    /** To CONNECTED, or WAITING when it fails. */
    CONNECTING,
    /** To WAITING when it is lost, to OUT for a reason that stays. */
    CONNECTED,
    /** Failed; to CONNECTING after the back-off, to OUT after too many failures. */
    WAITING,
    /** Never asked again by this download. */
    OUT
  }

  /** What is to be thought of a provider that is out. */
  enum Verdict {
    NONE,
    MISSING,
    DENIED,
    LIED,
    FAILED
  }

  /** Longer than any wait, and far from overflow. */
  private static final double MAX_NANOS = 1e18;

  final ProviderId id;
  final RateMeter rate;

  /** Only asked when nobody else gives the blob. */
  boolean lastResort;

  final Map<Long, PlannedRequest> requests = new LinkedHashMap<>();
  State state = State.FOUND;
  Verdict verdict = Verdict.NONE;
  String lastWord = "not asked yet";

  /** Whether its last failure was that nothing came. */
  boolean wasSilent;

  /** What it says it holds, in whole groups; null as long as it has not said so. */
  @Nullable ChunkRanges holdings;

  /** What it could not give although it says so, or never said anything. */
  ChunkRanges lacking = ChunkRanges.EMPTY;

  boolean lacksProof;

  /** When what it lacks is asked for again, unless it is observed. */
  long lackingUntilNanos;

  boolean observing;
  boolean observed;
  long observeAgainNanos;
  long rttNanos;

  /** When the state is to be looked at again: connecting too long, or waiting long enough. */
  long deadlineNanos;

  long busyUntilNanos;
  int failures;

  /** Whether there ever was a connection. */
  boolean reached;

  /** No connection, and another try is not worth waiting for. */
  boolean unreachable;

  /** After a RESET 3: nothing is asked until all is answered, then one request alone. */
  boolean nextAlone;

  boolean alone;
  int maxRequests = PlanLimits.MAX_REQUESTS;
  long lastActivityNanos;

  /** When it was asked for a connection, was connected, or gave something of use. */
  long lastUseNanos;

  long bytes;
  long wastedBytes;

  PlannedProvider(ProviderId id, @Nullable ChunkRanges known, long expectedBytesPerSecond) {
    this.id = id;
    this.rate = new RateMeter(expectedBytesPerSecond);
    this.holdings = known;
  }

  boolean isConnected() {
    return state == State.CONNECTED;
  }

  /** Whether it may still come to a connection: one refusal is no reason to give up. */
  boolean mayConnect() {
    return switch (state) {
      case FOUND -> true;
      case CONNECTING, WAITING ->
          reached || lastResort || (!unreachable && failures <= PlanLimits.MAX_VAIN_CONNECTS);
      case CONNECTED, OUT -> false;
    };
  }

  /** Whether all that is known is that it does not have what is missing. */
  boolean hasNot() {
    return state == State.OUT ? verdict == Verdict.MISSING : reached;
  }

  /** What can be asked of it. */
  ChunkRanges offers() {
    return (holdings == null ? ChunkRanges.ALL : holdings).minus(lacking);
  }

  /** Bytes asked of it that are counted on. */
  long outstandingBytes() {
    long sum = 0;
    for (PlannedRequest request : requests.values()) {
      sum += request.neededBytes();
    }
    return sum;
  }

  /** When all that was asked of it would be here, from now. */
  long backlogNanos() {
    return nanosFor(outstandingBytes());
  }

  long nanosFor(long bytes) {
    return (long) Math.min(MAX_NANOS, bytes * 1e9 / rate.bytesPerSecond());
  }

  /** After so long a silence it is late. */
  long lateNanos() {
    long due = 4 * rttNanos + nanosFor(rate.isKnown() ? 4 * PlanLimits.GROUP_BYTES : 0);
    return Math.clamp(
        due + PlanLimits.MIN_LATE_NANOS / 2, PlanLimits.MIN_LATE_NANOS, PlanLimits.MAX_LATE_NANOS);
  }

  /** After so long a silence a response is given up. */
  long stallNanos() {
    return Math.max(PlanLimits.MIN_STALL_NANOS, PlanLimits.STALL_FACTOR * lateNanos());
  }

  /** Whether another request may be sent to it now. */
  boolean canTakeRequest(long nowNanos) {
    return isConnected()
        && nowNanos >= busyUntilNanos
        && requests.size() < maxRequests
        && !alone
        && !(nextAlone && !requests.isEmpty());
  }
}
