package org.veilor.seed.node.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

/**
 * What a request target means (RFC 3986, RFC 9112 section 3.2). Escapes are decoded once; whatever
 * could step out of a folder or be two things to two readers is {@link Bad}.
 */
public sealed interface Route {
  /** {@code /blobs/{hash}}. */
  record Blob(Hash hash) implements Route {}

  /**
   * {@code /s/{service}/{path}}.
   *
   * @param path decoded, without a slash in front, no segment empty, {@code .} or {@code ..}
   * @param query as it came, without the question mark, or null
   */
  record ServicePath(String service, String path, @Nullable String query) implements Route {}

  /**
   * {@code /s/{service}/} and {@code /s/{service}/{folder}/}.
   *
   * @param folder like a path, empty for all of the service
   * @param after the name in that folder behind which the page begins; empty for the first page
   */
  record ServiceIndex(String service, String folder, String after) implements Route {}

  /** {@code /s/{service}}, which lacks its slash. */
  record Moved(String location) implements Route {}

  /** {@code /}. */
  record Status() implements Route {}

  /** {@code /metrics}. */
  record Metrics() implements Route {}

  /** {@code /health/live}. */
  record Live() implements Route {}

  /** {@code /health/ready}. */
  record Ready() implements Route {}

  /** A proper address that means nothing here. */
  record Unknown() implements Route {}

  /** No proper address. */
  record Bad(String reason) implements Route {}

  /** Reads a target in origin form or absolute form. */
  static Route parse(String target) {
    String rest = target;
    if (!target.startsWith("/")) {
      // RFC 9112 section 3.2.2: a server MUST accept the absolute-form in requests
      int authority = httpScheme(target);
      if (authority < 0) {
        return new Bad("the address does not start with a slash");
      }
      int slash = target.indexOf('/', authority);
      int end = slash < 0 ? target.length() : slash;
      if (Host.parse(target.substring(authority, end)) == null || end == authority) {
        return new Bad("the address names no proper host");
      }
      rest = slash < 0 ? "/" : target.substring(slash);
    }
    int question = rest.indexOf('?');
    String query = question < 0 ? null : rest.substring(question + 1);
    String path = question < 0 ? rest : rest.substring(0, question);
    if (query != null && !isQuery(query)) {
      return new Bad("the query of the address holds characters that must be percent-encoded");
    }
    return ofPath(path, query);
  }

  private static int httpScheme(String target) {
    for (String scheme : List.of("http://", "https://")) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }

  private static boolean isQuery(String query) {
    return query.chars().allMatch(c -> HttpText.isPathChar(c) || "/?%[]|^`{}\"<>".indexOf(c) >= 0);
  }

  private static Route ofPath(String path, @Nullable String query) {
    List<String> segments = new ArrayList<>();
    String[] raw = path.substring(1).split("/", GatewayLimits.MAX_PATH_SEGMENTS + 1);
    if (raw.length > GatewayLimits.MAX_PATH_SEGMENTS) {
      return new Bad("the path has more than 64 segments");
    }
    for (int i = 0; i < raw.length; i++) {
      String segment = decode(raw[i]);
      if (segment == null) {
        return new Bad("the path has an escape or a character that is not allowed");
      }
      if (segment.equals(".") || segment.equals("..")) {
        return new Bad("the path has a '.' or '..' segment");
      }
      if (segment.isEmpty() && i < raw.length - 1) {
        return new Bad("the path has an empty segment");
      }
      segments.add(segment);
    }
    return ofSegments(segments, query);
  }

  private static Route ofSegments(List<String> segments, @Nullable String query) {
    int count = segments.size();
    String first = segments.getFirst();
    if (count == 1) {
      return first.isEmpty()
          ? new Status()
          : first.equals("metrics") ? new Metrics() : new Unknown();
    }
    String second = segments.get(1);
    return switch (first) {
      case "blobs" -> count == 2 ? blob(second) : new Unknown();
      case "health" -> count == 2 ? health(second) : new Unknown();
      case "s" -> service(second, segments, query);
      default -> new Unknown();
    };
  }

  private static Route blob(String text) {
    try {
      return new Blob(Hash.parse(text));
    } catch (MalformedException e) {
      return new Bad("'/blobs/' is followed by no hash: 64 hex or 52 base32 characters");
    }
  }

  private static Route health(String word) {
    return word.equals("live") ? new Live() : word.equals("ready") ? new Ready() : new Unknown();
  }

  private static Route service(String name, List<String> segments, @Nullable String query) {
    if (!isService(name)) {
      return new Bad("'/s/' is followed by no name of a service");
    }
    if (segments.size() == 2) {
      return new Moved("/s/" + name + "/");
    }
    boolean isFolder = segments.getLast().isEmpty();
    String path = String.join("/", segments.subList(2, segments.size() - (isFolder ? 1 : 0)));
    if (path.getBytes(StandardCharsets.UTF_8).length > GatewayLimits.MAX_PATH_BYTES) {
      return new Bad("the path is longer than 2048 bytes");
    }
    if (isFolder) {
      String after = after(query);
      return after == null
          ? new Bad("'after=' is followed by no name of a file or folder")
          : new ServiceIndex(name, path, after);
    }
    return new ServicePath(name, path, query);
  }

  /** The name that follows {@code after=}, with a slash behind it if it is a folder's. */
  private static @Nullable String after(@Nullable String query) {
    for (String part : query == null ? new String[0] : query.split("&")) {
      if (part.startsWith("after=")) {
        String raw = part.substring("after=".length());
        String bare = raw.replaceFirst("(/|%2[fF])$", "");
        String name = decode(bare);
        return name == null || bare.length() == raw.length() ? name : name + "/";
      }
    }
    return "";
  }

  private static boolean isService(String name) {
    return !name.isEmpty()
        && name.length() <= GatewayLimits.MAX_SERVICE_CHARS
        && (HttpText.isAlpha(name.charAt(0)) || HttpText.isDigit(name.charAt(0)))
        && name.chars().allMatch(c -> HttpText.isAlpha(c) || HttpText.isDigit(c) || isMark(c));
  }

  private static boolean isMark(int c) {
    return c == '.' || c == '_' || c == '-';
  }

  /**
   * Decodes one segment; null for a broken escape, for what is no UTF-8, and for a slash, a
   * backslash or a control character, however written.
   */
  private static @Nullable String decode(String raw) {
    ByteBuffer bytes = ByteBuffer.allocate(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        if (i + 2 >= raw.length()
            || !HttpText.isHexDigit(raw.charAt(i + 1))
            || !HttpText.isHexDigit(raw.charAt(i + 2))) {
          return null;
        }
        bytes.put((byte) Integer.parseInt(raw.substring(i + 1, i + 3), 16));
        i += 2;
      } else if (HttpText.isPathChar(c) || "[]|^`{}\"<>".indexOf(c) >= 0) {
        bytes.put((byte) c);
      } else {
        return null;
      }
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
      boolean forbidden =
          text.chars().anyMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c));
      return forbidden ? null : text;
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
