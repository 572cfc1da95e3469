package org.veilor.seed.core.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address without scope.
 *
 * <p>{@link InetAddress} turns an IPv4-mapped IPv6 address silently into an IPv4 one, which would
 * change the bytes of a ticket; this type keeps them apart. All IPv4 addresses come before all IPv6
 * ones, then the bytes decide.
 */
public final class IpAddress implements Comparable<IpAddress> {
  /** Bytes of an IPv4 address. */
  public static final int IPV4_LENGTH = 4;

  /** Bytes of an IPv6 address. */
  public static final int IPV6_LENGTH = 16;

  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The address with these 4 or 16 bytes, which are copied.
   *
   * @throws IllegalArgumentException on any other length
   */
  public static IpAddress of(byte[] bytes) {
    if (bytes.length != IPV4_LENGTH && bytes.length != IPV6_LENGTH) {
      throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + bytes.length);
    }
    return new IpAddress(bytes.clone());
  }

  /** The same address; a scope is dropped. */
  public static IpAddress of(InetAddress address) {
    return new IpAddress(address.getAddress());
  }

  /** Whether it is an IPv4 address. */
  public boolean isIpv4() {
    return bytes.length == IPV4_LENGTH;
  }

  /** A new array with the 4 or 16 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** The same address for the JDK; no name is looked up. */
  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("the length is right", e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public int compareTo(IpAddress other) {
    int byLength = Integer.compare(bytes.length, other.bytes.length);
    return byLength != 0 ? byLength : Arrays.compareUnsigned(bytes, other.bytes);
  }

  /** Dotted decimal, or the canonical text of IPv6 (RFC 5952). */
  @Override
  public String toString() {
    return isIpv4() ? AddressText.dotted(bytes, 0) : AddressText.ipv6(bytes);
  }
}
