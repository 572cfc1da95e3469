package org.veilor.seed.core.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Addresses as text for people and configuration: IPv6 in the one form that RFC 5952 recommends,
 * which is also what Rust prints, so that logs of both can be searched for the same words.
 */
public final class AddressText {
  private static final int WORDS = IpAddress.IPV6_LENGTH / 2;

  /** The first 12 bytes of an IPv4-mapped address: ten 0x00, two 0xff. */
  private static final int MAPPED_ZEROS = 10;

  private AddressText() {}

  /**
   * An address with its port, IPv6 in brackets (RFC 5952 §6).
   *
   * @param address must be resolved; a scope is kept, as {@code %eth0}
   */
  public static String of(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (!(ip instanceof Inet6Address)) {
      return IpAddress.of(ip) + ":" + address.getPort();
    }
    String host = ip.getHostAddress();
    int scope = host.indexOf('%');
    return "["
        + IpAddress.of(ip)
        + (scope < 0 ? "" : host.substring(scope))
        + "]:"
        + address.getPort();
  }

  /** Four bytes in decimal. */
  static String dotted(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff)
        + "."
        + (bytes[offset + 1] & 0xff)
        + "."
        + (bytes[offset + 2] & 0xff)
        + "."
        + (bytes[offset + 3] & 0xff);
  }

  /** Sixteen bytes in the canonical form. */
  static String ipv6(byte[] bytes) {
    // RFC 5952 §5: "For these addresses, mixed notation is RECOMMENDED if [...] the address can be
    // distinguished as having IPv4 addresses embedded in the lower 32 bits solely from the address
    // field through the use of a well-known prefix."
    if (isMapped(bytes)) {
      return "::ffff:" + dotted(bytes, MAPPED_ZEROS + 2);
    }
    int start = 0;
    int length = 1; // §4.2.2: "::" must not shorten just one field
    for (int i = 0; i < WORDS; i++) {
      int end = i;
      while (end < WORDS && word(bytes, end) == 0) {
        end++;
      }
      // §4.2.3: the longest run; of equal ones "the first sequence of zero bits MUST be shortened"
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    if (length == 1) {
      return words(bytes, 0, WORDS);
    }
    return words(bytes, 0, start) + "::" + words(bytes, start + length, WORDS);
  }

  private static boolean isMapped(byte[] bytes) {
    for (int i = 0; i < MAPPED_ZEROS; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return word(bytes, MAPPED_ZEROS / 2) == 0xffff;
  }

  /** §4.1, §4.3: no leading zeros, lower case. */
  private static String words(byte[] bytes, int from, int to) {
    StringBuilder out = new StringBuilder();
    for (int i = from; i < to; i++) {
      out.append(i == from ? "" : ":").append(Integer.toHexString(word(bytes, i)));
    }
    return out.toString();
  }

  private static int word(byte[] bytes, int index) {
    return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
  }
}
