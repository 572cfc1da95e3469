package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veilor.seed.node.gateway.RequestHeadParser.Parsed;

/** RFC 9112: framing that two readers could understand differently has no answer but an error. */
class RequestHeadParserTest {
  static Parsed parse(String head) {
    return RequestHeadParser.parse(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static RequestHead good(String head) {
    return ((Parsed.Good) parse(head)).head();
  }

  private static int status(String head) {
    return parse(head) instanceof Parsed.Bad bad ? bad.status() : 0;
  }

  @Test
  void aRequestIsRead() {
    RequestHead head =
        good(
            "GET /a?b HTTP/1.1\r\nHost: x:1\r\nrange:\t bytes=0- \r\nX-Empty:\r\nA: \u00e4\r\n\r\n");
    assertThat(head.method()).isEqualTo("GET");
    assertThat(head.target()).isEqualTo("/a?b");
    assertThat(head.fields().first("RANGE")).isEqualTo("bytes=0-");
    assertThat(head.fields().first("x-empty")).isEmpty();
    assertThat(head.fields().first("a")).isEqualTo("\u00e4");
    assertThat(head.keepAlive()).isTrue();
    assertThat(head.bodyBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, X: y, true",
    "1.1, Connection: close, false",
    "1.1, 'Connection: a, Close', false",
    "1.1, Expect: 100-continue, false",
    "1.0, X: y, false",
    "1.0, Connection: keep-alive, true"
  })
  void connectionsAreKept(String version, String field, boolean kept) {
    assertThat(good("GET / HTTP/" + version + "\r\nHost: x\r\n" + field + "\r\n\r\n").keepAlive())
        .isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({
    "GET  / HTTP/1.1, 400",
    "' GET / HTTP/1.1', 400",
    "'GET / HTTP/1.1 ', 400",
    "'GET\t/\tHTTP/1.1', 400",
    "GET /, 400",
    "G(T / HTTP/1.1, 400",
    "GET /\u00e4 HTTP/1.1, 400",
    "GET /\u007f HTTP/1.1, 400",
    "GET / http/1.1, 400",
    "GET / HTTP/1.10, 400",
    "GET / HTTP/1.2, 505",
    "GET / HTTP/2.0, 505",
    "GET / HTTP/0.9, 505",
    "'GET /\r HTTP/1.1', 400"
  })
  void badRequestLines(String line, int status) {
    assertThat(status(line + "\r\nHost: x\r\n\r\n")).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({
    "'Content-Length: 1\r\nTransfer-Encoding: chunked', 400",
    "'Content-Length: 1\r\nContent-Length: 1', 400",
    "'Content-Length: 1\r\nContent-Length: 2', 400",
    "'Content-Length: 1,1', 400",
    "'Content-Length: +1', 400",
    "'Content-Length: -1', 400",
    "'Content-Length: 0x1', 400",
    "'Content-Length: 1 2', 400",
    "'Content-Length:', 400",
    "'Content-Length : 1', 400",
    "'Content-Length\t: 1', 400",
    "'Transfer-Encoding : chunked', 400",
    "'Transfer-Encoding: chunked', 501",
    "'Transfer-Encoding: xchunked', 501",
    "'Transfer-Encoding:\u000bchunked', 400",
    "'Content-Length: 65537', 413",
    "'Content-Length: 99999999999999999999999', 413",
    "'X: a\r\n folded', 400",
    "'X: a\r\n\tfolded', 400",
    "'X: a\nY: b', 400",
    "'X: a\rY: b', 400",
    "'X: a\u0000b', 400",
    "'no colon', 400",
    "': no name', 400",
    "'X[]: a', 400",
    "'Host: y', 400",
    "'Host: a b', 400"
  })
  void badFields(String lines, int status) {
    assertThat(status("GET / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n")).isEqualTo(status);
  }

  @Test
  void theHostMustBeThereOnce() {
    assertThat(status("GET / HTTP/1.1\r\n\r\n")).isEqualTo(400);
    assertThat(status("GET / HTTP/1.0\r\n\r\n")).isZero();
    assertThat(status("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")).isEqualTo(400);
    assertThat(status("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")).isEqualTo(400);
  }

  @Test
  void thereAreLimits() {
    String host = "Host: x\r\n";
    assertThat(status("GET /" + "a".repeat(4095) + " HTTP/1.1\r\n" + host + "\r\n")).isZero();
    assertThat(status("GET /" + "a".repeat(4096) + " HTTP/1.1\r\n" + host + "\r\n")).isEqualTo(414);
    String line = "GET / HTTP/1.1\r\n";
    assertThat(status(line + host + "a: b\r\n".repeat(99) + "\r\n")).isZero();
    assertThat(status(line + host + "a: b\r\n".repeat(100) + "\r\n")).isEqualTo(431);
  }

  @Test
  void http2WithPriorKnowledgeIsSeen() {
    assertThat(parse("PRI * HTTP/2.0\r\n\r\n")).isEqualTo(new Parsed.Http2Preface());
  }
}
