package org.veilor.seed.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketNumbersTest {
  /** RFC 9000 Appendix A.2 and A.3. */
  @Test
  void samplesOfTheRfc() {
    assertThat(PacketNumbers.encodedLength(0xac5c02, 0xabe8b3)).isEqualTo(2);
    assertThat(PacketNumbers.encodedLength(0xace8fe, 0xabe8b3)).isEqualTo(3);
    assertThat(PacketNumbers.decode(0xa82f30ea, 0x9b32, 2)).isEqualTo(0xa82f9b32);
  }

  @Test
  void theFirstPacketTakesOneByte() {
    assertThat(PacketNumbers.encodedLength(0, -1)).isEqualTo(1);
    assertThat(PacketNumbers.decode(-1, 0, 1)).isZero();
    assertThat(PacketNumbers.decode(-1, 255, 1)).isEqualTo(255);
  }

  @Test
  void decodeStaysInRange() {
    assertThat(PacketNumbers.decode(PacketNumbers.MAX - 1, 0xff, 1)).isEqualTo(PacketNumbers.MAX);
    assertThat(PacketNumbers.decode(PacketNumbers.MAX - 1, 0, 1))
        .isEqualTo(PacketNumbers.MAX - 255);
  }

  @Test
  void whatIsEncodedForWhatIsInFlightDecodes() {
    long seed = 20261121;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long largestAcked = random.nextLong(-1, 1L << random.nextInt(1, 61));
      long packetNumber = largestAcked + 1 + random.nextLong(1L << random.nextInt(1, 30));
      int length = PacketNumbers.encodedLength(packetNumber, largestAcked);
      ByteBuffer out = ByteBuffer.allocate(4);
      PacketNumbers.write(out, packetNumber, length);
      assertThat(out.position()).isEqualTo(length);
      long truncated = 0;
      for (int k = 0; k < length; k++) {
        truncated = truncated << 8 | (out.get(k) & 0xff);
      }
      // The peer has received at least what it acknowledged, at most what is before this packet.
      long largestReceived = random.nextLong(largestAcked, packetNumber);
      assertThat(PacketNumbers.decode(largestReceived, truncated, length))
          .as("seed %d, step %d", seed, i)
          .isEqualTo(packetNumber);
    }
  }
}
