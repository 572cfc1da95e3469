package org.veilor.seed.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarIntTest {
  /** RFC 9000 Appendix A.1, and the bounds of every length. */
  @ParameterizedTest
  @CsvSource({
    "c2197c5eff14e88c, 151288809941952652",
    "9d7f3e7d, 494878333",
    "7bbd, 15293",
    "25, 37",
    "00, 0",
    "3f, 63",
    "4040, 64",
    "7fff, 16383",
    "80004000, 16384",
    "bfffffff, 1073741823",
    "c000000040000000, 1073741824",
    "ffffffffffffffff, 4611686018427387903"
  })
  void writesAndReads(String hex, long value) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(VarInt.read(ByteBuffer.wrap(bytes))).isEqualTo(value);
    assertThat(VarInt.size(value)).isEqualTo(bytes.length);
    ByteBuffer out = ByteBuffer.allocate(8);
    VarInt.write(out, value);
    assertThat(Arrays.copyOf(out.array(), out.position())).isEqualTo(bytes);
    for (int i = 0; i < bytes.length; i++) {
      ByteBuffer shortened = ByteBuffer.wrap(bytes, 0, i);
      assertThatThrownBy(() -> VarInt.read(shortened)).isInstanceOf(BufferUnderflowException.class);
    }
  }

  @Test
  void readsLongerEncodingsThanNeeded() {
    assertThat(VarInt.read(ByteBuffer.wrap(HexFormat.of().parseHex("4025")))).isEqualTo(37);
  }

  @Test
  void writesTwoBytesForSmallNumbersToo() {
    ByteBuffer out = ByteBuffer.allocate(4);
    VarInt.writeTwoBytes(out, 5);
    VarInt.writeTwoBytes(out, 16383);
    assertThat(out.array()).isEqualTo(HexFormat.of().parseHex("40057fff"));
    assertThatThrownBy(() -> VarInt.writeTwoBytes(out, 16384))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, VarInt.MAX + 1})
  void refusesOtherNumbers(long value) {
    assertThatThrownBy(() -> VarInt.size(value)).isInstanceOf(IllegalArgumentException.class);
  }
}
