package org.veilor.seed.node.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
    fetch(root);
    Hash metadata = metadata(root);
    fetch(metadata);
    return described(root, metadata);
  }

  /** The same without fetching: null if one of the two is not here. */
  public @Nullable Described collectionIfHere(Hash root) throws IOException {
    if (!isHere(root)) {
      return null;
    }
    Hash metadata = metadata(root);
    return isHere(metadata) ? described(root, metadata) : null;
  }

  private boolean isHere(Hash hash) {
    return hash.equals(Hash.EMPTY_BLOB) || cache.completeFile(hash) != null;
  }

  private void fetch(Hash hash) throws IOException {
    if (!isHere(hash)) {
      await(hash, downloads.apply(hash), progress -> {});
    }
  }

  private HashSequence sequence(Hash root) throws IOException {
    try {
      return HashSequence.ofBytes(content(root, CoreLimits.MAX_HASH_SEQUENCE_BYTES));
    } catch (MalformedException e) {
      throw unsound(root, e);
    }
  }

  private static IOException unsound(Hash root, MalformedException e) {
    return new IOException("the collection " + root + " is not sound: " + e.getMessage(), e);
  }

  private Hash metadata(Hash root) throws IOException {
    HashSequence sequence = sequence(root);
    if (sequence.size() == 0) {
      throw new IOException("the collection " + root + " is empty: it names no files");
    }
    return sequence.get(0);
  }

  private Described described(Hash root, Hash metadata) throws IOException {
    byte[] names = content(metadata, CoreLimits.MAX_COLLECTION_METADATA_BYTES);
    try {
      return new Described(metadata, Collection.decode(sequence(root), names));
    } catch (MalformedException e) {
      throw unsound(root, e);
    }
  }

  /** A blob that has to be in memory. */
  private byte[] content(Hash hash, int maxBytes) throws IOException {
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return new byte[0];
    }
    try (CachedFile file = leased(hash)) {
      if (file.sizeBytes() > maxBytes) {
        throw new IOException(hash + " is too large to describe a collection");
      }
      return Files.readAllBytes(file.path());
    }
  }

  /**
   * Waits until a download is done.
   *
   * @param listener is told now and then how it goes
   * @throws DownloadException as it fails
   */
  public static void await(Hash hash, Download download, Consumer<DownloadProgress> listener)
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
