package org.veilor.seed.node.download;

import java.util.concurrent.CompletionStage;
import org.veilor.seed.core.hash.Hash;

/** A blob on its way here. May be used from any thread. */
public interface Download {
  /** The blob. */
  Hash hash();

  /**
   * Completes with the size as soon as it is proved.
   *
   * @return fails with {@link DownloadException}
   */
  CompletionStage<Long> size();

  /**
   * Reads verified bytes in order while they arrive, and has them fetched first.
   *
   * <p>A download without readers ends after a grace time unless it is a pin.
   *
   * @param fromByte position of the first byte
   * @param untilByte position behind the last byte; {@link Long#MAX_VALUE} for the end of the blob
   */
  DownloadReader reader(long fromByte, long untilByte);

  /**
   * Completes when the blob is complete and durable, or, for one that is not kept, when the last
   * reader has left.
   *
   * @return fails with {@link DownloadException}
   */
  CompletionStage<Void> done();

  /** How far it is. */
  DownloadProgress progress();

  /** Ends the download; what is here is kept for a later try. */
  void cancel();
}
