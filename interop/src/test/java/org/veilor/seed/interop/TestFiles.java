package org.veilor.seed.interop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Files with seeded content, and their comparison. */
final class TestFiles {
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

  private static List<Path> names(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
