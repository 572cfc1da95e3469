package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/** Files of known content, and what a reader has to yield for them. */
final class Samples {
  static final String SERVICE = "media";

  private Samples() {}

  /** Bytes that depend on the seed alone. */
  static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Path write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.resolveSibling("."));
    return Files.write(file, content);
  }

  /** What must be there. */
  static <T> T there(@Nullable T value) {
    assertThat(value).isNotNull();
    return Objects.requireNonNull(value);
  }

  static PathRecord stored(ImportOutcome outcome) {
    assertThat(outcome).isInstanceOf(ImportOutcome.Stored.class);
    return ((ImportOutcome.Stored) outcome).record();
  }

  static BlobReader found(BlobStore store, Hash hash) throws IOException {
    BlobLookup lookup = store.open(hash);
    assertThat(lookup).isInstanceOf(BlobLookup.Found.class);
    return ((BlobLookup.Found) lookup).reader();
  }

  static void assertMissing(BlobStore store, Hash hash) throws IOException {
    assertThat(store.open(hash)).isEqualTo(new BlobLookup.Missing());
  }

  /** Opens the blob and compares every byte of data and outboard with what core computes. */
  static void assertServed(BlobStore store, Hash hash, byte[] content) throws IOException {
    try (BlobReader reader = found(store, hash)) {
      assertYields(reader, content);
    }
  }

  static void assertYields(BlobReader reader, byte[] content) throws IOException {
    assertThat(reader.sizeBytes()).isEqualTo(content.length);
    byte[] data = new byte[content.length];
    for (int at = 0; at < data.length; at += BaoTree.GROUP_BYTES) {
      int length = Math.min(BaoTree.GROUP_BYTES, data.length - at);
      assertThat(reader.readData(at, data, at, length)).isEqualTo(length);
    }
    assertThat(data).isEqualTo(content);
    byte[] expected = Outboard.of(SubtreeEngine.preferred(), content).pairs();
    byte[] pairs = new byte[expected.length];
    for (int i = 0; i < pairs.length / BaoTree.PAIR_BYTES; i++) {
      reader.readPair(i, pairs, i * BaoTree.PAIR_BYTES);
    }
    assertThat(pairs).isEqualTo(expected);
  }
}
