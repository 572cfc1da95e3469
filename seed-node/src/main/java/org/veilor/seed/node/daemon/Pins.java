package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.fetch.FetchedBlobs;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreException;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedBlob;
import org.veilor.seed.store.cache.Purpose;

/**
 * What the operator wants to have and keep. A pin is written down before anything is fetched; what
 * could not be fetched is tried again now and then, and after a restart. A collection is pinned
 * with all its files.
 */
final class Pins implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pins.class);

  /** Files of a collection on their way at once. */
  private static final int FILES_AT_ONCE = 8;

  /** How often what is missing is tried again. */
  private static final long AGAIN_SECONDS = 60;

  /** Is told how it goes, now and then. */
  @FunctionalInterface
  interface Listener {
    void at(int filesDone, int filesTotal, long bytesDone, long bytesTotal);
  }

  /**
   * What is here now.
   *
   * @param files of a collection; 1 for a single blob
   */
  record Pinned(Hash hash, int files, long sizeBytes) {}

  private final BlobStore store;
  private final BlobCache cache;
  private final Downloader downloader;
  private final KnownProviders providers;
  private final Map<Hash, String> failures = new ConcurrentHashMap<>();
  private final ScheduledExecutorService again =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("seed-pins").factory());

  private Pins(BlobStore store, BlobCache cache, Downloader downloader, KnownProviders providers) {
    this.store = store;
    this.cache = cache;
    this.downloader = downloader;
    this.providers = providers;
  }

  /** Starts, and goes on with what is pinned and not here yet. */
  static Pins start(
      BlobStore store, BlobCache cache, Downloader downloader, KnownProviders providers) {
    Pins pins = new Pins(store, cache, downloader, providers);
    var _ =
        pins.again.scheduleWithFixedDelay(pins::fetchMissing, 1, AGAIN_SECONDS, TimeUnit.SECONDS);
    return pins;
  }

  private Download download(Hash hash) {
    return downloader.get(hash, List.of(), providers.origins(hash), Purpose.PIN);
  }

  /** The blobs of a collection, whose parts are asked of whoever has its root. */
  private FetchedBlobs blobsOf(Hash root) {
    return new FetchedBlobs(
        part ->
            downloader.get(
                part, providers.findPart(root, part), providers.origins(part), Purpose.PIN),
        cache);
  }

  /**
   * Pins what tickets of one hash name, and waits until all of it is here.
   *
   * @throws StoreException if the tickets cannot be written down
   * @throws IOException if the pin cannot be kept; or if the blob cannot be had now, a {@link
   *     org.veilor.seed.node.download.DownloadException}: it stays pinned then and is tried again
   */
  Pinned pin(List<BlobTicket> tickets, Listener listener) throws StoreException, IOException {
    store.keepTickets(tickets);
    return pin(tickets.getFirst().content(), listener);
  }

  /** Pins what somebody gave a ticket for before, or what the configured peers have. */
  Pinned pin(HashAndFormat content, Listener listener) throws StoreException, IOException {
    Hash hash = content.hash();
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return new Pinned(hash, 1, 0);
    }
    cache.pin(hash);
    try {
      Pinned pinned =
          content.format() == BlobFormat.HASH_SEQUENCE && !isSeeded(hash)
              ? collection(hash, listener)
              : files(hash, List.of(hash), listener);
      failures.remove(hash);
      return pinned;
    } catch (IOException e) {
      failures.put(hash, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private Pinned collection(Hash root, Listener listener) throws StoreException, IOException {
    FetchedBlobs.Described described = blobsOf(root).collection(root);
    Set<Hash> parts = parts(described);
    if (!parts.stream().allMatch(part -> cache.isPinned(part) && isHere(part))) {
      List<BlobTicket> tickets = new ArrayList<>();
      for (BlobTicket known : store.tickets(root)) {
        for (Hash part : parts) {
          tickets.add(new BlobTicket(known.addr(), HashAndFormat.raw(part)));
        }
      }
      store.keepTickets(tickets);
      cache.pin(parts);
    }
    List<Hash> files = described.contents().entries().stream().map(Collection.Entry::hash).toList();
    return files(root, files, listener);
  }

  /** The blobs of a collection beside its root. */
  private static Set<Hash> parts(FetchedBlobs.Described described) {
    Set<Hash> parts = new LinkedHashSet<>();
    parts.add(described.metadataHash());
    described.contents().entries().forEach(entry -> parts.add(entry.hash()));
    parts.remove(Hash.EMPTY_BLOB); // everybody has it
    return parts;
  }

  /** One file of a pin; without a download if it was here already. */
  private record Wanted(Hash hash, @Nullable Download download) {}

  private Pinned files(Hash root, List<Hash> files, Listener listener) throws IOException {
    Deque<Wanted> running = new ArrayDeque<>();
    long bytes = 0;
    int done = 0;
    for (Hash file : files) {
      running.add(new Wanted(file, isHere(file) ? null : download(file)));
      if (running.size() == FILES_AT_ONCE) {
        bytes = await(running.remove(), done++, files.size(), bytes, listener);
      }
    }
    while (!running.isEmpty()) {
      bytes = await(running.remove(), done++, files.size(), bytes, listener);
    }
    return new Pinned(root, files.size(), bytes);
  }

  /** Waits for one file; the bytes of this and those before. */
  private long await(Wanted file, int done, int total, long before, Listener listener)
      throws IOException {
    if (file.download != null) {
      FetchedBlobs.await(
          file.hash,
          file.download,
          progress ->
              listener.at(
                  done,
                  total,
                  before + progress.presentBytes(),
                  before + progress.sizeBytes().orElse(progress.presentBytes())));
      if (!isHere(file.hash)) {
        throw new IOException(
            file.hash
                + " was fetched but could not be kept: the cache has no room; raise cache.max_size"
                + " or unpin something");
      }
    }
    long bytes = before + sizeBytes(file.hash);
    listener.at(done + 1, total, bytes, bytes);
    return bytes;
  }

  private long sizeBytes(Hash hash) {
    var seeded = store.blob(hash);
    CachedBlob cached = cache.blob(hash);
    return seeded != null ? seeded.sizeBytes() : cached != null ? cached.sizeBytes() : 0;
  }

  private boolean isSeeded(Hash hash) {
    return store.blob(hash) != null;
  }

  /** Whether all of a blob is here; what is seeded in place need not be in the cache too. */
  private boolean isHere(Hash hash) {
    return hash.equals(Hash.EMPTY_BLOB) || isSeeded(hash) || cache.completeFile(hash) != null;
  }

  /**
   * Ends a pin: what it kept may be evicted, unless another pin keeps it.
   *
   * @return false if it was not pinned
   */
  boolean unpin(Hash hash) throws IOException {
    if (!cache.isPinned(hash)) {
      return false;
    }
    Set<Hash> ended = new HashSet<>(collectionOf(hash));
    ended.add(hash);
    for (Hash other : cache.pins()) {
      if (!other.equals(hash) && !ended.contains(other)) {
        ended.removeAll(collectionOf(other));
      }
    }
    cache.unpin(ended);
    failures.remove(hash);
    for (Hash each : ended) {
      Download running = downloader.running(each);
      if (running != null) {
        running.cancel();
      }
    }
    return true;
  }

  /** The parts of a pinned collection that is described here; nothing for a single blob. */
  private Set<Hash> collectionOf(Hash root) throws IOException {
    FetchedBlobs.Described described =
        isCollection(root) ? blobsOf(root).collectionIfHere(root) : null;
    return described == null ? Set.of() : parts(described);
  }

  private boolean isCollection(Hash hash) {
    return store.tickets(hash).stream()
        .anyMatch(ticket -> ticket.content().format() == BlobFormat.HASH_SEQUENCE);
  }

  /** Why a pinned blob is not here, as of the last try; or null. */
  @Nullable String failure(Hash hash) {
    return failures.get(hash);
  }

  /** How many pins have something missing, as of the last try. */
  int failing() {
    return failures.size();
  }

  private void fetchMissing() {
    try {
      for (Hash hash : cache.pins()) {
        if (again.isShutdown()) {
          return;
        }
        if (isCollection(hash) || !isHere(hash)) {
          fetch(hash);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("pins are not looked at, on a mistake of this program", e);
    }
  }

  private void fetch(Hash hash) {
    try {
      pin(
          isCollection(hash) ? HashAndFormat.hashSequence(hash) : HashAndFormat.raw(hash),
          (done, total, bytes, of) -> {});
    } catch (IOException | StoreException e) {
      LOG.info("the pinned blob {} is not here yet: {}", hash, e.getMessage());
    }
  }

  @Override
  public void close() {
    again.shutdownNow();
  }
}
