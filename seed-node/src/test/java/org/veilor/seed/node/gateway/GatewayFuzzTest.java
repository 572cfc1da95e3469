package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.veilor.seed.node.gateway.RangeField.Selection;
import org.veilor.seed.node.gateway.RequestHeadParser.Parsed;

/** Whatever a client writes into its request is read or refused, and never both. */
class GatewayFuzzTest {
  private static String text(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }

  @FuzzTest
  void aHeadIsReadOrRefused(byte[] input) {
    if (RequestHeadParser.parse(input) instanceof Parsed.Good(RequestHead head)) {
      String text = text(input);
      assertThat(text)
          .startsWith(head.method() + " " + head.target() + " HTTP/1.")
          .endsWith("\r\n");
      assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
      assertThat(head.fields().has("Transfer-Encoding")).isFalse();
      assertThat(head.fields().all("Content-Length")).hasSizeLessThan(2);
      assertThat(head.bodyBytes()).isBetween(0L, (long) GatewayLimits.MAX_DRAINED_BODY_BYTES);
      // one line of text for the line, each field, and the empty line: nothing joined, nothing lost
      assertThat(text.split("\r\n", -1)).hasSize(head.fields().size() + 3);
    }
  }

  @FuzzTest
  void aPathStaysBelowItsService(byte[] input) {
    String target = text(input);
    switch (Route.parse(target)) {
      case Route.ServicePath(String service, String path, String _) -> {
        Path root = Path.of("/srv");
        Path folder = root.resolve(service).normalize();
        assertThat(folder.getParent()).isEqualTo(root);
        Path file = folder.resolve(path);
        assertThat(file.normalize()).isEqualTo(file);
        assertThat(file.startsWith(folder)).isTrue();
        assertThat(file).isNotEqualTo(folder);
        assertThat(path).doesNotContain("//", "\\").doesNotStartWith("/").doesNotEndWith("/");
      }
      case Route.Moved(String location) -> assertThat(location).matches("/s/[A-Za-z0-9._-]+/");
      case Route.Blob(var hash) -> assertThat(target).contains("/blobs/").isNotNull();
      case Route.Bad(String reason) -> assertThat(reason).isNotEmpty();
      case Route other -> assertThat(other).isNotNull();
    }
  }

  @FuzzTest
  void rangesLieInsideAndApart(byte[] input) {
    String text = text(input);
    int comma = text.indexOf('|');
    long sizeBytes = comma < 0 ? 1000 : Math.max(0, HttpText.number(text.substring(0, comma)));
    if (RangeField.select(List.of(text.substring(comma + 1)), sizeBytes)
        instanceof Selection.Parts(List<ByteRange> ranges)) {
      long end = -1;
      for (ByteRange range : ranges) {
        assertThat(range.first()).isGreaterThan(end);
        assertThat(range.until()).isGreaterThan(range.first()).isLessThanOrEqualTo(sizeBytes);
        end = range.until();
      }
      assertThat(ranges).isNotEmpty().hasSizeLessThanOrEqualTo(GatewayLimits.MAX_RANGES);
    }
  }

  @FuzzTest
  void conditionsAndHostsHaveAnOutcome(byte[] input) {
    String text = text(input);
    String etag = "\"aa\"";
    boolean named = text.contains(etag) || text.strip().equals("*");
    Fields none = new Fields().add("If-None-Match", text);
    assertThat(Preconditions.evaluate(none, etag) != Preconditions.Outcome.NOT_MODIFIED || named)
        .isTrue();
    Fields match = new Fields().add("If-Match", text);
    assertThat(Preconditions.evaluate(match, etag) != Preconditions.Outcome.PROCEED || named)
        .isTrue();
    Host host = Host.parse(text);
    if (host != null) {
      assertThat(text).doesNotContain("/", "@", " ", "\r", "\n", "\\", "?", "#");
      assertThat(host.port()).isBetween(-1, 65_535);
    }
  }
}
