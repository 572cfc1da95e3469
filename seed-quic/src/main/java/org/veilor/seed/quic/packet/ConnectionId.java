package org.veilor.seed.quic.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A connection id: up to {@link #MAX_LENGTH} bytes in QUIC v1. Other versions may use up to 255
 * (RFC 8999 §5.1), which only matters for answering them with Version Negotiation.
 */
public final class ConnectionId {
  /** The longest connection id of QUIC v1. */
  public static final int MAX_LENGTH = 20;

  /** The connection id of no bytes. */
  public static final ConnectionId EMPTY = new ConnectionId(new byte[0]);

  private static final int MAX_LENGTH_OF_ANY_VERSION = 255;

  private final byte[] bytes;
  private final int hash;

  private ConnectionId(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** Copies the bytes. */
  public static ConnectionId of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** Copies {@code length} bytes, at most 255. */
  public static ConnectionId of(byte[] bytes, int offset, int length) {
    if (length > MAX_LENGTH_OF_ANY_VERSION) {
      throw new IllegalArgumentException("connection id of " + length + " bytes");
    }
    return length == 0
        ? EMPTY
        : new ConnectionId(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /** The number of bytes. */
  public int length() {
    return bytes.length;
  }

  /** Appends the bytes, without their length. */
  public void writeTo(ByteBuffer out) {
    out.put(bytes);
  }

  /** A copy of the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConnectionId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Lower-case hex. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
