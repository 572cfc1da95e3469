package org.veilor.seed.core.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes postcard 1.x, numbers in their shortest form. One thread may use a writer at a time. */
public final class PostcardWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Creates a writer without bytes. */
  public PostcardWriter() {}

  /** A byte, 0 to 255. */
  public PostcardWriter writeU8(int value) {
    out.write(value);
    return this;
  }

  /** A number, unsigned: u16, u32, u64, a length or a discriminant. */
  public PostcardWriter writeVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  /** An option's or boolean's discriminant. */
  public PostcardWriter writeBoolean(boolean value) {
    return writeU8(value ? 1 : 0);
  }

  /** Raw bytes without a length. */
  public PostcardWriter writeFixed(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** A length and the bytes. */
  public PostcardWriter writeBytes(byte[] bytes) {
    return writeVarint(bytes.length).writeFixed(bytes);
  }

  /** A length in bytes and the text in UTF-8. */
  public PostcardWriter writeText(String text) {
    return writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Number of bytes written so far. */
  public int size() {
    return out.size();
  }

  /** A copy of all bytes written so far. */
  public byte[] toBytes() {
    return out.toByteArray();
  }
}
