package org.veilor.seed.node.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;

class GatheredChunksTest {
  private final GatheredChunks gathered = new GatheredChunks(new GatheredChunks.Pool());

  private static BaoItem.Leaf group(long number, int lengthBytes) {
    long start = number * BaoTree.GROUP_CHUNKS;
    long end = start + Math.ceilDiv(lengthBytes, BaoTree.CHUNK_BYTES);
    return new BaoItem.Leaf(start, end, false, lengthBytes);
  }

  @Test
  void whatFollowsIsTakenUntilTheMemoryIsFull() {
    byte[] bytes = new byte[BaoTree.GROUP_BYTES];
    new Random(1).nextBytes(bytes);
    int count = 0;
    while (gathered.append(group(100 + count, bytes.length), bytes)) {
      count++;
    }
    assertThat(count).isEqualTo(16);
    assertThat(gathered.bytes().remaining()).isEqualTo(count * BaoTree.GROUP_BYTES);
    assertThat(gathered.startChunk()).isEqualTo(1600);
    assertThat(gathered.endChunk()).isEqualTo(1600 + 256);
    assertThat(gathered.contains(1599)).isFalse();
    assertThat(gathered.contains(1855)).isTrue();
    assertThat(gathered.contains(1856)).isFalse();
    assertThat(gathered.group(1616)).isEqualTo(bytes);
  }

  @Test
  void theShortEndOfABlobIsTakenAndNothingBehindAGap() {
    byte[] first = new byte[BaoTree.GROUP_BYTES];
    byte[] last = new byte[1500];
    Arrays.fill(last, (byte) 7);
    assertThat(gathered.isEmpty()).isTrue();
    assertThat(gathered.append(group(3, first.length), first)).isTrue();
    assertThat(gathered.append(group(5, first.length), first)).isFalse();
    assertThat(gathered.append(group(4, last.length), last)).isTrue();
    assertThat(gathered.group(64)).isEqualTo(last);
    assertThat(gathered.endChunk()).isEqualTo(66);

    gathered.clear();
    assertThat(gathered.isEmpty()).isTrue();
    assertThat(gathered.bytes()).isEqualTo(ByteBuffer.allocate(0));
    assertThat(gathered.append(group(9, last.length), last)).isTrue();
    assertThat(gathered.startChunk()).isEqualTo(144);
  }
}
