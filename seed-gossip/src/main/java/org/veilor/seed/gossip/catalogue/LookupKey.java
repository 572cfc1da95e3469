package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Stands for a path: BLAKE3, keyed by the 32 bytes of the topic id, of the path's UTF-8. Whoever
 * knows the topic and the path finds the entry; nobody can read the path out of it.
 */
public record LookupKey(Hash value) implements Comparable<LookupKey> {
  /** Length in bytes. */
  public static final int LENGTH = Hash.LENGTH;

  /** The key of a path. */
  public static LookupKey of(TopicId topic, CataloguePath path) {
    return of(topic.toBytes(), path);
  }

  static LookupKey of(byte[] topic, CataloguePath path) {
    byte[] bytes = path.toBytes();
    return new LookupKey(Blake3Hasher.keyed(topic).update(bytes, 0, bytes.length).finish());
  }

  /** The first 32 bits, unsigned. */
  long leadingBits() {
    return leadingBits(value.toBytes());
  }

  /** The first 32 bits of a key that stands at the beginning of {@code bytes}. */
  static long leadingBits(byte[] bytes) {
    return (bytes[0] & 0xffL) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | (bytes[3] & 0xff);
  }

  /** In the order of the bytes, unsigned. */
  @Override
  public int compareTo(LookupKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
