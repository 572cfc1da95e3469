package org.veilor.seed.node.admission;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/**
 * The first and the last bytes of a file, all that admission looks at. The head reaches past 32 KiB
 * because an ISO 9660 image shows itself there.
 */
public final class ContentSample {
  /** Bytes taken from the beginning. */
  public static final int HEAD_BYTES = 40 * 1024;

  /** Bytes taken from the end. */
  public static final int TAIL_BYTES = 64;

  private final byte[] head;
  private final byte[] tail;
  private final long sizeBytes;

  private ContentSample(byte[] head, byte[] tail, long sizeBytes) {
    this.head = head;
    this.tail = tail;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Reads the sample of a file, without following a symbolic link.
   *
   * @throws IOException where it cannot be read
   */
  public static ContentSample of(Path file) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      long size = channel.size();
      byte[] head = read(channel, 0, (int) Math.min(size, HEAD_BYTES));
      int tailLength = (int) Math.min(size, TAIL_BYTES);
      return new ContentSample(head, read(channel, size - tailLength, tailLength), size);
    }
  }

  /** The sample of bytes in memory. */
  public static ContentSample of(byte[] content) {
    return new ContentSample(
        Arrays.copyOf(content, Math.min(content.length, HEAD_BYTES)),
        Arrays.copyOfRange(content, Math.max(0, content.length - TAIL_BYTES), content.length),
        content.length);
  }

  private static byte[] read(SeekableByteChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    channel.position(position);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // read() moves the buffer; a file that became shorter ends the loop
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  long sizeBytes() {
    return sizeBytes;
  }

  boolean isEmpty() {
    return head.length == 0;
  }

  /** Whether these bytes stand at that offset of the head. */
  boolean has(int offset, int... bytes) {
    if (offset + bytes.length > head.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if ((head[offset + i] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether this text (ISO 8859-1) stands at that offset of the head. */
  boolean has(int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return offset + bytes.length <= head.length
        && Arrays.equals(head, offset, offset + bytes.length, bytes, 0, bytes.length);
  }

  /** Whether the file ends with these bytes. */
  boolean endsWith(int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      int at = tail.length - bytes.length + i;
      if (at < 0 || (tail[at] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** One byte of the head, or -1 beyond it. */
  int at(int offset) {
    return offset >= 0 && offset < head.length ? head[offset] & 0xff : -1;
  }

  /** Two bytes of the head as a big-endian number, or -1 beyond it. */
  int u16(int offset) {
    return at(offset + 1) < 0 ? -1 : at(offset) << 8 | at(offset + 1);
  }

  /** Four bytes of the head as a big-endian number, or -1 beyond it. */
  long u32(int offset) {
    return at(offset + 3) < 0 ? -1 : (long) u16(offset) << 16 | u16(offset + 2);
  }

  /** Four bytes of the head as a little-endian number, or -1 beyond it. */
  long u32le(int offset) {
    return at(offset + 3) < 0
        ? -1
        : at(offset) | at(offset + 1) << 8 | at(offset + 2) << 16 | (long) at(offset + 3) << 24;
  }

  /** Some bytes of the head as ISO 8859-1 text; shorter where the head ends. */
  String text(int offset, int length) {
    int from = Math.min(offset, head.length);
    return new String(
        head, from, Math.min(length, head.length - from), StandardCharsets.ISO_8859_1);
  }

  /** Whether the head is text: no control bytes but blanks and line ends, in valid UTF-8. */
  boolean isText() {
    int length = Math.min(head.length, 1024);
    for (int i = 0; i < length; i++) {
      int c = head[i];
      if (c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f') {
        return false;
      }
    }
    String text = new String(head, 0, length, StandardCharsets.UTF_8);
    int bad = text.indexOf('\ufffd');
    return bad < 0 || bad >= text.length() - 3;
  }

  /** The head itself for a detector that wants an array. */
  byte[] head() {
    return head.clone();
  }

  /** The first bytes in hexadecimal, for messages. */
  String firstBytes() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Math.min(8, head.length); i++) {
      out.append(i == 0 ? "" : " ").append(Character.forDigit(at(i) >> 4, 16));
      out.append(Character.forDigit(at(i) & 15, 16));
    }
    return out.toString();
  }
}
