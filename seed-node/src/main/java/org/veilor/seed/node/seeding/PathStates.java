package org.veilor.seed.node.seeding;

import org.veilor.seed.node.seeding.PathEvent.Changed;
import org.veilor.seed.node.seeding.PathEvent.ChangedWhileReading;
import org.veilor.seed.node.seeding.PathEvent.Failed;
import org.veilor.seed.node.seeding.PathEvent.Found;
import org.veilor.seed.node.seeding.PathEvent.How;
import org.veilor.seed.node.seeding.PathEvent.LookFailed;
import org.veilor.seed.node.seeding.PathEvent.Looked;
import org.veilor.seed.node.seeding.PathEvent.Rejected;
import org.veilor.seed.node.seeding.PathEvent.Started;
import org.veilor.seed.node.seeding.PathEvent.Stored;
import org.veilor.seed.node.seeding.PathEvent.Tick;
import org.veilor.seed.node.seeding.PathEvent.Vanished;
import org.veilor.seed.node.seeding.PathState.Gone;
import org.veilor.seed.node.seeding.PathState.Hashing;
import org.veilor.seed.node.seeding.PathState.Missing;
import org.veilor.seed.node.seeding.PathState.Queued;
import org.veilor.seed.node.seeding.PathState.Refused;
import org.veilor.seed.node.seeding.PathState.Seeded;
import org.veilor.seed.node.seeding.PathState.Settling;
import org.veilor.seed.node.seeding.PathState.Waiting;

/**
 * The settle rules (field research §4) as a pure function: state, event and time give the next
 * state and one action. A file whose writer closed it is read after a short quiet time, any other
 * only after a long one in which it did not change; a deletion is believed when a second look
 * confirms it. The surprising choice: a hint that a file was deleted is not believed at once
 * either, so that a file that is replaced by deleting and writing it again is never dropped in
 * between.
 */
final class PathStates {
  /** What the caller has to do. */
  enum Action {
    NONE,
    /** Look at the path and tell with {@link Looked} or {@link LookFailed}. */
    LOOK,
    /** Put the path into the queue of the hash workers. */
    HASH,
    /** Drop the path from the store. */
    REMOVE
  }

  /** The outcome of one event. */
  record Step(PathState state, Action action) {}

  private PathStates() {}

  /** The next state. */
  static Step next(PathState state, PathEvent event, Timing timing, long nowNanos) {
    return switch (event) {
      case Changed changed -> changed(state, changed, timing, nowNanos);
      case Found found -> found(state, found, timing, nowNanos);
      case Vanished vanished -> vanished(state, vanished.explicit(), timing, nowNanos);
      case Tick _ -> tick(state, nowNanos);
      case Looked looked -> looked(state, looked, timing, nowNanos);
      case LookFailed failed -> waiting(failed.why(), 0, timing, nowNanos);
      case Started _ ->
          stay(
              state instanceof Queued queued ? new Hashing(queued.attempts(), null, false) : state);
      case Stored _, Rejected _, ChangedWhileReading _, Failed _ ->
          state instanceof Hashing hashing
              ? finished(hashing, event, timing, nowNanos)
              : stay(state);
    };
  }

  private static Step changed(PathState state, Changed change, Timing timing, long now) {
    return switch (state) {
      case Hashing hashing -> stay(new Hashing(hashing.attempts(), change, false));
      case Settling settling -> {
        boolean closed =
            change.how() == How.ATTRIBUTES ? settling.closed() : change.how() == How.CLOSED;
        yield settle(closed, change, settling.attempts(), timing, now);
      }
      default -> settle(change.how() != How.OPEN, change, 0, timing, now);
    };
  }

  private static Step settle(
      boolean closed, Changed change, int attempts, Timing timing, long now) {
    long pause = closed ? timing.settleNanos() : timing.settleOpenNanos();
    return stay(new Settling(closed, change.seenAs(), attempts, now + pause));
  }

  private static Step found(PathState state, Found found, Timing timing, long now) {
    return switch (state) {
      case Settling _, Queued _, Hashing _ -> stay(state);
      default -> {
        long rest = timing.settleOpenNanos() - found.quietNanos();
        yield rest <= 0
            ? new Step(new Queued(0), Action.HASH)
            : stay(new Settling(false, found.seenAs(), 0, now + rest));
      }
    };
  }

  private static Step vanished(PathState state, boolean explicit, Timing timing, long now) {
    return switch (state) {
      case Hashing hashing -> stay(new Hashing(hashing.attempts(), null, true));
      case Missing missing when missing.explicit() || !explicit -> stay(state);
      default ->
          stay(
              new Missing(
                  explicit, now + (explicit ? timing.graceNanos() : timing.confirmNanos())));
    };
  }

  private static Step tick(PathState state, long now) {
    if (now < state.dueNanos()) {
      return stay(state);
    }
    return switch (state) {
      case Settling _, Missing _ -> new Step(state, Action.LOOK);
      case Waiting waiting -> new Step(new Queued(waiting.attempts()), Action.HASH);
      default -> stay(state);
    };
  }

  private static Step looked(PathState state, Looked look, Timing timing, long now) {
    return switch (state) {
      case Settling _ when look.identity() == null ->
          stay(new Missing(false, now + timing.confirmNanos()));
      case Settling settling
          when settling.seenAs() == null || settling.seenAs().equals(look.identity()) ->
          new Step(new Queued(settling.attempts()), Action.HASH);
      case Settling settling ->
          stay(
              new Settling(
                  false, look.identity(), settling.attempts(), now + timing.settleOpenNanos()));
      case Missing _ when look.identity() == null -> new Step(new Gone(), Action.REMOVE);
      case Missing _ ->
          stay(new Settling(false, look.identity(), 0, now + timing.settleOpenNanos()));
      default -> stay(state);
    };
  }

  private static Step finished(Hashing hashing, PathEvent event, Timing timing, long now) {
    if (hashing.vanished()) {
      return stay(new Missing(true, now + timing.graceNanos()));
    }
    if (hashing.changed() != null) {
      Changed change = hashing.changed();
      return settle(change.how() == How.CLOSED, change, hashing.attempts(), timing, now);
    }
    int attempts = hashing.attempts();
    return switch (event) {
      case Stored _ -> stay(new Seeded());
      case Rejected rejected -> stay(new Refused(rejected.why()));
      case ChangedWhileReading _ -> {
        long pause = timing.pauseNanos(timing.settleOpenNanos(), attempts);
        yield stay(new Settling(false, null, attempts + 1, now + pause));
      }
      case Failed failed -> waiting(failed.why(), attempts, timing, now);
      default -> throw new IllegalStateException("not the end of hashing: " + event);
    };
  }

  private static Step waiting(String why, int attempts, Timing timing, long now) {
    long pause = timing.pauseNanos(timing.retryNanos(), attempts);
    return stay(new Waiting(why, attempts + 1, now + pause));
  }

  private static Step stay(PathState state) {
    return new Step(state, Action.NONE);
  }
}
