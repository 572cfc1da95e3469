package org.veilor.seed.gossip.catalogue;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * The path of a file below its service's folder, in the form that the gateway's {@code
 * /s/SERVICE/PATH} has after percent-decoding: segments joined by {@code /}, without one at either
 * end. Nothing is folded, neither case nor Unicode normalisation: two paths are one if their bytes
 * are.
 *
 * <p>They are ordered by their bytes, which differs from the order of Java's strings where there
 * are characters beyond the basic plane.
 *
 * @param text at most {@value CatalogueLimits#MAX_PATH_BYTES} bytes of UTF-8 and {@value
 *     CatalogueLimits#MAX_PATH_SEGMENTS} segments
 */
public record CataloguePath(String text) implements Comparable<CataloguePath> {
  /**
   * Checks the text.
   *
   * @throws IllegalArgumentException if {@link #parse} would refuse it
   */
  public CataloguePath {
    String fault = fault(text);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
  }

  /**
   * Reads what somebody else wrote.
   *
   * @throws MalformedException if it is empty, absolute or too long, ends with a slash, has an
   *     empty segment, {@code .}, {@code ..}, a backslash, a control character (U+0000 to U+001F,
   *     U+007F to U+009F) or half a surrogate pair
   */
  public static CataloguePath parse(String text) throws MalformedException {
    String fault = fault(text);
    if (fault != null) {
      throw new MalformedException(0, fault);
    }
    return new CataloguePath(text);
  }

  private static @Nullable String fault(String text) {
    if (text.length() > CatalogueLimits.MAX_PATH_BYTES) {
      return "path too long";
    }
    try {
      int bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
      if (bytes > CatalogueLimits.MAX_PATH_BYTES) {
        return "path too long";
      }
    } catch (CharacterCodingException _) {
      return "path with half a surrogate pair";
    }
    String[] segments = text.split("/", -1);
    if (segments.length > CatalogueLimits.MAX_PATH_SEGMENTS) {
      return "path with too many segments";
    }
    for (String segment : segments) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return "path with an empty segment, '.' or '..'";
      }
    }
    boolean forbidden = text.chars().anyMatch(c -> c == '\\' || Character.isISOControl(c));
    return forbidden ? "path with a backslash or a control character" : null;
  }

  /**
   * The path below its first folder. Many services call their own folder in their addresses, too:
   * what is {@code files/NAME} there, is {@code NAME} in the catalogue.
   */
  public Optional<CataloguePath> belowFirstSegment() {
    int slash = text.indexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(new CataloguePath(text.substring(slash + 1)));
  }

  /** Its UTF-8. */
  byte[] toBytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Under which key a catalogue of this topic has it. */
  public LookupKey lookupKey(TopicId topic) {
    return LookupKey.of(topic, this);
  }

  @Override
  public int compareTo(CataloguePath other) {
    return Arrays.compareUnsigned(toBytes(), other.toBytes());
  }

  @Override
  public String toString() {
    return text;
  }
}
