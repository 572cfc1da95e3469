package org.veilor.seed.blobs.getter;

import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.core.hash.Hash;

/**
 * Why a request did not bring what was asked for, as far as the getter can know (iroh-blobs {@code
 * get.rs}, {@code get/error.rs}, and what live providers do). What was yielded before stays valid.
 */
public sealed interface GetterFailure {
  /** What this says about the provider. What healthy providers do is never a {@link Blame#LIE}. */
  Blame meaning();

  /** The stream ended where a size was due: it lacks the blob, or did not understand. */
  record NotFound() implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /**
   * The stream ended between two items: it lacks the rest, but is healthy.
   *
   * @param fromChunk first chunk of what did not come
   */
  record RestMissing(long fromChunk) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /**
   * The stream ended inside a size or an item. A provider that claims a wrong size can look like
   * this too, but nothing proves it.
   */
  record Truncated() implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.TRANSPORT;
    }
  }

  /**
   * A pair or a leaf does not hash to what it must: it, or the size before it, is wrong.
   *
   * @param chunk first chunk of the item
   */
  record Lied(long chunk) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.LIE;
    }
  }

  /** We may not have this. */
  record Denied() implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /** Too much at the moment. */
  record Busy() implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_BUSY;
    }
  }

  /**
   * Reset for any other reason. With code 3 that is "not found", "the rest is missing", "more than
   * 32 requests for this hash at once", or an internal error.
   */
  record Reset(long code) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.RETRY_ONCE_ALONE;
    }
  }

  /**
   * The claimed size is above a limit of ours. It is a claim: a healthy provider may repeat what a
   * liar has told it.
   *
   * @param claimedSizeBytes unsigned
   */
  record SizeRefused(long claimedSizeBytes) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /** A blob that is not empty is said to be: the placeholder of a memory store, "not found". */
  record SizeZero() implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /**
   * The connection is gone.
   *
   * @param why for the log
   */
  record ConnectionLost(String why) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.TRANSPORT;
    }
  }

  /** Children were requested, but the root, verified, is no hash sequence: no provider's fault. */
  record NoHashSequence(Hash hash) implements GetterFailure {
    @Override
    public Blame meaning() {
      return Blame.NONE_MISSING;
    }
  }

  /** What a failed response means. */
  static GetterFailure of(GetterEvent.Failed event) {
    return switch (event.cause().failure()) {
      case NOT_FOUND -> new NotFound();
      case HEADER_TRUNCATED, ITEM_TRUNCATED -> new Truncated();
      case PARENT_MISSING, LEAF_MISSING -> new RestMissing(event.cause().startChunk());
      case PARENT_MISMATCH, LEAF_MISMATCH -> new Lied(event.cause().startChunk());
      case SIZE_REFUSED -> new SizeRefused(event.claimedSizeBytes());
      case SIZE_ZERO -> new SizeZero();
    };
  }

  /** What the verified end of a root that is no hash sequence means. */
  static GetterFailure of(GetterEvent.NoHashSequence event) {
    return new NoHashSequence(event.hash());
  }

  /**
   * What RESET_STREAM on the response means. {@link GetterSession#reset} knows whether it matters.
   */
  static GetterFailure ofReset(long code) {
    if (code == ErrorCode.PERMISSION.code()) {
      return new Denied();
    }
    return code == ErrorCode.LIMIT.code() ? new Busy() : new Reset(code);
  }

  /**
   * What STOP_SENDING on the request means, if no response follows: with code 0 the provider did
   * not understand it.
   */
  static GetterFailure ofStopSending(long code) {
    return code == ErrorCode.NONE.code() ? new NotFound() : ofReset(code);
  }

  /** What the loss of the connection means, if the peer did not close it. */
  static GetterFailure ofConnectionLost(String why) {
    return new ConnectionLost(why);
  }

  /** What CONNECTION_CLOSE with an application error code means. */
  static GetterFailure ofConnectionClosed(long code, String reason) {
    if (code == ErrorCode.PERMISSION.code() || code == ErrorCode.LIMIT.code()) {
      return ofReset(code);
    }
    return new ConnectionLost("closed by the peer with code " + code + ": " + reason);
  }
}
