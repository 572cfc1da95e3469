package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.store.file.FileStatus;

/**
 * Looks at every file when the cache is opened: keeps what is whole, deletes everything else, and
 * adds up what is really allocated. Only the folder counts; there is no other record of it.
 */
final class CacheSweep {
  private static final Logger LOG = LoggerFactory.getLogger(CacheSweep.class);

  private static final Set<String> OWN_FILES =
      Set.of(CacheFolder.PINS, CacheFolder.GHOSTS, CacheFolder.LOCK);

  /**
   * What was found.
   *
   * @param entries complete and partial blobs with their accounted bytes
   * @param otherBytes allocated for folders and other files
   * @param deletedFiles orphans
   */
  record Found(List<CacheEntry> entries, long otherBytes, int deletedFiles) {}

  private final CacheFolder folder;
  private final List<CacheEntry> entries = new ArrayList<>();
  private long otherBytes;
  private int deletedFiles;

  CacheSweep(CacheFolder folder) {
    this.folder = folder;
  }

  Found run() throws IOException {
    otherBytes += folder.folderGrowth(folder.root());
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder.root())) {
      for (Path path : names) {
        root(path);
      }
    }
    if (deletedFiles > 0) {
      LOG.info("{} files in {} belonged to nothing and were deleted", deletedFiles, folder.root());
    }
    return new Found(entries, otherBytes, deletedFiles);
  }

  private void root(Path path) throws IOException {
    String name = String.valueOf(path.getFileName());
    switch (FileStatus.of(path).kind()) {
      case FOLDER -> {
        if (name.matches("[0-9a-f]{2}")) {
          shard(path);
        } else {
          LOG.warn("{} is not of this program and not counted", path);
        }
      }
      case REGULAR -> {
        if (OWN_FILES.contains(name)) {
          otherBytes += folder.allocatedBytes(path);
        } else {
          deleteOrphan(path);
        }
      }
      case SYMBOLIC_LINK, OTHER -> deleteOrphan(path);
    }
  }

  private void shard(Path shard) throws IOException {
    Map<Hash, Set<String>> blobs = new HashMap<>();
    try (DirectoryStream<Path> names = Files.newDirectoryStream(shard)) {
      for (Path path : names) {
        FileStatus.Kind kind = FileStatus.of(path).kind();
        String name = String.valueOf(path.getFileName());
        Hash hash = hash(name);
        if (kind == FileStatus.Kind.FOLDER) {
          LOG.warn("{} is not of this program and not counted", path);
        } else if (hash == null
            || kind != FileStatus.Kind.REGULAR
            || !path.equals(folder.file(hash, name.substring(2 * Hash.LENGTH)))) {
          deleteOrphan(path);
        } else {
          blobs.computeIfAbsent(hash, _ -> new HashSet<>()).add(name.substring(2 * Hash.LENGTH));
        }
      }
    }
    for (Map.Entry<Hash, Set<String>> blob : blobs.entrySet()) {
      blob(blob.getKey(), blob.getValue());
    }
    otherBytes += folder.folderGrowth(shard);
  }

  private static @Nullable Hash hash(String name) {
    if (name.length() <= 2 * Hash.LENGTH) {
      return null;
    }
    try {
      return Hash.parse(name.substring(0, 2 * Hash.LENGTH));
    } catch (MalformedException e) {
      return null;
    }
  }

  private void blob(Hash hash, Set<String> suffixes) throws IOException {
    Set<String> kept = Set.of();
    CacheEntry entry = suffixes.contains(CacheFolder.DATA) ? complete(hash) : null;
    if (entry != null) {
      kept = Set.of(CacheFolder.DATA, CacheFolder.OUTBOARD);
    } else if (!suffixes.contains(CacheFolder.DATA) && suffixes.contains(CacheFolder.PART)) {
      entry = partial(hash);
      if (entry != null) {
        kept = Set.of(CacheFolder.PART, CacheFolder.OUTBOARD, CacheFolder.BITS);
      }
    }
    for (String suffix : suffixes) {
      boolean isUselessOutboard =
          entry != null
              && suffix.equals(CacheFolder.OUTBOARD)
              && new BaoTree(entry.sizeBytes).pairs() == 0;
      if (!kept.contains(suffix) || isUselessOutboard) {
        deleteOrphan(folder.file(hash, suffix));
      }
    }
    if (entry != null) {
      entry.accountedBytes = folder.allocatedBytes(hash, kept.toArray(String[]::new));
      entries.add(entry);
    }
  }

  private @Nullable CacheEntry complete(Hash hash) throws IOException {
    FileStatus data = FileStatus.of(folder.file(hash, CacheFolder.DATA));
    CacheEntry entry = new CacheEntry(hash, data.identity().sizeBytes(), CacheEntry.State.COMPLETE);
    CacheFolder.readAccess(entry, data);
    return hasOutboard(hash, entry.sizeBytes) ? entry : null;
  }

  private @Nullable CacheEntry partial(Hash hash) throws IOException {
    FileStatus part = FileStatus.of(folder.file(hash, CacheFolder.PART));
    long sizeBytes = part.identity().sizeBytes();
    try {
      Bitfield bitfield = folder.readBitfield(hash, sizeBytes);
      if (bitfield == null
          || bitfield.sizeBytes() != sizeBytes
          || bitfield.isEmpty()
          || !hasOutboard(hash, sizeBytes)) {
        return null;
      }
      CacheEntry entry = new CacheEntry(hash, sizeBytes, CacheEntry.State.PARTIAL);
      entry.bitfield = bitfield;
      CacheFolder.readAccess(entry, part);
      return entry;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private boolean hasOutboard(Hash hash, long sizeBytes) throws IOException {
    long expectedBytes = new BaoTree(sizeBytes).outboardBytes();
    if (expectedBytes == 0) {
      return true;
    }
    try {
      FileStatus outboard = FileStatus.of(folder.file(hash, CacheFolder.OUTBOARD));
      return outboard.identity().sizeBytes() == expectedBytes;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void deleteOrphan(Path path) throws IOException {
    Files.delete(path);
    deletedFiles++;
  }
}
