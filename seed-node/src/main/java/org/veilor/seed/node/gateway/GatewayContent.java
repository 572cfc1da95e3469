package org.veilor.seed.node.gateway;

import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.store.Sha256;

/**
 * What stands behind the gateway: the one seam to store, cache, downloads and services. Asked on
 * virtual threads, so that it may block; a stage that fails is a bug and answered with 500.
 */
public interface GatewayContent {
  /**
   * What can be answered with at once, or null where {@link #blob} has to look. Unlike the others
   * this is asked on an event loop: it waits for no lock that is held long, no database, and no
   * disk but for what is most likely in memory.
   */
  @Nullable Found atHand(Hash hash);

  /**
   * Finds a blob by its hash.
   *
   * @param headOnly only its existence and size are asked for: no download may start
   */
  CompletionStage<Found> blob(Hash hash, boolean headOnly);

  /**
   * Finds the file of a service.
   *
   * @param path decoded and checked: relative, without empty, {@code .} or {@code ..} segments
   * @param headOnly only its existence and size are asked for: no download may start
   */
  CompletionStage<Found> path(String service, String path, boolean headOnly);

  /** What was found. Whoever gets it calls {@link #release} once, whatever happens. */
  sealed interface Found {
    /** Gives back the lease, closes what is open; called once, from any thread. */
    default void release() {}

    /**
     * A file with exactly this content, sent as it is without being verified again.
     *
     * @param sha256 of the content, where known
     * @param onRelease gives back the lease
     */
    record LocalFile(
        Path file, long sizeBytes, Hash hash, @Nullable Sha256 sha256, Runnable onRelease)
        implements Found {
      @Override
      public void release() {
        onRelease.run();
      }
    }

    /**
     * The same, open already, so that the identity of the file could be checked behind the open
     * descriptor.
     *
     * @param onRelease gives back the lease and closes the channel
     */
    record OpenFile(
        FileChannel file, long sizeBytes, Hash hash, @Nullable Sha256 sha256, Runnable onRelease)
        implements Found {
      @Override
      public void release() {
        onRelease.run();
      }
    }

    /** A complete blob behind a reader; every byte is verified again while it is sent. */
    record Reader(BlobReader reader, Hash hash, @Nullable Sha256 sha256) implements Found {
      @Override
      public void release() {
        reader.close();
      }
    }

    /** A blob that is being fetched. */
    record Arriving(Download download, Hash hash) implements Found {}

    /**
     * For {@code headOnly}: not here, and somebody is known to have it.
     *
     * @param sizeBytes or -1 where it is not known
     */
    record Elsewhere(Hash hash, long sizeBytes) implements Found {}

    /**
     * To be asked of the service's own server.
     *
     * @param address of the file, {@code http} or {@code https}
     */
    record Upstream(URI address) implements Found {}

    /** There is no such service here: 404. */
    record UnknownService() implements Found {}

    /** Nobody is known to have it: 404. */
    record Missing() implements Found {}

    /**
     * It may not be served: 451.
     *
     * @param why one sentence for the client
     */
    record Denied(String why) implements Found {}

    /**
     * Somebody has it, and getting it failed: 502.
     *
     * @param why one sentence for the client
     */
    record Failing(String why) implements Found {}

    /** Nobody answered in time: 504. */
    record TooSlow() implements Found {}

    /** Too much at once: 503. */
    record Overloaded(Duration retryAfter) implements Found {}
  }
}
