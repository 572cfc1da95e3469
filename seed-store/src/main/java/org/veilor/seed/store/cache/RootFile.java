package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import org.veilor.seed.store.file.Folders;

/** A small file of the cache itself, replaced as a whole and counted like everything else. */
final class RootFile {
  private final CacheFolder folder;
  private final CacheIndex index;
  private final Blocks blocks;
  private final Path file;
  private long allocatedBytes;

  RootFile(CacheFolder folder, CacheIndex index, Blocks blocks, String name) {
    this.folder = folder;
    this.index = index;
    this.blocks = blocks;
    this.file = folder.root().resolve(name);
  }

  Path path() {
    return file;
  }

  /** Its first bytes, at most {@code limitBytes}; none if there is no such file. */
  byte[] read(int limitBytes) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return new byte[0];
    }
    allocatedBytes = folder.allocatedBytes(file);
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(channel.size(), limitBytes));
      int read = 0;
      while (content.hasRemaining() && read >= 0) {
        read = channel.read(content);
      }
      return Arrays.copyOf(content.array(), content.position());
    }
  }

  /**
   * Replaces it, durably; the old one stays where that fails.
   *
   * @throws CacheFullException if there is no room
   */
  void write(byte[] content) throws IOException {
    // The new file is written before the old one goes.
    long neededBytes =
        blocks.roundUp(content.length) + (long) CacheLimits.FOLDER_BLOCKS * blocks.blockBytes();
    if (!index.reserve(neededBytes)) {
      throw new CacheFullException("the cache has no room for " + file);
    }
    long before = allocatedBytes;
    try {
      folder.replace(file, content);
      Folders.sync(folder.root());
    } finally {
      allocatedBytes = allocated();
      long grownBytes = folder.folderGrowth(folder.root());
      index.settle(neededBytes, allocatedBytes - before + grownBytes);
    }
  }

  private long allocated() throws IOException {
    try {
      return folder.allocatedBytes(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
