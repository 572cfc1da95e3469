package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Small files that admission takes for pictures. */
public final class TestMedia {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private TestMedia() {}

  /** The content of a picture; each seed gives another one. */
  public static byte[] png(long seed, int sizeBytes) {
    byte[] content = new byte[Math.max(sizeBytes, PNG.length)];
    new Random(seed).nextBytes(content);
    System.arraycopy(PNG, 0, content, 0, PNG.length);
    return content;
  }

  /** Writes a picture, with its folders. */
  public static Path write(Path file, long seed) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    return Files.write(file, png(seed, 600 + (int) (seed % 500)));
  }
}
