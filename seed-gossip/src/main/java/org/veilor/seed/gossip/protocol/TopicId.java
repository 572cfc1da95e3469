package org.veilor.seed.gossip.protocol;

import org.veilor.seed.core.hash.Hash;

/**
 * Names a topic: 32 bytes that mean nothing to the protocol. They are kept as a hash is, because
 * ours are hashes.
 */
public record TopicId(Hash value) implements Comparable<TopicId> {
  /** Length in bytes. */
  public static final int LENGTH = Hash.LENGTH;

  /**
   * The topic with these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are not exactly {@value #LENGTH}
   */
  public static TopicId of(byte[] bytes) {
    return new TopicId(Hash.of(bytes));
  }

  /** A new array with the bytes. */
  public byte[] toBytes() {
    return value.toBytes();
  }

  @Override
  public int compareTo(TopicId other) {
    return value.compareTo(other.value);
  }

  /** 64 characters of hex. Topic ids of groups are secrets: log {@link #shortText()}. */
  @Override
  public String toString() {
    return value.toString();
  }

  /** The first ten characters. */
  public String shortText() {
    return value.shortText();
  }
}
