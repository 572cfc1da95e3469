package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.veilor.seed.store.file.Folders;

/** Files that are either as they were, or as they are to be. */
final class SmallFiles {
  /** What ends with it was being written when the daemon ended. */
  static final String UNFINISHED = ".new";

  private SmallFiles() {}

  /**
   * The bytes of a file, empty if it is not there.
   *
   * @param maxBytes of a longer file {@code maxBytes + 1} bytes are read
   */
  static Optional<byte[]> read(Path file, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(in.readNBytes(maxBytes + 1));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /**
   * Writes a file in place of what was there.
   *
   * @param durable whether it is on the disk on return; else a loss of power may damage it
   */
  static void write(Path file, byte[] bytes, boolean durable) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      if (durable) {
        channel.force(true);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = file.getParent();
    if (durable && folder != null) {
      Folders.sync(folder);
    }
  }
}
