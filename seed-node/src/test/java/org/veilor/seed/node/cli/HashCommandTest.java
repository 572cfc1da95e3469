package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.ScalarEngine;
import org.veilor.seed.node.cli.DaemonRun.Result;
import org.veilor.seed.store.file.FileHash;

class HashCommandTest {
  @TempDir Path temp;

  private Result hash(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "hash";
    System.arraycopy(args, 0, all, 1, args.length);
    return DaemonRun.command(temp, all);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1024, 1025, 16 << 20, (16 << 20) + 1, 50_331_649})
  void allEnginesAndThreadsAgree(int size) throws Exception {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Path file = Files.write(temp.resolve("f"), content);
    String expected = Blake3Hasher.hash(content) + "  " + file + "\n";
    assertThat(hash(file.toString()).out()).isEqualTo(expected);
    assertThat(hash("--threads", "1", "--engine", "scalar", file.toString()).out())
        .isEqualTo(expected);
    assertThat(hash("--threads", "7", file.toString()).out()).isEqualTo(expected);
    assertThat(hash("--engine", "reference", file.toString()).out()).isEqualTo(expected);
  }

  /** Short vectors, or a test run that measures coverage, may rule them out; then that is said. */
  @Test
  void vectorsAgreeOrSayWhyNot() throws Exception {
    byte[] content = new byte[20_000_001];
    new Random(4).nextBytes(content);
    Path file = Files.write(temp.resolve("f"), content);
    Result result = hash("--engine", "vector", file.toString());
    if (result.exitCode() == 0) {
      assertThat(result.out()).isEqualTo(Blake3Hasher.hash(content) + "  " + file + "\n");
    } else {
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("--engine: 'vector' cannot be used here: the vector");
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 1024, 16_384, 262_143, 262_144, 262_145, 16 << 20, 33_554_432, 50_000_001})
  void streamsHaveTheSameHash(int size) throws Exception {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    FileHash hashing = new FileHash(ScalarEngine.INSTANCE, ForkJoinPool.commonPool(), bytes -> {});
    assertThat(hashing.stream(new ByteArrayInputStream(content)))
        .isEqualTo(Blake3Hasher.hash(content))
        .isEqualTo(FileHash.reference(new ByteArrayInputStream(content), bytes -> {}));
  }

  @Test
  void checksWhatB3sumWrote() throws Exception {
    Path a = Files.writeString(temp.resolve("a"), "a");
    Path b = Files.writeString(temp.resolve("b\nc\\d"), "b");
    Result sums = hash(a.toString(), b.toString());
    assertThat(sums.out())
        .contains("\\" + Blake3Hasher.hash("b".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    Path list = Files.writeString(temp.resolve("SUMS"), sums.out());
    Result good = hash("--check", list.toString());
    assertThat(good.exitCode()).isZero();
    assertThat(good.out()).contains(a + ": OK\n").contains(b + ": OK\n");
    Files.writeString(a, "changed");
    Files.delete(b);
    Files.writeString(list, "no sum\n", java.nio.file.StandardOpenOption.APPEND);
    Result bad = hash("--check", list.toString());
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.out()).contains(a + ": FAILED\n").contains("FAILED (no such file or folder)");
    assertThat(bad.err()).contains("1 files have another hash").contains("1 lines are no sums");
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    assertThat(hash().exitCode()).isEqualTo(2);
    assertThat(hash("--engine", "words", "x").exitCode()).isEqualTo(2);
    assertThat(hash("--threads", "0", "x").exitCode()).isEqualTo(2);
    Result absent = hash(temp.resolve("none").toString());
    assertThat(absent.exitCode()).isEqualTo(4);
    assertThat(absent.err())
        .isEqualTo("veilor-seed: " + temp.resolve("none") + ": no such file or folder\n");
    assertThat(hash(temp.toString()).err()).contains("it is a folder");
    Path file = Files.writeString(temp.resolve("f"), "x");
    assertThat(new ObjectMapper().readTree(hash("--json", file.toString()).out())).hasSize(1);
  }
}
