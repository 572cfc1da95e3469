package org.veilor.seed.node.config;

import java.net.URI;
import java.net.URISyntaxException;

/** An address of a web server. */
public final class WebAddress {
  private WebAddress() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static URI parse(String text) {
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme());
      if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + text + "' is not a URL: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a URL such as \"http://127.0.0.1:3000\"");
  }
}
