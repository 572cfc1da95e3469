package org.veilor.seed.gossip.catalogue;

import java.util.function.Function;
import org.veilor.seed.core.hash.Hash;

/**
 * What came of reading a catalogue.
 *
 * @param <T> what is read
 */
public sealed interface Reading<T> {
  /** It was read, and is as it has to be. */
  record Done<T>(T value) implements Reading<T> {}

  /** A blob that it takes is not here, or has other bytes than its hash says. Nobody lied. */
  record Missing<T>(Hash blob) implements Reading<T> {}

  /**
   * The origin signed what no catalogue may be: the bytes are those that its announcement leads to.
   */
  record Refused<T>(CatalogueFault fault) implements Reading<T> {}

  /** The same, of something made from the value. */
  default <U> Reading<U> map(Function<? super T, ? extends U> change) {
    return switch (this) {
      case Done<T>(T value) -> new Done<>(change.apply(value));
      case Missing<T>(Hash blob) -> new Missing<>(blob);
      case Refused<T>(CatalogueFault fault) -> new Refused<>(fault);
    };
  }
}
