package org.veilor.seed.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;

final class OutboardFilesTest {
  private static final int PAIRS = 5000;

  @TempDir Path folder;

  /** Whatever the order of the pairs, the file is the same; displacement says how wild it is. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 70, 1500, PAIRS})
  void pairsMayComeInAnyOrder(int displacement) throws Exception {
    byte[] expected = new byte[PAIRS * BaoTree.PAIR_BYTES];
    Random random = new Random(displacement);
    random.nextBytes(expected);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      order.add(i);
    }
    for (int from = 0; displacement > 0 && from < PAIRS; from += displacement) {
      Collections.shuffle(order.subList(from, Math.min(PAIRS, from + displacement)), random);
    }
    OutboardFiles files = OutboardFiles.open(folder, FileOutput.REAL);
    Hash hash = Blake3Hasher.hash(expected);
    try (StagedOutboard staged = files.stage()) {
      for (int pair : order) {
        staged.writePair(pair, expected, pair * BaoTree.PAIR_BYTES);
      }
      staged.finish();
      assertThat(files.sizeBytes(hash)).isEqualTo(-1);
      Set<Path> unsynced = new LinkedHashSet<>();
      files.publish(staged, hash, unsynced);
      assertThat(unsynced).contains(files.path(hash).getParent());
      files.sync(unsynced);
    }
    assertThat(files.path(hash)).hasBinaryContent(expected);
    assertThat(files.sizeBytes(hash)).isEqualTo(expected.length);
    files.delete(hash);
    files.delete(hash);
    assertThat(files.path(hash)).doesNotExist();
  }

  @Test
  void whatIsNotPublishedLeavesNothing() throws Exception {
    OutboardFiles files = OutboardFiles.open(folder, FileOutput.REAL);
    try (StagedOutboard staged = files.stage()) {
      staged.writePair(0, new byte[64], 0);
    }
    try (var left = Files.walk(folder)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
