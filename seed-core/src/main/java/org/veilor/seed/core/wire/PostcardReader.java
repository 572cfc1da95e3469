package org.veilor.seed.core.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads postcard 1.x: LEB128 numbers, raw bytes, length-prefixed bytes and texts.
 *
 * <p>Numbers take 7 bits a byte, least significant first; the top bit says that more follow.
 * Encodings that are longer than necessary are read, as postcard does, but never longer than the
 * type can need. Every length and count is checked against a limit of the caller and against the
 * bytes that are left before anything is allocated. One thread may use a reader at a time.
 */
public final class PostcardReader {
  private static final int U64_BYTES = 10;
  private static final int U32_BYTES = 5;
  private static final int U16_BYTES = 3;

  private final byte[] data;
  private final int start;
  private final int end;
  private int position;

  /** Reads all of {@code data}. */
  public PostcardReader(byte[] data) {
    this(data, 0, data.length);
  }

  /** Reads {@code length} bytes from {@code offset}. */
  public PostcardReader(byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    this.data = data;
    this.start = offset;
    this.position = offset;
    this.end = offset + length;
  }

  /** Bytes read so far. */
  public int position() {
    return position - start;
  }

  /** Bytes left. Formats decide themselves whether trailing bytes are an error. */
  public int remaining() {
    return end - position;
  }

  /** An exception for what was just read. */
  public MalformedException malformed(String reason) {
    return new MalformedException(position(), reason);
  }

  /** A byte, 0 to 255. */
  public int readU8() throws MalformedException {
    if (position == end) {
      throw malformed("truncated");
    }
    return data[position++] & 0xff;
  }

  /** A number below 2^16. */
  public int readU16() throws MalformedException {
    return (int) readVarint(U16_BYTES, 16);
  }

  /** A number below 2^32. */
  public long readU32() throws MalformedException {
    return readVarint(U32_BYTES, 32);
  }

  /** A number below 2^64, as an unsigned {@code long}. */
  public long readU64() throws MalformedException {
    return readVarint(U64_BYTES, 64);
  }

  private long readVarint(int maxBytes, int bits) throws MalformedException {
    long value = 0;
    for (int i = 0; i < maxBytes; i++) {
      long next = readU8();
      int shift = 7 * i;
      if (shift + 7 > bits && (next & 0x7f) >>> (bits - shift) != 0) {
        throw malformed("number does not fit in " + bits + " bits");
      }
      value |= (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw malformed("number longer than " + maxBytes + " bytes");
  }

  /** An option's or boolean's discriminant. */
  public boolean readBoolean() throws MalformedException {
    int value = readU8();
    if (value > 1) {
      throw malformed("neither 0 nor 1");
    }
    return value == 1;
  }

  /** An enum's discriminant below {@code variants}. */
  public int readVariant(int variants) throws MalformedException {
    long value = readU32();
    if (value >= variants) {
      throw malformed("unknown variant");
    }
    return (int) value;
  }

  /**
   * The number of elements of a sequence.
   *
   * @param max largest number that the format allows
   * @param minElementBytes bytes that an element takes at least, 1 or more
   */
  public int readCount(int max, int minElementBytes) throws MalformedException {
    long count = readU64();
    if (Long.compareUnsigned(count, max) > 0) {
      throw malformed("more than " + max + " elements");
    }
    if (count > remaining() / minElementBytes) {
      throw malformed("more elements than bytes");
    }
    return (int) count;
  }

  /** Exactly {@code length} raw bytes. */
  public byte[] readFixed(int length) throws MalformedException {
    if (length > remaining()) {
      throw malformed("truncated");
    }
    position += length;
    return Arrays.copyOfRange(data, position - length, position);
  }

  /** A length and as many bytes, at most {@code maxLength}. */
  public byte[] readBytes(int maxLength) throws MalformedException {
    return readFixed(readCount(maxLength, 1));
  }

  /** A length in bytes, at most {@code maxBytes}, and as much UTF-8. */
  public String readText(int maxBytes) throws MalformedException {
    int length = readCount(maxBytes, 1);
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(data, position, length));
      position += length;
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException(position(), "not UTF-8", e);
    }
  }
}
