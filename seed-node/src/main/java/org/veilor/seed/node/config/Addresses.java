package org.veilor.seed.node.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.veilor.seed.core.address.AddressText;
import org.veilor.seed.node.config.Config.GatewayAddress;

/** Reads and writes addresses; never asks a resolver. */
public final class Addresses {
  private static final String EXPECTED =
      "an address with a port such as \"0.0.0.0:4471\" or \"[::]:4471\"";

  private Addresses() {}

  /**
   * Reads {@code ADDR:PORT} with a literal address; IPv6 stands in brackets.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static InetSocketAddress socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("'" + text + "' is not " + EXPECTED);
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (!bracketed && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "'" + text + "' has an IPv6 address without brackets; write \"[" + host + "]:PORT\"");
    }
    String literal = bracketed ? host.substring(1, host.length() - 1) : host;
    int port = port(text.substring(colon + 1));
    if (port < 0) {
      throw new IllegalArgumentException("'" + text + "' has no port between 0 and 65535");
    }
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is not " + EXPECTED, e);
    }
  }

  private static int port(String digits) {
    if (!digits.matches("\\d{1,5}")) {
      return -1;
    }
    int port = Integer.parseInt(digits);
    return port <= 65_535 ? port : -1;
  }

  /** Writes an address as {@link #socketAddress} reads it. */
  public static String format(InetSocketAddress address) {
    return AddressText.of(address);
  }

  /**
   * Reads the address of the gateway: {@code off}, {@code ADDR:PORT} or {@code unix:/path}.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static GatewayAddress gateway(String text) {
    if (text.equals("off")) {
      return new GatewayAddress.Off();
    }
    if (text.startsWith("unix:")) {
      Path path = Path.of(text.substring(5));
      if (!path.isAbsolute()) {
        throw new IllegalArgumentException("'" + text + "' needs an absolute path after \"unix:\"");
      }
      return new GatewayAddress.Unix(path);
    }
    return new GatewayAddress.Tcp(socketAddress(text));
  }

  /** Writes the address of the gateway as {@link #gateway} reads it. */
  public static String format(GatewayAddress gateway) {
    return switch (gateway) {
      case GatewayAddress.Off() -> "off";
      case GatewayAddress.Tcp(InetSocketAddress address) -> format(address);
      case GatewayAddress.Unix(Path path) -> "unix:" + path;
    };
  }
}
