package org.veilor.seed.quic.recovery;

import org.veilor.seed.quic.RandomSource;

/**
 * Chooses packet numbers to leave out (RFC 9000 §21.4): a peer that acknowledges what it did not
 * receive, to make us send faster, sooner or later acknowledges one of these.
 *
 * <p>One number at random in 0..63, one in 64..127, one in 128..255 and so on, like noq's
 * PacketNumberFilter: often enough early, and rare for ever after.
 */
final class SkippedNumbers {
  private static final int FIRST_EXPONENT = 6;
  private static final int MAX_EXPONENT = 62;

  private final RandomSource random;
  private final long[] skipped = new long[MAX_EXPONENT];
  private int count;
  private int exponent = FIRST_EXPONENT;
  private long nextToSkip;

  SkippedNumbers(RandomSource random) {
    this.random = random;
    // Never number 0: the first packet of a connection is not worth the risk of a surprise.
    this.nextToSkip = 1 + Long.remainderUnsigned(random.nextLong(), (1L << FIRST_EXPONENT) - 1);
  }

  boolean skips(long packetNumber) {
    return packetNumber == nextToSkip;
  }

  /** Whether one of the numbers left out so far lies in a closed range. */
  boolean anyIn(long smallest, long largest) {
    for (int i = 0; i < count; i++) {
      if (skipped[i] >= smallest && skipped[i] <= largest) {
        return true;
      }
    }
    return false;
  }

  void onSkipped() {
    if (count < skipped.length) {
      skipped[count++] = nextToSkip;
    }
    long from = 1L << exponent;
    nextToSkip = from + Long.remainderUnsigned(random.nextLong(), from);
    exponent = Math.min(exponent + 1, MAX_EXPONENT);
  }
}
