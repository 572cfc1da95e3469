package org.veilor.seed.node.download;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a download ended without the blob.
 *
 * @param detail one sentence for whoever asked
 * @param outcomes what happened with each provider, as far as kept
 */
public record DownloadFailure(Kind kind, String detail, List<Outcome> outcomes) {
  /** What implies what the one who asked can do. */
  public enum Kind {
    /** Nobody is known that may have the blob. */
    NO_PROVIDER,
    /** All that were asked do not have it, or not all of it. */
    NOT_FOUND,
    /** All that were asked refuse to give it to us. */
    DENIED,
    /** This node does not fetch it. */
    REFUSED_HERE,
    /** All failed, for different reasons. */
    ALL_FAILED,
    /** It is larger than allowed here. */
    TOO_LARGE,
    /** Nothing came for too long. */
    TIMEOUT,
    /** Nobody waits for it any more, or the node closes. */
    CANCELLED,
    /** Too many downloads at once. */
    OVERLOADED,
    /** It could not be stored or read here. */
    STORAGE
  }

  /** What happened with one provider. */
  public record Outcome(ProviderId provider, String what) {}

  /** Copies the list. */
  public DownloadFailure {
    outcomes = List.copyOf(outcomes);
  }

  /** A failure that has nothing to do with providers. */
  public static DownloadFailure of(Kind kind, String detail) {
    return new DownloadFailure(kind, detail, List.of());
  }

  /** The sentence, and what happened with each provider. */
  @Override
  public String toString() {
    return outcomes.isEmpty()
        ? detail
        : outcomes.stream()
            .map(outcome -> outcome.provider() + ": " + outcome.what())
            .collect(Collectors.joining("; ", detail + " (", ")"));
  }
}
