package org.veilor.seed.core.address;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The URL of a relay, normalised by those rules of the WHATWG URL standard that matter here: scheme
 * and host in lower case, no default port, {@code /} for an empty path.
 *
 * <p>Stricter than the standard on purpose, since the text comes from strangers: printable ASCII
 * only, no credentials, no backslash, no percent sign in the host, no {@code .} or {@code ..} path
 * segment. What passes reads the same to every URL parser.
 */
public final class RelayUrl implements Comparable<RelayUrl> {
  private static final Map<String, Integer> DEFAULT_PORTS =
      Map.of("http", 80, "https", 443, "ws", 80, "wss", 443, "ftp", 21);

  private static final Pattern URL =
      Pattern.compile(
          "(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
              + "(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::(?<port>[0-9]{0,5}))?"
              + "(?<rest>[/?#][!-\\[\\]-~]*)?");

  private static final Pattern DOT_SEGMENT =
      Pattern.compile("[^?#]*/(\\.|%2[Ee]){1,2}(/.*|[?#].*)?");

  private final String text;

  private RelayUrl(String text) {
    this.text = text;
  }

  /**
   * Reads and normalises a URL.
   *
   * @throws MalformedException if it is not an absolute URL with a host, or not one of the strict
   *     form above
   */
  public static RelayUrl parse(String text) throws MalformedException {
    if (text.length() > CoreLimits.MAX_URL_BYTES) {
      throw new MalformedException(0, "URL too long");
    }
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      throw new MalformedException(0, "not a URL of a relay");
    }
    String rest = url.group("rest") == null ? "" : url.group("rest");
    if (DOT_SEGMENT.matcher(rest).matches()) {
      throw new MalformedException(0, "URL with a dot segment");
    }
    String scheme = url.group("scheme").toLowerCase(Locale.ROOT);
    boolean special = DEFAULT_PORTS.containsKey(scheme);
    String host = url.group("host");
    return new RelayUrl(
        scheme
            + "://"
            + (special ? host.toLowerCase(Locale.ROOT) : host)
            + port(scheme, url.group("port"))
            + (special && !rest.startsWith("/") ? "/" : "")
            + rest);
  }

  private static String port(String scheme, @Nullable String text) throws MalformedException {
    if (text == null || text.isEmpty()) {
      return "";
    }
    int port = Integer.parseInt(text);
    if (port > 0xffff) {
      throw new MalformedException(0, "port above 65535");
    }
    Integer defaultPort = DEFAULT_PORTS.get(scheme);
    return defaultPort != null && defaultPort == port ? "" : ":" + port;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RelayUrl that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public int compareTo(RelayUrl other) {
    return text.compareTo(other.text);
  }

  /** The normalised URL. */
  @Override
  public String toString() {
    return text;
  }
}
