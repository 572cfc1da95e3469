package org.veilor.seed.gossip.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a peer says about itself, opaque to the protocol; iroh puts its addresses into it.
 * Immutable.
 */
public final class PeerData {
  /** Nothing, which is not the same as none. */
  public static final PeerData EMPTY = new PeerData(new byte[0]);

  private final byte[] bytes;

  private PeerData(byte[] bytes) {
    this.bytes = bytes;
  }

  /** These bytes, copied. */
  public static PeerData of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new PeerData(bytes.clone());
  }

  /** A new array with the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** How many bytes. */
  public int sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PeerData that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes of peer data";
  }
}
