package org.veilor.seed.core.blob;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;

/** The hashes of a blob's children: 32 bytes each, one behind the other, without a header. */
public final class HashSequence {
  private final byte[] bytes;

  private HashSequence(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The sequence of these hashes. */
  public static HashSequence of(List<Hash> hashes) {
    byte[] bytes = new byte[Math.multiplyExact(hashes.size(), Hash.LENGTH)];
    for (int i = 0; i < hashes.size(); i++) {
      hashes.get(i).writeTo(bytes, i * Hash.LENGTH);
    }
    return new HashSequence(bytes);
  }

  /**
   * The sequence that a blob holds; its bytes are copied.
   *
   * @throws MalformedException if the length is no multiple of 32, or above {@link
   *     CoreLimits#MAX_HASH_SEQUENCE_BYTES}
   */
  public static HashSequence ofBytes(byte[] bytes) throws MalformedException {
    if (bytes.length % Hash.LENGTH != 0 || bytes.length > CoreLimits.MAX_HASH_SEQUENCE_BYTES) {
      throw new MalformedException(bytes.length, "no length of a hash sequence");
    }
    return new HashSequence(bytes.clone());
  }

  /** Number of children. */
  public int size() {
    return bytes.length / Hash.LENGTH;
  }

  /** The hash of the child at {@code index}, from 0. */
  public Hash get(int index) {
    Objects.checkIndex(index, size());
    return Hash.of(bytes, index * Hash.LENGTH);
  }

  /** A new array with the bytes of the blob. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** The hash of the blob. */
  public Hash hash() {
    return Blake3Hasher.hash(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HashSequence that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "HashSequence of " + size();
  }
}
