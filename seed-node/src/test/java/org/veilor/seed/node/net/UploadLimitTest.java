package org.veilor.seed.node.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UploadLimitTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void unlimitedNeverWaits() {
    UploadLimit limit = new UploadLimit(Long.MAX_VALUE);
    assertThat(limit.take(1 << 30, 0)).isZero();
    assertThat(limit.take(1 << 30, 0)).isZero();
  }

  @Test
  void keepsTheRateOverTime() {
    UploadLimit limit = new UploadLimit(1_000_000);
    long now = 0;
    long sent = 0;
    while (now < 10 * SECOND) {
      sent += 64 * 1024;
      now += limit.take(64 * 1024, now);
    }
    // A quarter of a second may come at once at the beginning, and one portion at the end.
    assertThat(sent).isBetween(9_900_000L, 10_000_000L + 250_000 + 64 * 1024);
  }

  @Test
  void aPauseEarnsNoMoreThanTheBurst() {
    UploadLimit limit = new UploadLimit(1_000_000);
    limit.take(1_000_000, 0);
    long later = 100 * SECOND;
    assertThat(limit.take(250_000, later)).isZero();
    assertThat(limit.take(1_000_000, later)).isEqualTo(SECOND);
  }
}
