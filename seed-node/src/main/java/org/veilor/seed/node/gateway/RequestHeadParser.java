package org.veilor.seed.node.gateway;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.gateway.RequestHead.Version;

/**
 * Reads the head of an HTTP/1 request (RFC 9112), strictly: whatever two implementations could
 * understand differently is refused, because a proxy in front of us may be the other one. That is
 * why Netty's decoder is not used: it joins folded lines, takes several kinds of blanks in the
 * request line, and drops one of two contradicting lengths before anybody sees it.
 */
final class RequestHeadParser {
  /** What a head turns out to be. */
  sealed interface Parsed {
    /** A request that can be answered. */
    record Good(RequestHead head) implements Parsed {}

    /** The preface of HTTP/2 with prior knowledge (RFC 9113 section 3.4) begins here. */
    record Http2Preface() implements Parsed {}

    /** No request; the connection is closed after the answer. */
    record Bad(int status, String reason) implements Parsed {}
  }

  private static final class BadHead extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String reason;

    BadHead(int status, String reason) {
      super(reason, null, false, false);
      this.status = status;
      this.reason = reason;
    }
  }

  private RequestHeadParser() {}

  /**
   * Reads a head.
   *
   * @param head from the first byte of the request line to the end of the empty line
   */
  static Parsed parse(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    try {
      return text.startsWith("PRI * HTTP/2.0\r\n\r\n") ? new Parsed.Http2Preface() : request(text);
    } catch (BadHead e) {
      return new Parsed.Bad(e.status, e.reason);
    }
  }

  private static Parsed request(String text) throws BadHead {
    int lineEnd = text.indexOf("\r\n");
    if (lineEnd < 0 || !text.endsWith("\r\n\r\n")) {
      throw bad("the header section does not end with an empty line");
    }
    String[] words = text.substring(0, lineEnd).split(" ", -1);
    // RFC 9112 section 3: request-line = method SP request-target SP HTTP-version
    if (words.length != 3 || !HttpText.isToken(words[0]) || words[1].isEmpty()) {
      throw bad("the request line is not a method, a target and a version with single blanks");
    }
    if (words[1].length() > GatewayLimits.MAX_TARGET_BYTES) {
      throw new BadHead(414, "the address is longer than 4096 bytes");
    }
    if (!words[1].chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw bad("the address holds characters that must be percent-encoded");
    }
    Version version = version(words[2]);
    Fields fields = fields(text, lineEnd + 2);
    checkHost(fields, version);
    long bodyBytes = bodyBytes(fields, version);
    return new Parsed.Good(
        new RequestHead(
            words[0], words[1], version, fields, bodyBytes, isKeptAlive(fields, version)));
  }

  private static Version version(String word) throws BadHead {
    return switch (word) {
      case "HTTP/1.1" -> Version.HTTP_1_1;
      case "HTTP/1.0" -> Version.HTTP_1_0;
      default ->
          throw word.matches("HTTP/\\d\\.\\d")
              ? new BadHead(505, "this is a server for HTTP/1.1 and HTTP/2")
              : bad("the request line does not end with an HTTP version");
    };
  }

  private static Fields fields(String text, int start) throws BadHead {
    Fields fields = new Fields();
    int from = start;
    for (int end = text.indexOf("\r\n", from); end > from; end = text.indexOf("\r\n", from)) {
      if (fields.size() >= GatewayLimits.MAX_FIELDS) {
        throw new BadHead(431, "there are more than 100 header fields");
      }
      addField(fields, text.substring(from, end));
      from = end + 2;
    }
    if (from != text.length() - 2) {
      throw bad("there are bytes behind the header section");
    }
    return fields;
  }

  private static void addField(Fields fields, String line) throws BadHead {
    // RFC 9112 section 5.2: a server that receives an obs-fold MUST reject it or replace it
    if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
      throw bad("a header line is folded");
    }
    int colon = line.indexOf(':');
    // RFC 9112 section 5.1: A server MUST reject, with a response status code of 400, any received
    // request message that contains whitespace between a header field name and colon.
    if (colon <= 0 || !HttpText.isToken(line.substring(0, colon))) {
      throw bad("a header line has no proper name before its colon");
    }
    String value = line.substring(colon + 1);
    if (!value.chars().allMatch(HttpText::isFieldChar)) {
      throw bad("a header value holds control characters");
    }
    fields.add(line.substring(0, colon), strip(value));
  }

  /** Without blanks and tabs around; {@link String#strip} would take more than those. */
  private static String strip(String value) {
    int from = 0;
    int until = value.length();
    while (from < until && (value.charAt(from) == ' ' || value.charAt(from) == '\t')) {
      from++;
    }
    while (until > from && (value.charAt(until - 1) == ' ' || value.charAt(until - 1) == '\t')) {
      until--;
    }
    return value.substring(from, until);
  }

  private static void checkHost(Fields fields, Version version) throws BadHead {
    List<String> hosts = fields.all("Host");
    // RFC 9112 section 3.2: A server MUST respond with a 400 (Bad Request) status code to any
    // HTTP/1.1 request message that lacks a Host header field and to any request message that
    // contains more than one Host header field line or a Host header field with an invalid value.
    if (hosts.size() > 1 || (hosts.isEmpty() && version == Version.HTTP_1_1)) {
      throw bad("there must be exactly one Host field");
    }
    if (!hosts.isEmpty() && Host.parse(hosts.getFirst()) == null) {
      throw bad("the Host field is not a host with an optional port");
    }
  }

  /** RFC 9112 section 6.3, for a server that takes no bodies: contradictions end here. */
  private static long bodyBytes(Fields fields, Version version) throws BadHead {
    List<String> lengths = fields.all("Content-Length");
    if (fields.has("Transfer-Encoding")) {
      if (!lengths.isEmpty() || version == Version.HTTP_1_0) {
        throw bad("Transfer-Encoding contradicts the Content-Length or the version");
      }
      throw new BadHead(501, "bodies with a Transfer-Encoding are not accepted");
    }
    if (lengths.isEmpty()) {
      return 0;
    }
    long length = HttpText.number(lengths.getFirst());
    if (lengths.size() > 1 || length < 0) {
      throw bad("Content-Length must be one number");
    }
    if (length > GatewayLimits.MAX_DRAINED_BODY_BYTES) {
      throw new BadHead(413, "bodies are not accepted");
    }
    return length;
  }

  /** RFC 9112 section 9.3. */
  private static boolean isKeptAlive(Fields fields, Version version) {
    if (fields.hasToken("Connection", "close") || fields.has("Expect")) {
      // after an Expect nobody knows whether the body comes
      return false;
    }
    return version == Version.HTTP_1_1 || fields.hasToken("Connection", "keep-alive");
  }

  /**
   * Checks an HTTP/2 request (RFC 9113 section 8.3.1) by the same rules.
   *
   * @param fields without pseudo-header fields
   */
  static Parsed http2(
      @Nullable String method, @Nullable String path, @Nullable String authority, Fields fields) {
    try {
      if (method == null || !HttpText.isToken(method) || path == null || path.isEmpty()) {
        throw bad("the request has no proper method and path");
      }
      if (path.length() > GatewayLimits.MAX_TARGET_BYTES) {
        throw new BadHead(414, "the address is longer than 4096 bytes");
      }
      if (fields.size() > GatewayLimits.MAX_FIELDS) {
        throw new BadHead(431, "there are more than 100 header fields");
      }
      if (!path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw bad("the address holds characters that must be percent-encoded");
      }
      if (authority != null) {
        if (fields.has("Host") && !authority.equalsIgnoreCase(fields.first("Host"))) {
          throw bad("Host and :authority contradict each other");
        }
        fields.set("Host", authority);
      }
      checkHost(fields, Version.HTTP_1_0);
      long bodyBytes = bodyBytes(fields, Version.HTTP_2);
      return new Parsed.Good(
          new RequestHead(method, path, Version.HTTP_2, fields, bodyBytes, true));
    } catch (BadHead e) {
      return new Parsed.Bad(e.status, e.reason);
    }
  }

  private static BadHead bad(String reason) {
    return new BadHead(400, reason);
  }
}
