package org.veilor.seed.interop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.store.StoreException;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.CachedBlob;

/** Files with seeded content, and their comparison. */
final class TestFiles {
  private static final byte[] PNG =
      HexFormat.of().parseHex("89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61");

  /** Mark, hash, size and whether that is proven, before the groups that are there. */
  private static final int BITFIELD_HEADER_BYTES = 8 + 32 + 8 + 1;

  private TestFiles() {}

  /** Writes {@code size} bytes that depend on {@code seed} and do not repeat. */
  static Path random(Path file, long size, long seed) {
    var random = new SplittableRandom(seed);
    byte[] block = new byte[1 << 16];
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
        for (long left = size; left > 0; ) {
          random.nextBytes(block);
          int length = (int) Math.min(left, block.length);
          out.write(block, 0, length);
          left -= length;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** Writes {@code size} bytes of the pattern that the recorded requests ask for. */
  static Path pattern(Path file, int size) {
    return write(file, pattern(size));
  }

  /** Byte i is i % 251. */
  static byte[] pattern(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }

  static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file, whose folder is made. */
  static Path write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The beginning of a PNG picture and then {@code size} bytes of seeded content. */
  static Path png(Path file, int size, long seed) {
    byte[] bytes = new byte[PNG.length + Math.max(8, size)];
    new SplittableRandom(seed).nextBytes(bytes);
    System.arraycopy(PNG, 0, bytes, 0, PNG.length);
    for (int i = 0; i < 8; i++) {
      bytes[PNG.length + i] = (byte) (seed >>> (8 * i));
    }
    return write(file, bytes);
  }

  /** A picture that any program shows; each number gives another file. */
  static Path picture(Path file, long number) {
    try {
      byte[] picture = Files.readAllBytes(Path.of("..", "demo", "pictures", "tree.png"));
      byte[] bytes = Arrays.copyOf(picture, picture.length + Long.BYTES); // behind its end
      ByteBuffer.wrap(bytes).putLong(picture.length, number);
      return write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A large file that takes little room: holes, and some blocks of seeded bytes in them. */
  static Path sparse(Path file, long size, long seed) {
    var random = new SplittableRandom(seed);
    byte[] block = new byte[1 << 16];
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(size);
      for (int i = 0; i < 64; i++) {
        random.nextBytes(block);
        out.seek(random.nextLong(size - block.length));
        out.write(block);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** Changes one byte and lets the file look as it did. */
  static void flipByteKeepingTimes(Path file, long at) {
    try {
      FileTime time = Files.getLastModifiedTime(file);
      try (var out = new RandomAccessFile(file.toFile(), "rw")) {
        out.seek(at);
        int before = out.read();
        out.seek(at);
        out.write(before ^ 1);
      }
      Files.setLastModifiedTime(file, time);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails with the first difference, if the regular files below two folders differ. */
  static void assertSameTree(Path expected, Path actual) {
    List<Path> names = names(expected);
    List<Path> found = names(actual);
    if (!names.equals(found)) {
      List<Path> missing = new ArrayList<>(names);
      missing.removeAll(found);
      List<Path> extra = new ArrayList<>(found);
      extra.removeAll(names);
      throw new AssertionError("missing " + missing + ", not expected " + extra);
    }
    for (Path name : names) {
      assertSame(expected.resolve(name), actual.resolve(name));
    }
  }

  /** Fails with the offset of the first difference, if two files differ. */
  static void assertSame(Path expected, Path actual) {
    try {
      long at = Files.mismatch(expected, actual);
      if (at != -1) {
        throw new AssertionError(expected + " and " + actual + " differ at byte " + at);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Fails with the offset of the first difference, if a file is not the beginning of another, or
   * all of it.
   *
   * @return its length
   */
  static long assertBeginning(Path expected, Path actual) {
    try {
      long size = Files.size(actual);
      long at = Files.mismatch(expected, actual);
      if (at != -1 && (at < size || size > Files.size(expected))) {
        throw new AssertionError(actual + " is no beginning of " + expected + ": byte " + at);
      }
      return size;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All lines of a small file. */
  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a configuration with these lines of TOML, the names with their tables. */
  static Path config(Path folder, String... lines) {
    return write(
        folder.resolve("config.toml"), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  /** The configuration of an origin that sees soon what appears in a folder. */
  static Path originConfig(Path folder, String service, Path media, String names) {
    return config(
        folder,
        "seeding.settle = \"100ms\"",
        "seeding.settle_open = \"500ms\"",
        "[[service]]",
        "name = \"" + service + "\"",
        "directory = \"" + media + "\"",
        "names = \"" + names + "\"");
  }

  /** Waits until a part of some blob is durable in the cache of a state folder. */
  static void awaitCheckpoint(Path state, Duration limit) {
    Deadline deadline = Deadline.after(limit);
    while (durableGroups(state) < 16) {
      if (deadline.isOver()) {
        throw new AssertionError("no checkpoint below " + state);
      }
      Deadline.pause(Duration.ofMillis(20));
    }
  }

  /** As the bitfields of partial blobs say. */
  private static int durableGroups(Path state) {
    int groups = 0;
    try (Stream<Path> walk = Files.walk(state.resolve("cache"), 2)) {
      for (Path path : walk.filter(path -> path.toString().endsWith(".bits")).toList()) {
        byte[] file = Files.readAllBytes(path);
        byte[] bits = Arrays.copyOfRange(file, BITFIELD_HEADER_BYTES, file.length - 4);
        groups += BitSet.valueOf(bits).cardinality();
      }
    } catch (IOException | UncheckedIOException e) {
      return 0; // not there yet, or files come and go while it is looked at
    }
    return groups;
  }

  /** What the cache of a state folder that nobody uses has of a blob. */
  static long durableBytes(Path state, String hash) {
    try (BlobCache cache = BlobCache.open(state, CacheOptions.of(Long.MAX_VALUE / 4, 0))) {
      CachedBlob blob = cache.blob(Hash.parse(hash));
      return blob == null ? 0 : blob.presentBytes();
    } catch (StoreException | MalformedException e) {
      throw new AssertionError(state.toString(), e);
    }
  }

  /** Allocated bytes of everything below a folder and the folder itself. */
  static long diskUse(Path folder) {
    List<String> command = List.of("du", "-s", "-B1", folder.toString());
    try (Child du = Child.start(Path.of("/"), Map.of(), command)) {
      Child.Finished finished = du.finish(Duration.ofSeconds(10)).expectExit(0);
      return Long.parseLong(finished.stdout().getFirst().split("\t", 2)[0]);
    }
  }

  private static List<Path> names(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
