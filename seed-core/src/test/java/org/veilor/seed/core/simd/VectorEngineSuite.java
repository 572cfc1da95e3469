package org.veilor.seed.core.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.bao.OutboardBuilder;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ReferenceEngine;
import org.veilor.seed.core.hash.ScalarEngine;
import org.veilor.seed.core.hash.SubtreeEngine;

/** A vector engine against the scalar one, bit for bit. */
abstract class VectorEngineSuite {
  private static final SubtreeEngine SCALAR = ScalarEngine.INSTANCE;
  private static final int GROUP_BYTES = SubtreeEngine.GROUP_BYTES;
  private static final long SEED = 0x5eed;
  private static final byte[] DATA = new byte[1_100_000];

  private final SubtreeEngine vector;

  VectorEngineSuite(SubtreeEngine vector) {
    this.vector = vector;
  }

  static {
    new Random(SEED).nextBytes(DATA);
  }

  private static Set<Integer> sizes() {
    Set<Integer> sizes = new TreeSet<>();
    for (int kibibytes = 0; kibibytes <= 200; kibibytes++) {
      sizes.add(Math.max(0, kibibytes * 1024 - 1));
      sizes.add(kibibytes * 1024);
      sizes.add(kibibytes * 1024 + 1);
    }
    for (int groups = 13; groups <= 40; groups++) {
      sizes.add(groups * GROUP_BYTES - 1);
      sizes.add(groups * GROUP_BYTES);
      sizes.add(groups * GROUP_BYTES + 1);
    }
    Random random = new Random(SEED);
    while (sizes.size() < 900) {
      sizes.add(random.nextInt(100_000));
    }
    sizes.add(64 * GROUP_BYTES);
    sizes.add(65 * GROUP_BYTES + 5000);
    return sizes;
  }

  @Test
  void hashesOfNineHundredSizes() {
    assertThat(sizes()).hasSizeGreaterThanOrEqualTo(900);
    for (int size : sizes()) {
      int offset = size % 97;
      assertThat(vector.hash(DATA, offset, size))
          .as("size %d", size)
          .isEqualTo(SCALAR.hash(DATA, offset, size));
    }
    assertThat(vector.hash(DATA, 0, DATA.length))
        .isEqualTo(ReferenceEngine.INSTANCE.hash(DATA, 0, DATA.length));
  }

  @Test
  void outboardsOfNineHundredSizes() throws IOException {
    for (int size : sizes()) {
      byte[] expected = outboard(SCALAR, size);
      assertThat(Arrays.equals(outboard(vector, size), expected)).as("size %d", size).isTrue();
    }
  }

  /** All pairs with their places, then the hash. */
  private static byte[] outboard(SubtreeEngine engine, int size) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OutboardBuilder builder =
        new OutboardBuilder(
            engine,
            size,
            (index, pair, offset) -> {
              out.writeBytes(
                  Long.toString(index).getBytes(java.nio.charset.StandardCharsets.UTF_8));
              out.write(pair, offset, SubtreeEngine.PAIR_BYTES);
            });
    builder.update(DATA, 0, size);
    out.writeBytes(((OutboardBuilder.Result.Built) builder.finish()).hash().toBytes());
    return out.toByteArray();
  }

  @Test
  void subtreesOfAnyLengthOffsetAndPosition() {
    Random random = new Random(SEED);
    for (int i = 0; i < 3000; i++) {
      int length = i % 3 == 0 ? GROUP_BYTES : random.nextInt(GROUP_BYTES + 1);
      int offset = random.nextInt(DATA.length - GROUP_BYTES);
      long firstChunk = firstChunk(random);
      boolean root = random.nextBoolean();
      byte[] seen = new byte[40];
      byte[] expected = new byte[40];
      vector.subtreeValue(DATA, offset, length, firstChunk, root, seen, i % 9);
      SCALAR.subtreeValue(DATA, offset, length, firstChunk, root, expected, i % 9);
      assertThat(seen)
          .as("%d bytes at %d, chunk %d, root %s", length, offset, firstChunk, root)
          .isEqualTo(expected);
    }
  }

  /** Small, above 2^32, or such that the low half of the counter overflows within a group. */
  private static long firstChunk(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(100_000);
      case 1 -> (1L << 32) - random.nextInt(300);
      default -> random.nextLong(1L << 54);
    };
  }

  @Test
  void groupsOfAnyNumberOffsetAndPosition() {
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      int groups = i <= 65 ? i : random.nextInt(66);
      int offset = random.nextInt(DATA.length - groups * GROUP_BYTES);
      long firstChunk = firstChunk(random);
      byte[] seen = new byte[groups * 32 + 3];
      byte[] expected = new byte[groups * 32 + 3];
      vector.groupValues(DATA, offset, groups, firstChunk, seen, i % 4);
      SCALAR.groupValues(DATA, offset, groups, firstChunk, expected, i % 4);
      assertThat(seen)
          .as("%d groups at %d, chunk %d", groups, offset, firstChunk)
          .isEqualTo(expected);
    }
  }

  @Test
  void parentsOfAnyNumberAlsoInPlace() {
    for (int count = 0; count <= 70; count++) {
      byte[] seen = Arrays.copyOf(DATA, 71 * 64);
      byte[] expected = Arrays.copyOf(DATA, 71 * 64);
      vector.parentValues(seen, 5, count, seen, 5);
      SCALAR.parentValues(expected, 5, count, expected, 5);
      assertThat(seen).as("%d parents", count).isEqualTo(expected);
    }
    byte[] root = new byte[32];
    byte[] expected = new byte[32];
    vector.parentValue(DATA, 1, true, root, 0);
    SCALAR.parentValue(DATA, 1, true, expected, 0);
    assertThat(root).isEqualTo(expected);
  }

  @Test
  void manyThreadsShareTheEngine() throws InterruptedException {
    Hash expected = SCALAR.hash(DATA, 0, 300_000);
    Hash[] seen = new Hash[40];
    Thread[] threads = new Thread[seen.length];
    for (int i = 0; i < threads.length; i++) {
      int slot = i;
      threads[i] = Thread.ofVirtual().start(() -> seen[slot] = vector.hash(DATA, 0, 300_000));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(seen).containsOnly(expected);
  }

  @Test
  void rejectsWhatDoesNotFit() {
    byte[] out = new byte[64];
    assertThatThrownBy(() -> vector.groupValues(DATA, 0, 70, 0, new byte[70 * 32], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vector.groupValues(DATA, 0, 1 << 18, 0, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vector.groupValues(DATA, 0, 2, 0, out, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vector.parentValues(out, 0, 2, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vector.subtreeValue(DATA, -1, 9000, 0, false, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vector.subtreeValue(DATA, 0, GROUP_BYTES + 1, 0, false, out, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
