package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veilor.seed.node.gateway.Preconditions.Outcome;

/** RFC 9110 section 13 for a representation with the entity tag {@code "aa"}. */
class PreconditionsTest {
  private static final String ETAG = "\"aa\"";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          If-None-Match | "aa"             | NOT_MODIFIED
          If-None-Match | W/"aa"           | NOT_MODIFIED
          If-None-Match | *                | NOT_MODIFIED
          If-None-Match | "b", "aa"        | NOT_MODIFIED
          If-None-Match | "b",, W/"aa" ,"c"| NOT_MODIFIED
          If-None-Match | "b, aa"          | PROCEED
          If-None-Match | "b"              | PROCEED
          If-None-Match | aa               | PROCEED
          If-None-Match | "aa              | PROCEED
          If-None-Match | "b" "aa"         | PROCEED
          If-None-Match | w/"aa"           | PROCEED
          If-Match      | "aa"             | PROCEED
          If-Match      | *                | PROCEED
          If-Match      | "x","aa"         | PROCEED
          If-Match      | W/"aa"           | FAILED
          If-Match      | "x"              | FAILED
          If-Match      | x                | FAILED
          If-Modified-Since | Sat, 29 Oct 1994 19:43:31 GMT | PROCEED
          If-Unmodified-Since | Sat, 29 Oct 1994 19:43:31 GMT | PROCEED
          """)
  void oneCondition(String name, String value, Outcome outcome) {
    assertThat(Preconditions.evaluate(new Fields().add(name, value), ETAG)).isEqualTo(outcome);
  }

  @Test
  void severalLinesAreOneListAndIfMatchComesFirst() {
    Fields lines = new Fields().add("If-None-Match", "\"b\"").add("if-none-match", ETAG);
    assertThat(Preconditions.evaluate(lines, ETAG)).isEqualTo(Outcome.NOT_MODIFIED);
    lines.add("If-Match", "\"b\"");
    assertThat(Preconditions.evaluate(lines, ETAG)).isEqualTo(Outcome.FAILED);
  }

  @Test
  void thereIsAnEndToLists() {
    assertThat(
            Preconditions.evaluate(
                new Fields().add("If-None-Match", "\"b\",".repeat(64) + ETAG), ETAG))
        .isEqualTo(Outcome.PROCEED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          "aa"   | true
          W/"aa" | false
          "b"    | false
          Sat, 29 Oct 1994 19:43:31 GMT | false
          """)
  void ifRange(String value, boolean holds) {
    assertThat(Preconditions.rangeHolds(new Fields().add("If-Range", value), ETAG))
        .isEqualTo(holds);
  }

  @Test
  void withoutIfRangeARangeHolds() {
    assertThat(Preconditions.rangeHolds(new Fields(), ETAG)).isTrue();
  }
}
