package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veilor.seed.node.gateway.RangeField.Selection;

/** RFC 9110 section 14, line by line; examples of section 14.1.2 with its 10,000 bytes. */
class RangeFieldTest {
  private static String select(String value, long sizeBytes) {
    return switch (RangeField.select(List.of(value), sizeBytes)) {
      case Selection.Whole() -> "whole";
      case Selection.Unsatisfiable(String _) -> "416";
      case Selection.Parts(List<ByteRange> ranges) ->
          ranges.stream()
              .map(r -> r.first() + "-" + (r.until() - 1))
              .collect(Collectors.joining(" "));
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=0-499                | 10000 | 0-499
          bytes=500-999              | 10000 | 500-999
          bytes=-500                 | 10000 | 9500-9999
          bytes=9500-                | 10000 | 9500-9999
          bytes=0-0,-1               | 10000 | 0-0 9999-9999
          bytes= 0-999, 4500-5499, -1000 | 10000 | 0-999 4500-5499 9000-9999
          bytes=500-600,601-999      | 10000 | 500-999
          bytes=500-700,601-999      | 10000 | 500-999
          bytes=9000-9001,0-1        | 10000 | 0-1 9000-9001
          bytes=0-                   | 10000 | 0-9999
          bytes=0-20000              | 10000 | 0-9999
          bytes=-20000               | 10000 | 0-9999
          BYTES=1-2                  | 10000 | 1-2
          bytes=,,1-2,,              | 10000 | 1-2
          bytes=9999-99999999999999999999999 | 10000 | 9999-9999
          bytes=1-2,20000-           | 10000 | 1-2
          bytes=10000-               | 10000 | 416
          bytes=99999999999999999999999- | 10000 | 416
          bytes=-0                   | 10000 | 416
          bytes=0-                   | 0     | 416
          bytes=-5                   | 0     | whole
          bytes=2-1                  | 10000 | whole
          bytes=1-2,2-1              | 10000 | whole
          bytes=                     | 10000 | whole
          bytes=,                    | 10000 | whole
          bytes=a-b                  | 10000 | whole
          bytes=1                    | 10000 | whole
          bytes=1--2                 | 10000 | whole
          bytes=+1-2                 | 10000 | whole
          bytes=0x1-2                | 10000 | whole
          bytes 1-2                  | 10000 | whole
          seconds=1-2                | 10000 | whole
          """)
  void rangesAreReadAsTheRfcSays(String value, long sizeBytes, String selected) {
    assertThat(select(value, sizeBytes)).isEqualTo(selected);
  }

  @Test
  void noneAndSeveralFieldsAreIgnored() {
    assertThat(RangeField.select(List.of(), 10)).isEqualTo(new Selection.Whole());
    assertThat(RangeField.select(List.of("bytes=0-1", "bytes=2-3"), 10))
        .isEqualTo(new Selection.Whole());
  }

  private static String many(int count, int step) {
    return IntStream.range(0, count)
        .mapToObj(i -> i * step + "-" + i * step)
        .collect(Collectors.joining(",", "bytes=", ""));
  }

  @Test
  void tooManyRangesAreRefused() {
    assertThat(select(many(16, 2), 10_000)).contains("30-30");
    assertThat(select(many(17, 2), 10_000)).isEqualTo("416");
    assertThat(select(many(64, 1), 10_000)).isEqualTo("0-63");
    assertThat(select(many(65, 1), 10_000)).isEqualTo("416");
  }
}
