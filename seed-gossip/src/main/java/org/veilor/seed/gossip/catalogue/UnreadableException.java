package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;

/** A reading that failed, on its way through this package; it becomes a {@link Reading}. */
final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Reading<Void> failure;

  /** Code that may find a catalogue unreadable. */
  @FunctionalInterface
  interface Body<T> {
    T run() throws UnreadableException;
  }

  private UnreadableException(String message, Reading<Void> failure) {
    super(message, null, false, false);
    this.failure = failure;
  }

  static UnreadableException missing(Hash blob) {
    return new UnreadableException("missing " + blob, new Reading.Missing<>(blob));
  }

  static UnreadableException refused(CatalogueFault fault) {
    return new UnreadableException(fault.sentence(), new Reading.Refused<>(fault));
  }

  static <T> Reading<T> reading(Body<T> body) {
    try {
      return new Reading.Done<>(body.run());
    } catch (UnreadableException e) {
      return switch (e.failure) {
        case Reading.Missing<Void>(Hash blob) -> new Reading.Missing<>(blob);
        case Reading.Refused<Void>(CatalogueFault fault) -> new Reading.Refused<>(fault);
        case Reading.Done<Void> _ -> throw new IllegalStateException(e);
      };
    }
  }
}
