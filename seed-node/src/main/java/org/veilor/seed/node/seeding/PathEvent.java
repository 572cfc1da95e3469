package org.veilor.seed.node.seeding;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.store.FileIdentity;

/** What can happen to a path. */
public sealed interface PathEvent {
  /** How a change was made. */
  enum How {
    /** It was created or written, and may still be open. */
    OPEN,
    /** Its writer closed it, or it came complete: renamed in, or as a hard link. */
    CLOSED,
    /** Rights, times or links changed. */
    ATTRIBUTES
  }

  /**
   * A hint said that it changed.
   *
   * @param seenAs how it looked just then, or null where it could not be looked at
   */
  record Changed(How how, @Nullable FileIdentity seenAs) implements PathEvent {}

  /**
   * A scan found it new or different from what is stored.
   *
   * @param quietNanos how long ago it was changed last
   */
  record Found(FileIdentity seenAs, long quietNanos) implements PathEvent {}

  /**
   * It is not there any more.
   *
   * @param explicit whether that was told by the kernel, rather than seen by a scan
   */
  record Vanished(boolean explicit) implements PathEvent {}

  /** Time passed. */
  record Tick() implements PathEvent {}

  /**
   * The look that was asked for.
   *
   * @param identity how the file looks, or null where there is none
   */
  record Looked(@Nullable FileIdentity identity) implements PathEvent {}

  /** The look that was asked for was not possible. */
  record LookFailed(String why) implements PathEvent {}

  /** A worker took it. */
  record Started() implements PathEvent {}

  /** The store has it, as it is now. */
  record Stored() implements PathEvent {}

  /** Admission refuses it. */
  record Rejected(String why) implements PathEvent {}

  /** It changed while it was read. */
  record ChangedWhileReading() implements PathEvent {}

  /** It could not be read, or not be stored. */
  record Failed(String why) implements PathEvent {}
}
