package org.veilor.seed.node.seeding;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.store.FileIdentity;

/**
 * Where a path stands on its way to being seeded. {@link PathStates} holds every transition.
 * Seeded, refused and gone are final: such a path is forgotten here and lives on in the store only.
 */
public sealed interface PathState {
  /** The next time at which something has to be done, or {@link Long#MAX_VALUE}. */
  default long dueNanos() {
    return Long.MAX_VALUE;
  }

  /** Its name was heard and nothing is known. In: start. Out: settling, queued, missing. */
  record Seen() implements PathState {}

  /**
   * It must stay quiet before it is read. In: from every state by a change. Out: queued when it was
   * quiet, settling again when it was not, missing.
   *
   * @param closed whether its writer was seen to have finished
   * @param seenAs how it looked last, or null where any look will do
   * @param attempts how often it already changed while it was read
   */
  record Settling(boolean closed, @Nullable FileIdentity seenAs, int attempts, long dueNanos)
      implements PathState {}

  /** It may be read as soon as a worker is free. In: settling, seen, waiting. Out: hashing. */
  record Queued(int attempts) implements PathState {}

  /**
   * A worker reads it. In: queued. Out: seeded, refused, waiting, settling, missing.
   *
   * @param changed the last change that was heard meanwhile, or null
   * @param vanished whether its deletion was heard meanwhile
   */
  record Hashing(int attempts, PathEvent.@Nullable Changed changed, boolean vanished)
      implements PathState {}

  /**
   * It could not be read or stored and is tried again. In: hashing, settling, missing. Out: queued
   * when due, settling, missing.
   */
  record Waiting(String why, int attempts, long dueNanos) implements PathState {}

  /**
   * It was not found. In: from every state. Out: gone when it is still not there, else settling.
   *
   * @param explicit whether the deletion was told, rather than seen by a scan
   */
  record Missing(boolean explicit, long dueNanos) implements PathState {}

  /** The store has it. Final. In: hashing. Out: settling by a change, missing. */
  record Seeded() implements PathState {}

  /** Admission refuses it. Final. In: hashing. Out: settling by a change. */
  record Refused(String why) implements PathState {}

  /** It is not there. Final. In: missing. Out: settling when a file of that name comes. */
  record Gone() implements PathState {}

  /** Whether nothing more will happen by itself. */
  default boolean isFinal() {
    return this instanceof Seeded || this instanceof Refused || this instanceof Gone;
  }
}
