package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.file.FileStatus;
import org.veilor.seed.store.file.Folders;

/**
 * The files of the cache.
 *
 * <pre>
 * ab/HEX.data      a complete blob; its existence is what makes it complete
 * ab/HEX.part      a partial one, of full length, with holes
 * ab/HEX.obao4     the pairs, pre-order over chunk groups; none for a single group
 * ab/HEX.bits      what a partial one holds ({@link Bitfield}); HEX.bits.new while it is written
 * pins             a hash a line
 * ghosts           first requests of what is kept at the second one: 32 bytes of hash, 8 of time each
 * lock
 * </pre>
 *
 * <p>The time of the last change of {@code .data} is the last access, and its microseconds are the
 * number of accesses, so the ranking needs no rows and goes where the file goes. Everything is for
 * its owner only, and no symbolic link is followed. Any thread.
 */
final class CacheFolder {
  static final String DATA = ".data";
  static final String PART = ".part";
  static final String OUTBOARD = ".obao4";
  static final String BITS = ".bits";
  static final String NEW = ".new";
  static final String PINS = "pins";
  static final String GHOSTS = "ghosts";
  static final String LOCK = "lock";

  private static final int NANOS_PER_ACCESS = 1000;
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_ONLY_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<OpenOption> CREATE =
      Set.of(
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  private final Path root;
  private final AllocatedBytes allocated;
  private final Map<Path, Long> folderBytes = new HashMap<>();

  CacheFolder(Path root, AllocatedBytes allocated) {
    this.root = root;
    this.allocated = allocated;
  }

  Path root() {
    return root;
  }

  private Path shard(Hash hash) {
    return root.resolve(hash.toString().substring(0, 2));
  }

  Path file(Hash hash, String suffix) {
    return shard(hash).resolve(hash + suffix);
  }

  /** Opens an existing file of a blob for reading and, if told, writing. */
  FileChannel open(Hash hash, String suffix, boolean forWriting) throws IOException {
    Set<OpenOption> options =
        forWriting
            ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
            : Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    return FileChannel.open(file(hash, suffix), options);
  }

  /** The file that holds the bytes now: a commit renames it. */
  FileChannel openContent(Hash hash) throws IOException {
    try {
      return open(hash, DATA, false);
    } catch (NoSuchFileException e) {
      try {
        return open(hash, PART, false);
      } catch (NoSuchFileException again) {
        return open(hash, DATA, false);
      }
    }
  }

  /**
   * Creates a file of its full length, almost all of it a hole, unless it is the data of a single
   * group; an orphan of that name goes.
   *
   * <p>The length comes first, so that the file system does not allocate ahead of growing ends.
   */
  FileChannel create(Hash hash, String suffix, long lengthBytes) throws IOException {
    FileChannel channel = createEmpty(file(hash, suffix));
    boolean done = false;
    try {
      // A short outboard counts as damaged at the next start, and all of the part with it.
      if (lengthBytes > BaoTree.GROUP_BYTES || (suffix.equals(OUTBOARD) && lengthBytes > 0)) {
        channel.write(ByteBuffer.allocate(1), lengthBytes - 1);
      }
      done = true;
      return channel;
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  private FileChannel createEmpty(Path file) throws IOException {
    try {
      return FileChannel.open(file, CREATE, OWNER_ONLY);
    } catch (NoSuchFileException e) {
      createShard(Objects.requireNonNull(file.getParent()));
      return FileChannel.open(file, CREATE, OWNER_ONLY);
    } catch (FileAlreadyExistsException e) {
      Files.delete(file);
      return FileChannel.open(file, CREATE, OWNER_ONLY);
    }
  }

  private void createShard(Path shard) throws IOException {
    try {
      Files.createDirectory(shard, OWNER_ONLY_FOLDER);
      Folders.sync(root);
    } catch (FileAlreadyExistsException e) {
      // Another writer was faster: the folder is there, which is all that is needed.
      if (!Files.isDirectory(shard, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  /** Replaces a small file: written under another name, synced, renamed. */
  void replace(Path target, byte[] content) throws IOException {
    Path fresh = target.resolveSibling(target.getFileName() + NEW);
    try {
      try (FileChannel channel = createEmpty(fresh)) {
        writeFully(channel, ByteBuffer.wrap(content), 0);
        channel.force(true);
      }
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      // Only after a failure: what was written of it would be counted nowhere.
      Files.deleteIfExists(fresh);
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** The step that makes a blob complete; durable on return. */
  void publish(Hash hash) throws IOException {
    Files.move(file(hash, PART), file(hash, DATA), StandardCopyOption.ATOMIC_MOVE);
    Folders.sync(shard(hash));
    Files.deleteIfExists(file(hash, BITS));
  }

  /** Deletes whatever there is of a blob; the bitfield first, which promises something. */
  void delete(Hash hash) throws IOException {
    Files.deleteIfExists(file(hash, BITS));
    Files.deleteIfExists(file(hash, BITS + NEW));
    Files.deleteIfExists(file(hash, DATA));
    Files.deleteIfExists(file(hash, PART));
    Files.deleteIfExists(file(hash, OUTBOARD));
  }

  /** The bitfield of a partial blob, or null if there is none, or a damaged one. */
  @Nullable Bitfield readBitfield(Hash hash, long lengthBytes) throws IOException {
    BaoTree tree = new BaoTree(lengthBytes);
    if (!Bitfield.canHold(lengthBytes)) {
      return null;
    }
    long expectedBytes = Bitfield.fileBytes(tree.groups());
    try (FileChannel channel = open(hash, BITS, false)) {
      if (channel.size() != expectedBytes) {
        return null;
      }
      ByteBuffer content = ByteBuffer.allocate((int) expectedBytes);
      while (content.hasRemaining()) {
        if (channel.read(content, content.position()) < 0) {
          return null;
        }
      }
      return Bitfield.decode(hash, content.array());
    }
  }

  /** Bytes that the files of a blob take now. */
  long allocatedBytes(Hash hash, String... suffixes) throws IOException {
    long sum = 0;
    for (String suffix : suffixes) {
      try {
        sum += allocated.of(file(hash, suffix));
      } catch (NoSuchFileException e) {
        sum += 0; // a blob of one group has no outboard and no bitfield
      }
    }
    return sum;
  }

  long allocatedBytes(Path path) throws IOException {
    return allocated.of(path);
  }

  /** By how much the folder of a blob has grown since the last look. */
  long folderGrowth(Hash hash) throws IOException {
    Path shard = shard(hash);
    return Files.isDirectory(shard, LinkOption.NOFOLLOW_LINKS) ? folderGrowth(shard) : 0;
  }

  long folderGrowth(Path folder) throws IOException {
    synchronized (folderBytes) {
      long now = allocated.of(folder);
      Long before = folderBytes.put(folder, now);
      return before == null ? now : now - before;
    }
  }

  /** Writes down when and how often a blob was used. Survives the process, maybe not the power. */
  void writeAccess(Hash hash, long lastAccessMillis, int accesses) throws IOException {
    Instant time =
        Instant.ofEpochSecond(
            Math.floorDiv(lastAccessMillis, 1000L), (long) accesses * NANOS_PER_ACCESS);
    try {
      Files.getFileAttributeView(
              file(hash, DATA), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(FileTime.from(time), null, null);
    } catch (NoSuchFileException e) {
      return; // evicted meanwhile, or partial: its last change is near enough to its last access
    }
  }

  /** Sets the access of an entry from its file. */
  static void readAccess(CacheEntry entry, FileStatus file) {
    long nanos = file.identity().modifiedNanos();
    entry.lastAccessMillis = Math.floorDiv(nanos, 1_000_000L);
    long fraction = Math.floorMod(nanos, 1_000_000_000L);
    long accesses = fraction / NANOS_PER_ACCESS;
    boolean isOurs = fraction % NANOS_PER_ACCESS == 0 && accesses <= CacheLimits.ACCESSES;
    entry.accesses = isOurs ? (int) accesses : 1;
  }

  /** Whether the file system says that it has no room. */
  static boolean isFull(IOException e) {
    String text =
        e instanceof FileSystemException named && named.getReason() != null
            ? named.getReason()
            : String.valueOf(e.getMessage());
    return text.contains("No space left") || text.contains("quota exceeded");
  }
}
