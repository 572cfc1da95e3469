package org.veilor.seed.node.fetch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.ExportName;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadReader;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedFile;

/**
 * Brings blobs into files by way of a cache on the same file system, where they stay until they are
 * complete; so a try that was broken off is taken up again. A finished file is linked to its place,
 * not copied.
 */
public final class FileFetch {
  private static final int COPY_BYTES = 64 * 1024;

  /** Files of a collection on their way at once. */
  private static final int CHILDREN_AT_ONCE = 8;

  /** Is told how it goes, now and then. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Some more is here.
     *
     * @param totalBytes as far as known
     */
    void at(long doneBytes, long totalBytes, int files);
  }

  private final Function<Hash, Download> downloads;
  private final FetchedBlobs blobs;
  private final boolean overwrites;
  private final Listener listener;
  private long finishedBytes;
  private int finishedFiles;

  /**
   * A fetch.
   *
   * @param downloads begins or joins the download of a blob into {@code cache}
   * @param overwrites whether files that are there are replaced
   */
  public FileFetch(
      Function<Hash, Download> downloads, BlobCache cache, boolean overwrites, Listener listener) {
    this.downloads = downloads;
    this.blobs = new FetchedBlobs(downloads, cache);
    this.overwrites = overwrites;
    this.listener = listener;
  }

  /** Bytes of finished files. */
  public long finishedBytes() {
    return finishedBytes;
  }

  /** Writes verified bytes as they arrive. */
  public void stream(Hash hash, OutputStream out) throws IOException {
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return;
    }
    try (DownloadReader reader = downloads.apply(hash).reader(0, Long.MAX_VALUE)) {
      byte[] buffer = new byte[COPY_BYTES];
      for (int count = reader.read(buffer, 0, buffer.length);
          count >= 0;
          count = reader.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, count);
        finishedBytes += count;
        listener.at(finishedBytes, finishedBytes, 0);
      }
      out.flush();
    }
  }

  /**
   * Fetches one blob into a file.
   *
   * @throws FileAlreadyExistsException if there is one and it may not be overwritten
   */
  public void blob(Hash hash, Path target) throws IOException {
    refuseExisting(target);
    if (!hash.equals(Hash.EMPTY_BLOB)) {
      await(hash, downloads.apply(hash));
    }
    publish(hash, target);
  }

  /**
   * Fetches a collection into a folder, which is made if it is not there.
   *
   * @return the files written
   * @throws FileAlreadyExistsException before anything is written, if a file is there and may not
   *     be overwritten
   */
  public List<Path> collection(Hash root, Path folder) throws IOException {
    Collection collection = blobs.collection(root).contents();
    try {
      ExportName.checkAll(collection);
    } catch (MalformedException e) {
      throw new IOException(
          "nothing was written, since the collection " + root + " is not sound: " + e.getMessage(),
          e);
    }
    List<Path> targets = new ArrayList<>();
    for (Collection.Entry entry : collection.entries()) {
      Path target = below(folder, entry.name());
      refuseExisting(target);
      targets.add(target);
    }
    Deque<Integer> running = new ArrayDeque<>();
    Map<Integer, Download> started = new HashMap<>();
    for (int i = 0; i < targets.size(); i++) {
      Hash hash = collection.entries().get(i).hash();
      if (!hash.equals(Hash.EMPTY_BLOB)) {
        started.put(i, downloads.apply(hash));
      }
      running.add(i);
      if (running.size() == CHILDREN_AT_ONCE) {
        finish(running.remove(), collection, started, targets, folder);
      }
    }
    while (!running.isEmpty()) {
      finish(running.remove(), collection, started, targets, folder);
    }
    return targets;
  }

  private void finish(
      int index,
      Collection collection,
      Map<Integer, Download> started,
      List<Path> targets,
      Path folder)
      throws IOException {
    Hash hash = collection.entries().get(index).hash();
    Download download = started.remove(index);
    if (download != null) {
      await(hash, download);
    }
    makeFolders(folder, targets.get(index));
    publish(hash, targets.get(index));
  }

  private void await(Hash hash, Download download) throws IOException {
    FetchedBlobs.await(
        hash,
        download,
        progress ->
            listener.at(
                finishedBytes + progress.presentBytes(),
                finishedBytes + progress.sizeBytes().orElse(progress.presentBytes()),
                finishedFiles));
  }

  // ---- files

  private void refuseExisting(Path target) throws FileAlreadyExistsException {
    refuseExisting(target, overwrites);
  }

  /**
   * Looks whether a file may be written.
   *
   * @throws FileAlreadyExistsException if there is one and it may not be overwritten
   */
  public static void refuseExisting(Path target, boolean overwrites)
      throws FileAlreadyExistsException {
    if (!overwrites && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "it is there already; remove it, or use --overwrite");
    }
  }

  private static Path below(Path folder, String name) throws IOException {
    try {
      Path target = folder;
      for (String component : ExportName.components(name)) {
        target = target.resolve(component);
      }
      return target;
    } catch (MalformedException e) {
      throw new IOException(e);
    }
  }

  /** Makes the folders down to a file; none of them may be a symbolic link out of {@code root}. */
  private static void makeFolders(Path root, Path target) throws IOException {
    Files.createDirectories(root);
    Path at = root;
    Path relative = root.relativize(target);
    for (int i = 0; i < relative.getNameCount() - 1; i++) {
      at = at.resolve(relative.getName(i));
      if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(at);
      }
    }
  }

  private void publish(Hash hash, Path target) throws IOException {
    Path temporary = target.resolveSibling("." + target.getFileName() + ".veilor-new");
    Files.deleteIfExists(temporary);
    if (hash.equals(Hash.EMPTY_BLOB)) {
      Files.createFile(temporary);
    } else {
      try (CachedFile file = blobs.leased(hash)) {
        linkOrCopy(file, temporary);
        finishedBytes += file.sizeBytes();
      }
    }
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
    if (overwrites) {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Files.move(temporary, target); // fails if the name was taken meanwhile
    }
    finishedFiles++;
    listener.at(finishedBytes, finishedBytes, finishedFiles);
  }

  private static void linkOrCopy(CachedFile file, Path target) throws IOException {
    try {
      Files.createLink(target, file.path());
    } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
      Files.copy(file.path(), target); // another file system, or one without links
    }
  }
}
