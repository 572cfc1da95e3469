package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.catalogue.PageSink;
import org.veilor.seed.gossip.catalogue.PageSource;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * The blobs of the catalogues of one topic: roots, headers, pages, each a file that is called by
 * its hash. Writing does not wait for the disk: every reader checks the hash, and what a loss of
 * power damaged is made or fetched again. Any thread.
 */
final class PageFolder implements PageSource, PageSink {
  private static final Logger LOG = LoggerFactory.getLogger(PageFolder.class);

  private final Path folder;
  private final Set<Hash> held = ConcurrentHashMap.newKeySet();

  /** Since when a blob is of no use; belongs to whoever calls {@link #sweep}. */
  private final Map<Hash, Long> unused = new HashMap<>();

  private PageFolder(Path folder) {
    this.folder = folder;
  }

  /** Looks at what is there; a folder that is not there is made. */
  static PageFolder open(Path folder) throws IOException {
    PageFolder pages = new PageFolder(folder);
    Folders.createPrivate(folder);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        try {
          pages.held.add(Hash.parse(name));
        } catch (MalformedException _) {
          LOG.debug("{} was not finished", file);
          Files.deleteIfExists(file);
        }
      }
    }
    return pages;
  }

  private Path file(Hash hash) {
    return folder.resolve(hash.toString());
  }

  /** Whether a blob was here when somebody looked last. */
  boolean holds(Hash hash) {
    return held.contains(hash);
  }

  @Override
  public Optional<byte[]> read(Hash hash, int maxBytes) {
    if (!held.contains(hash)) {
      return Optional.empty();
    }
    try {
      return SmallFiles.read(file(hash), maxBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void write(Hash hash, byte[] bytes) {
    try {
      ReplacedFile.write(file(hash), bytes, false);
      held.add(hash);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "a page of a catalogue cannot be written to " + folder + ": " + e.getMessage(), e);
    }
  }

  /** The blob for a peer; null if it is not here, or is not what its name says. */
  @Nullable BlobReader open(Hash hash) throws IOException {
    if (!held.contains(hash)) {
      return null;
    }
    Optional<byte[]> bytes = SmallFiles.read(file(hash), KeepingLimits.MAX_COLLECTION_BYTES);
    BlobReader reader = bytes.isEmpty() ? null : FileBlob.of(file(hash), hash, bytes.get());
    if (reader == null) {
      drop(hash);
    }
    return reader;
  }

  /** What is here under this name is of no use: it is to be had anew. */
  void drop(Hash hash) {
    held.remove(hash);
    try {
      Files.deleteIfExists(file(hash));
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", file(hash), e.getMessage());
    }
  }

  /**
   * Deletes what was not wanted for {@link KeepingLimits#KEEP_MILLIS}.
   *
   * @param wanted blobs of catalogues that hold or are on their way here
   */
  void sweep(Set<Hash> wanted, long nowMillis) {
    unused.keySet().removeIf(hash -> wanted.contains(hash) || !held.contains(hash));
    for (Hash hash : held) {
      if (!wanted.contains(hash)) {
        unused.putIfAbsent(hash, nowMillis);
      }
    }
    for (Map.Entry<Hash, Long> entry : Map.copyOf(unused).entrySet()) {
      if (nowMillis - entry.getValue() >= KeepingLimits.KEEP_MILLIS) {
        unused.remove(entry.getKey());
        drop(entry.getKey());
      }
    }
  }

  /** How many blobs are here. */
  int size() {
    return held.size();
  }
}
