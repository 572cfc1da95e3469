package org.veilor.seed.node.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;

class PolicyTest {
  private static final Hash A = hash("a");
  private static final Hash B = hash("b");
  private static final EndpointId ORIGIN = SecretKey.of(new byte[SecretKey.LENGTH]).id();

  @TempDir private Path state = Path.of("");
  private long nowMillis = 1_795_000_000_000L;

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private Policy open() throws IOException {
    return Policy.open(state, () -> nowMillis);
  }

  private Path file() {
    return state.resolve("policy.journal");
  }

  private static PolicyEntry.Forget forget(Hash hash, long at, long until) {
    return new PolicyEntry.Forget(hash, at, ORIGIN, until);
  }

  @Test
  void aDenialHoldsUntilItIsTakenBackAndAfterARestart() throws IOException {
    List<Hash> told = new ArrayList<>();
    try (Policy policy = open()) {
      policy.onDenied(told::add);
      assertThat(policy.denied(A)).isNull();
      policy.deny(List.of(A, B), "a court\nwants it\u2028gone ");
      assertThat(told).containsExactly(A, B);
      assertThat(policy.denied(A))
          .isEqualTo("the operator denied it on 2026-11-18: a court wants it gone");
    }
    try (Policy policy = open()) {
      assertThat(policy.denied(A)).contains("a court wants it gone");
      assertThat(policy.size()).isEqualTo(2);
      assertThat(policy.allow(List.of(A, hash("c"))))
          .containsEntry(A, null)
          .containsEntry(hash("c"), "it is not denied");
      assertThat(policy.denied(A)).isNull();
    }
    try (Policy policy = open()) {
      assertThat(policy.denied(A)).isNull();
      assertThat(policy.denied(B)).isNotNull();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void whatAnOriginForgotIsNotForTheOperatorToAllowAndEndsByItself() throws IOException {
    try (Policy policy = open()) {
      policy.forget(List.of(forget(A, nowMillis, nowMillis + 1000)));
      policy.deny(List.of(A), "");
      assertThat(policy.denied(A)).isEqualTo("the operator denied it on 2026-11-18");
      assertThat(policy.allow(List.of(A)).get(A)).contains("had it forgotten on 2026-11-18");
      policy.forget(List.of(forget(A, nowMillis, nowMillis + 500))); // an older one comes late
      nowMillis += 999;
      assertThat(policy.denied(A)).contains(ORIGIN.shortText());
      nowMillis += 1;
      assertThat(policy.denied(A)).isNull();
      assertThat(policy.entries()).isEmpty();
    }
  }

  /** As after kill -9 in the middle of a write: what was acknowledged holds, the rest never was. */
  @Test
  void aLineThatIsNotWholeIsCutOff() throws IOException {
    try (Policy policy = open()) {
      policy.deny(List.of(A), "one");
      policy.deny(List.of(B), "two");
    }
    byte[] whole = Files.readAllBytes(file());
    int first = new String(whole, StandardCharsets.UTF_8).indexOf('\n') + 1;
    for (int length = first; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      try (Policy policy = open()) {
        assertThat(policy.denied(A)).as("cut at %s", length).isNotNull();
        assertThat(policy.denied(B)).isNull();
        policy.deny(List.of(hash("c")), "three");
      }
      try (Policy policy = open()) {
        assertThat(policy.size()).isEqualTo(2);
        assertThat(policy.denied(hash("c"))).isNotNull();
      }
    }
    assertThat(state.resolve("policy.journal.damaged")).doesNotExist();
  }

  @Test
  void aDamagedLineCostsOnlyItself() throws IOException {
    try (Policy policy = open()) {
      policy.deny(List.of(A), "one");
      policy.deny(List.of(B), "two");
    }
    byte[] bytes = Files.readAllBytes(file());
    bytes[20] ^= 1;
    Files.write(file(), bytes);
    try (Policy policy = open()) {
      assertThat(policy.denied(A)).isNull();
      assertThat(policy.denied(B)).isNotNull();
    }
    assertThat(state.resolve("policy.journal.damaged")).hasBinaryContent(bytes);
  }

  @Test
  void historyIsDropped() throws IOException {
    try (Policy policy = open()) {
      for (int i = 0; i < 600; i++) {
        policy.deny(List.of(A), "round " + i);
        policy.allow(List.of(A));
      }
      policy.deny(List.of(B), "stays");
    }
    long before = Files.size(file());
    open().close();
    assertThat(Files.size(file())).isLessThan(before / 100);
    try (Policy policy = open()) {
      policy.deny(List.of(A), "after");
    }
    try (Policy policy = open()) {
      assertThat(policy.denied(A)).contains("after");
      assertThat(policy.denied(B)).contains("stays");
      assertThat(policy.size()).isEqualTo(2);
    }
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Files.createDirectory(file());
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("journal");
  }

  /** Random entries come back; any change of a byte is noticed. */
  @Test
  void linesAreReadBack() throws Exception {
    long seed = System.nanoTime();
    System.out.println("PolicyTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      Hash hash = hash("x" + i);
      PolicyEntry entry =
          switch (random.nextInt(3)) {
            case 0 -> new PolicyEntry.Deny(hash, random.nextLong(), "why ü " + random.nextInt());
            case 1 -> new PolicyEntry.Allow(hash, random.nextLong());
            default -> forget(hash, random.nextLong(), random.nextLong());
          };
      assertThat(PolicyEntry.parse(entry.line())).isEqualTo(entry);
      StringBuilder bad = new StringBuilder(entry.line());
      int at = random.nextInt(bad.length());
      bad.setCharAt(at, bad.charAt(at) == 'q' ? 'r' : 'q');
      assertThatThrownBy(() -> PolicyEntry.parse(bad.toString())).as("%s", bad).isNotNull();
    }
  }
}
