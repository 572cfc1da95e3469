package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.veilor.seed.store.StateLockedException;
import org.veilor.seed.store.StoreException;

/**
 * The file {@code lock} of a state folder: one process at a time. The kernel frees it when the
 * process ends, however it ends; the file itself stays, because deleting it would let two processes
 * lock two files of one name.
 *
 * <p>Inside one process the folders are remembered as well. That is not only for a clear answer:
 * POSIX frees all locks of a process on a file when any of its descriptors is closed, so merely
 * trying to lock twice would free the first lock.
 */
public final class StateLock implements AutoCloseable {
  private static final String NAME = "lock";
  private static final int MAX_PID_TEXT_BYTES = 20;
  private static final Set<Path> HELD_HERE = new HashSet<>();

  private final Path folder;
  private final FileChannel channel;

  private StateLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks {@code stateDirectory}, which is created when needed, readable by its owner only.
   *
   * @throws StateLockedException if somebody has it
   */
  public static StateLock acquire(Path stateDirectory) throws StoreException {
    try {
      Folders.createPrivate(stateDirectory);
      Path real = stateDirectory.toRealPath();
      synchronized (HELD_HERE) {
        if (HELD_HERE.contains(real)) {
          throw new StateLockedException(
              stateDirectory, OptionalLong.of(ProcessHandle.current().pid()));
        }
        FileChannel channel = lock(stateDirectory, real.resolve(NAME));
        HELD_HERE.add(real);
        return new StateLock(real, channel);
      }
    } catch (IOException e) {
      throw new StoreException(
          "the state folder "
              + stateDirectory
              + " cannot be used ("
              + FileReason.of(e)
              + "); give this user the right to write there or choose another with --state",
          e);
    }
  }

  private static FileChannel lock(Path stateDirectory, Path file)
      throws IOException, StateLockedException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
      if (!locked) {
        throw new StateLockedException(stateDirectory, pid(channel));
      }
      channel.truncate(0);
      String text = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
      return channel;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static OptionalLong pid(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_PID_TEXT_BYTES);
    channel.read(text, 0);
    String digits = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return digits.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }

  /** The locked folder, without symbolic links. */
  public Path folder() {
    return folder;
  }

  /** Returns when the names of all files and folders in the locked folder are on the disk. */
  public void syncFolder() throws IOException {
    Folders.sync(folder);
  }

  /** Frees the lock. */
  @Override
  public void close() throws IOException {
    synchronized (HELD_HERE) {
      if (channel.isOpen()) {
        channel.close();
        HELD_HERE.remove(folder);
      }
    }
  }
}
