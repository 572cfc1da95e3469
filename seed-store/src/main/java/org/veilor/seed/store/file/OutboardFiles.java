package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Outboards as files: {@code ab/<hex>.obao4}, where {@code ab} are the first two digits.
 *
 * <p>An outboard is written under a temporary name, synced, then renamed, and its folder synced,
 * all before the database names it. What the database does not name is an orphan of a killed
 * process.
 */
public final class OutboardFiles {
  private static final String SUFFIX = ".obao4";
  private static final String TEMPORARY = "tmp";

  private final Path root;
  private final Path temporary;
  private final FileOutput.Creator creator;
  private final AtomicLong nextTemporary = new AtomicLong();

  private OutboardFiles(Path root, FileOutput.Creator creator) {
    this.root = root;
    this.temporary = root.resolve(TEMPORARY);
    this.creator = creator;
  }

  /** Opens the folder {@code root}; temporary files of a killed process are deleted. */
  public static OutboardFiles open(Path root, FileOutput.Creator creator) throws IOException {
    OutboardFiles files = new OutboardFiles(root, creator);
    Folders.createPrivate(files.temporary);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(files.temporary)) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    }
    return files;
  }

  /** Where the outboard of {@code hash} lies, or would. */
  public Path path(Hash hash) {
    String hex = hash.toString();
    return root.resolve(hex.substring(0, 2)).resolve(hex + SUFFIX);
  }

  /** Starts to write an outboard. */
  public StagedOutboard stage() throws IOException {
    Path file = temporary.resolve(Long.toString(nextTemporary.getAndIncrement()));
    return new StagedOutboard(file, creator.create(file));
  }

  /**
   * Gives a finished outboard its name.
   *
   * @param unsynced receives the folders that must be synced before anyone relies on the name
   */
  public void publish(StagedOutboard staged, Hash hash, Collection<Path> unsynced)
      throws IOException {
    Path target = path(hash);
    try {
      Files.move(staged.file(), target, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      Folders.createPrivate(parent(target));
      unsynced.add(root);
      Files.move(staged.file(), target, StandardCopyOption.ATOMIC_MOVE);
    }
    unsynced.add(parent(target));
  }

  private Path parent(Path target) {
    Path parent = target.getParent();
    return parent == null ? root : parent;
  }

  /** Makes the names in these folders durable. */
  public void sync(Collection<Path> folders) throws IOException {
    for (Path folder : folders) {
      Folders.sync(folder);
    }
  }

  /** Deletes the outboard of {@code hash}, if there is one. */
  public void delete(Hash hash) throws IOException {
    Files.deleteIfExists(path(hash));
  }

  /** Size of the outboard of {@code hash} in bytes, or -1 if there is none. */
  public long sizeBytes(Hash hash) throws IOException {
    try {
      return Files.size(path(hash));
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  /**
   * Looks whether this process may read the outboard of {@code hash}.
   *
   * @throws AccessDeniedException if not
   */
  public void checkReadable(Hash hash) throws AccessDeniedException {
    Path file = path(hash);
    if (!Files.isReadable(file)) {
      throw new AccessDeniedException(file.toString());
    }
  }

  /** Says which outboards are needed. */
  @FunctionalInterface
  public interface Needed<X extends Exception> {
    boolean isNeeded(Hash hash) throws X;
  }

  /**
   * Deletes every outboard that is not needed. Files with other names are left alone.
   *
   * @return number of deleted files
   */
  public <X extends Exception> int sweep(Needed<X> needed) throws IOException, X {
    int deleted = 0;
    try (DirectoryStream<Path> shards = Files.newDirectoryStream(root, "[0-9a-f][0-9a-f]")) {
      for (Path shard : shards) {
        if (Files.isDirectory(shard)) {
          deleted += sweepShard(shard, needed);
        }
      }
    }
    return deleted;
  }

  private <X extends Exception> int sweepShard(Path shard, Needed<X> needed) throws IOException, X {
    int deleted = 0;
    try (DirectoryStream<Path> outboards = Files.newDirectoryStream(shard, "*" + SUFFIX)) {
      for (Path outboard : outboards) {
        deleted += sweepOne(outboard, needed);
      }
    }
    return deleted;
  }

  private <X extends Exception> int sweepOne(Path outboard, Needed<X> needed)
      throws IOException, X {
    String name = String.valueOf(outboard.getFileName());
    try {
      Hash hash = Hash.parse(name.substring(0, name.length() - SUFFIX.length()));
      if (outboard.equals(path(hash)) && needed.isNeeded(hash)) {
        return 0;
      }
    } catch (MalformedException e) {
      return 0;
    }
    Files.delete(outboard);
    return 1;
  }
}
