package org.veilor.seed.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.testing.Vectors;

/** Postcard, hex and base32 at their edges. */
class WireTest {
  static List<JsonNode> varints() {
    return Vectors.list(Vectors.blobs().get("varints"));
  }

  @ParameterizedTest
  @MethodSource("varints")
  void varintVectors(JsonNode vector) throws MalformedException {
    long value = Long.parseUnsignedLong(vector.get("value").asText());
    byte[] bytes = Vectors.hex(vector.get("hex").asText());
    assertThat(new PostcardWriter().writeVarint(value).toBytes()).isEqualTo(bytes);
    PostcardReader in = new PostcardReader(bytes);
    assertThat(in.readU64()).isEqualTo(value);
    assertThat(in.remaining()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"8000, 0", "858000, 5", "80808080808080808000, 0", "ffffffffffffffffff01, -1"})
  void longNumbersAreRead(String hex, long value) throws MalformedException {
    assertThat(new PostcardReader(Vectors.hex(hex)).readU64()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "80",
        "ffffffffffffffffff02",
        "ffffffffffffffffff8100",
        "ffffffffffffffffffff01"
      })
  void numbersThatDoNotFitAreMalformed(String hex) {
    assertThatThrownBy(() -> new PostcardReader(Vectors.hex(hex)).readU64())
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void narrowNumbersHaveTheirOwnLimits() throws MalformedException {
    assertThat(new PostcardReader(Vectors.hex("ffff03")).readU16()).isEqualTo(65535);
    assertThatThrownBy(() -> new PostcardReader(Vectors.hex("808004")).readU16())
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new PostcardReader(Vectors.hex("80808000")).readU16())
        .isInstanceOf(MalformedException.class);
    assertThat(new PostcardReader(Vectors.hex("ffffffff0f")).readU32()).isEqualTo(0xffffffffL);
    assertThatThrownBy(() -> new PostcardReader(Vectors.hex("8080808010")).readU32())
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void countsAreCheckedAgainstTheLimitAndTheBytesThatAreLeft() throws MalformedException {
    assertThat(new PostcardReader(Vectors.hex("020000")).readCount(2, 1)).isEqualTo(2);
    for (String hex : List.of("03000000", "0200", "ffffffffffffffffff01")) {
      assertThatThrownBy(() -> new PostcardReader(Vectors.hex(hex)).readCount(2, 1))
          .as(hex)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void textsAreUtf8() throws MalformedException {
    byte[] bytes = new PostcardWriter().writeText("aä€").toBytes();
    assertThat(bytes).isEqualTo(Vectors.hex("0661c3a4e282ac"));
    assertThat(new PostcardReader(bytes).readText(6)).isEqualTo("aä€");
    assertThatThrownBy(() -> new PostcardReader(bytes).readText(5))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new PostcardReader(Vectors.hex("02ffff")).readText(6))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void readerStaysInsideItsSlice() throws MalformedException {
    PostcardReader in = new PostcardReader(new byte[] {1, 2, 3, 4}, 1, 2);
    assertThat(in.readFixed(2)).containsExactly(2, 3);
    assertThatThrownBy(in::readU8).isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @EnumSource(Base32.class)
  void base32ReadsWhatItWrites(Base32 base32) throws MalformedException {
    Random random = new Random(32);
    for (int length = 0; length < 70; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      String text = base32.encode(bytes);
      assertThat(text).hasSize((length * 8 + 4) / 5);
      assertThat(base32.decode(text)).isEqualTo(bytes);
      assertThat(base32.decode(text.toUpperCase(java.util.Locale.ROOT))).isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "aaa", "aaaaaa", "ab", "ae======", " ae", "a1", "a0", "aé"})
  void base32RejectsOtherTexts(String text) {
    assertThatThrownBy(() -> Base32.RFC4648.decode(text)).isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "0g", "0A", "٠٠"})
  void lowerHexRejectsOtherTexts(String text) {
    assertThatThrownBy(() -> Hex.decodeLower(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void hexInEitherCase() throws MalformedException {
    assertThat(Hex.decodeAnyCase("0aFf")).isEqualTo(new byte[] {10, -1});
  }
}
