package org.veilor.seed.node.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryGuardTest {
  private final List<Long> closed = new ArrayList<>();
  private int livePercent;

  private final MemoryGuard guard =
      new MemoryGuard(
          new MemoryGuard.Heap() {
            @Override
            public int livePercent() {
              return livePercent;
            }

            @Override
            public void collect() {
              livePercent = 0;
            }
          });

  private MemoryGuard.Holder holder(long bytes) {
    return holder(bytes, true);
  }

  private MemoryGuard.Holder holder(long bytes, boolean isSlow) {
    return new MemoryGuard.Holder() {
      @Override
      public long heldBytes() {
        return bytes;
      }

      @Override
      public boolean isSlow() {
        return isSlow;
      }

      @Override
      public void close() {
        closed.add(bytes);
      }
    };
  }

  @Test
  void closesAnEighthOfTheGreedyTheWorstFirst() {
    long share = MemoryGuard.SHARE_BYTES;
    List<MemoryGuard.Holder> holders = new ArrayList<>();
    for (int i = 0; i <= 20; i++) {
      holders.add(holder(share + i)); // 20 hold more than their share
      holders.add(holder(share - i));
    }
    assertThat(guard.relieve(holders)).isEqualTo(3);
    assertThat(closed).containsExactly(share + 20, share + 19, share + 18);
    assertThat(guard.closed()).isEqualTo(3);
  }

  @Test
  void theSlowGoBeforeTheGreedy() {
    long share = MemoryGuard.SHARE_BYTES;
    guard.relieve(List.of(holder(100 * share, false), holder(2 * share, true)));
    assertThat(closed).containsExactly(2 * share);
  }

  @Test
  void neverClosesWhoHoldsHisShare() {
    assertThat(guard.relieve(List.of(holder(0), holder(MemoryGuard.SHARE_BYTES)))).isZero();
    assertThat(closed).isEmpty();
  }

  @Test
  void isFullFromAThresholdOn() {
    livePercent = MemoryGuard.FULL_PERCENT - 1;
    assertThat(guard.isFull()).isFalse();
    livePercent++;
    assertThat(guard.isFull()).isTrue();
    guard.collect();
    assertThat(guard.isFull()).isFalse();
  }

  @Test
  void thisJvmHasAnOldGeneration() {
    OldGeneration heap = new OldGeneration();
    heap.collect();
    assertThat(heap.livePercent()).isBetween(0, 99);
  }
}
