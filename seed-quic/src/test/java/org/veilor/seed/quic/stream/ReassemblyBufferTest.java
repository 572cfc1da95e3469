package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReassemblyBufferTest {
  private static byte at(long offset) {
    return (byte) (offset * 17 + (offset >> 7));
  }

  /** The bytes inside a larger buffer, as in a packet. */
  private static ByteBuffer piece(long offset, int length) {
    ByteBuffer packet = ByteBuffer.allocate(length + 11);
    packet.position(5);
    for (int i = 0; i < length; i++) {
      packet.put(at(offset + i));
    }
    return packet.flip().position(5);
  }

  private static boolean insert(ReassemblyBuffer buffer, long offset, int length) {
    ByteBuffer piece = piece(offset, length);
    boolean result = buffer.insert(offset, piece);
    assertThat(piece.position()).isEqualTo(5);
    return result;
  }

  private static void readAndCheck(ReassemblyBuffer buffer, int most) {
    byte[] target = new byte[most + 2];
    long offset = buffer.readOffset();
    int expected = Math.min(most, buffer.readableBytes());
    int done = buffer.read(target, 1, most);
    assertThat(done).isEqualTo(expected);
    assertThat(buffer.readOffset()).isEqualTo(offset + done);
    byte[] wanted = new byte[done];
    for (int i = 0; i < done; i++) {
      wanted[i] = at(offset + i);
    }
    assertThat(Arrays.copyOfRange(target, 1, 1 + done)).isEqualTo(wanted);
  }

  @Test
  void inOrderDataWaitsForNothing() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(10);
    for (int i = 0; i < 100; i++) {
      assertThat(insert(buffer, 1200L * i, 1200)).isTrue();
    }
    assertThat(buffer.gaps()).isZero();
    assertThat(buffer.readableBytes()).isEqualTo(120_000);
    assertThat(buffer.chunkCount()).as("grouped").isLessThan(12);
    readAndCheck(buffer, 100_000);
    readAndCheck(buffer, 100_000);
    assertThat(buffer.readableBytes()).isZero();
  }

  @Test
  void overlapsAndDuplicatesAreDropped() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(10);
    insert(buffer, 10, 10);
    insert(buffer, 30, 10);
    insert(buffer, 12, 5);
    insert(buffer, 5, 40);
    assertThat(buffer.gaps()).isEqualTo(1);
    assertThat(buffer.bufferedBytes()).isEqualTo(40);
    insert(buffer, 0, 7);
    assertThat(buffer.gaps()).isZero();
    assertThat(buffer.readableBytes()).isEqualTo(45);
    insert(buffer, 20, 20);
    readAndCheck(buffer, 45);
    insert(buffer, 0, 45);
    assertThat(buffer.readableBytes()).isZero();
    assertThat(insert(buffer, 45, 0)).isTrue();
  }

  @Test
  void tooManyPiecesAreRefused() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(1024);
    for (int i = 0; i < 1024; i++) {
      assertThat(insert(buffer, 2L * i + 1, 1)).as("piece %d", i).isTrue();
    }
    assertThat(insert(buffer, 2049, 1)).isFalse();
  }

  @Test
  void oneLostPacketInAFullWindowIsOnePiece() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(1024);
    for (int i = 1; i < 7000; i++) {
      assertThat(insert(buffer, 1200L * i, 1200)).isTrue();
    }
    assertThat(buffer.gaps()).isEqualTo(1);
    assertThat(buffer.chunkCount()).isLessThan(7000 / 10);
    insert(buffer, 0, 1200);
    assertThat(buffer.readableBytes()).isEqualTo(7000 * 1200);
    readAndCheck(buffer, 7000 * 1200);
  }

  @Test
  void packetsInReverseOrderAreOnePiece() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(2);
    for (int i = 999; i >= 0; i--) {
      assertThat(insert(buffer, 1200L * i, 1200)).isTrue();
    }
    assertThat(buffer.readableBytes()).isEqualTo(1_200_000);
    readAndCheck(buffer, 1_200_000);
  }

  @Test
  void singleBytesInReverseOrderDoNotCostManyTimesTheirSize() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(1024);
    int size = 200_000;
    int most = 0;
    for (int i = size - 1; i >= 0; i--) {
      buffer.insert(i, piece(i, 1));
      most = Math.max(most, buffer.chunkCount());
    }
    assertThat(most).isLessThanOrEqualTo(ReassemblyBuffer.SPARE_CHUNKS + size / 1024 + 1);
    readAndCheck(buffer, size);
  }

  @Test
  void singleBytesInOrderShareArrays() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(1024);
    for (int i = 0; i < 100_000; i++) {
      buffer.insert(i, piece(i, 1));
    }
    assertThat(buffer.chunkCount()).isLessThan(30);
    readAndCheck(buffer, 100_000);
  }

  @Test
  void discardingFreesEverything() {
    ReassemblyBuffer buffer = new ReassemblyBuffer(10);
    insert(buffer, 0, 100);
    insert(buffer, 200, 100);
    buffer.discardWaiting();
    assertThat(buffer.bufferedBytes()).isEqualTo(100);
    readAndCheck(buffer, 50);
    buffer.discard();
    assertThat(buffer.bufferedBytes()).isZero();
    assertThat(buffer.chunkCount()).isZero();
  }

  /** Compared with a bit set of the offsets that arrived. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void behavesLikeASetOfOffsets(long seed) {
    Random random = new Random(seed);
    int maxLength = 1 + random.nextInt(60);
    ReassemblyBuffer buffer = new ReassemblyBuffer(1000);
    BitSet arrived = new BitSet();
    for (int i = 0; i < 3000; i++) {
      long base = buffer.readOffset();
      long offset = Math.max(0, base - 20 + random.nextInt(1000));
      int length = random.nextInt(maxLength + 1);
      assertThat(insert(buffer, offset, length)).isTrue();
      arrived.set((int) offset, (int) offset + length);
      arrived.set(0, (int) base);
      int contiguous = arrived.nextClearBit(0);
      assertThat(buffer.contiguousEnd()).as("seed %d step %d", seed, i).isEqualTo(contiguous);
      assertThat(buffer.bufferedBytes())
          .as("seed %d step %d", seed, i)
          .isEqualTo(arrived.cardinality() - (int) base);
      if (random.nextInt(4) == 0) {
        readAndCheck(buffer, random.nextInt(200));
      }
    }
  }
}
