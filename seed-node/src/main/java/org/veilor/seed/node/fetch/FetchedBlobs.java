package org.veilor.seed.node.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadException;
import org.veilor.seed.node.download.DownloadProgress;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedFile;

/** Blobs that are fetched into a cache and then looked at. May be used from any thread. */
public final class FetchedBlobs {
  private static final long PROGRESS_MILLIS = 200;

  /**
   * A collection as its blobs say it.
   *
   * @param metadataHash of the blob that holds the names
   */
  public record Described(Hash metadataHash, Collection contents) {}

  private final Function<Hash, Download> downloads;
  private final BlobCache cache;

  /**
   * Creates it.
   *
   * @param downloads begins or joins the download of a blob into {@code cache}
   */
  public FetchedBlobs(Function<Hash, Download> downloads, BlobCache cache) {
    this.downloads = downloads;
    this.cache = cache;
  }

  /**
   * Fetches the two blobs that describe a collection.
   *
   * @throws DownloadException if they cannot be had
   * @throws IOException if they are not a collection
   */
  public Described collection(Hash root) throws IOException {
    try {
      HashSequence sequence = HashSequence.ofBytes(whole(root, CoreLimits.MAX_HASH_SEQUENCE_BYTES));
      if (sequence.size() == 0) {
        throw new IOException("the collection " + root + " is empty: it names no files");
      }
      Hash metadata = sequence.get(0);
      byte[] names = whole(metadata, CoreLimits.MAX_COLLECTION_METADATA_BYTES);
      return new Described(metadata, Collection.decode(sequence, names));
    } catch (MalformedException e) {
      throw new IOException("the collection " + root + " is not sound: " + e.getMessage(), e);
    }
  }

  /** A blob that has to be in memory. */
  private byte[] whole(Hash hash, int maxBytes) throws IOException {
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return new byte[0];
    }
    try (CachedFile here = cache.lease(hash)) {
      if (here != null) {
        return content(here, hash, maxBytes);
      }
    }
    await(hash, downloads.apply(hash), progress -> {});
    try (CachedFile file = leased(hash)) {
      return content(file, hash, maxBytes);
    }
  }

  private static byte[] content(CachedFile file, Hash hash, int maxBytes) throws IOException {
    if (file.sizeBytes() > maxBytes) {
      throw new IOException(hash + " is too large to describe a collection");
    }
    return Files.readAllBytes(file.path());
  }

  /**
   * Waits until a download is done.
   *
   * @param listener is told now and then how it goes
   * @throws DownloadException as it fails
   */
  public void await(Hash hash, Download download, Consumer<DownloadProgress> listener)
      throws IOException {
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return;
    }
    try {
      while (true) {
        try {
          download.done().toCompletableFuture().get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          listener.accept(download.progress());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DownloadException failure) {
        throw failure;
      }
      throw new IOException("the download failed", e.getCause());
    }
  }

  /**
   * Opens what was fetched.
   *
   * @throws IOException if it is not there
   */
  public CachedFile leased(Hash hash) throws IOException {
    CachedFile file = cache.lease(hash);
    if (file == null) {
      throw new IOException(hash + " was fetched but could not be kept; is the disk full?");
    }
    return file;
  }
}
