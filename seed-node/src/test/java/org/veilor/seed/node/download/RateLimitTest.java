package org.veilor.seed.node.download;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
  private static final long SECOND = 1_000_000_000L;

  /** Takes as often as allowed for ten seconds; how many bytes each taker got. */
  private static long[] run(RateLimit<Integer> limit, int[] piece, long[] leastWait) {
    long[] got = new long[piece.length];
    long[] next = new long[piece.length];
    for (long now = 0; now < 10 * SECOND; now += 1_000_000) {
      for (int i = 0; i < piece.length; i++) {
        if (now >= next[i]) {
          got[i] += piece[i];
          next[i] = now + Math.max(leastWait[i], limit.take(i, piece[i], now));
        }
      }
    }
    return got;
  }

  @Test
  void aloneOneGetsAll() {
    long[] got = run(new RateLimit<>(1_000_000), new int[] {16_000}, new long[] {0});
    assertThat(got[0]).isBetween(9_500_000L, 11_000_000L);
  }

  @Test
  void greedyOnesGetTheSame() {
    long[] got =
        run(new RateLimit<>(1_000_000), new int[] {16_000, 4_000, 60_000}, new long[] {0, 0, 0});
    assertThat(got[0] + got[1] + got[2]).isBetween(9_000_000L, 12_500_000L);
    for (long each : got) {
      assertThat(each).isBetween(2_500_000L, 4_500_000L);
    }
  }

  @Test
  void whatOneLeavesTheOtherTakes() {
    // The first is slow of its own: 100,000 bytes a second.
    long[] got =
        run(new RateLimit<>(1_000_000), new int[] {10_000, 16_000}, new long[] {SECOND / 10, 0});
    assertThat(got[0]).isBetween(900_000L, 1_100_000L);
    assertThat(got[1]).isBetween(7_500_000L, 10_500_000L);
  }
}
