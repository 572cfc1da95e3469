package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads what {@link org.veilor.seed.store.file.ReplacedFile} writes. */
final class SmallFiles {
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
}
