package org.veilor.seed.gossip.catalogue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * Media types in one byte, those that are usual in services; others as text behind a 0. The table
 * belongs to version 1 of the format and never changes in it.
 */
public final class MediaTypes {
  /** What is said of bytes of which nothing is known. */
  public static final String BYTES = "application/octet-stream";

  private static final List<String> TABLE =
      List.of(
          BYTES, // 1
          "image/jpeg", // 2
          "image/png", // 3
          "image/gif", // 4
          "image/webp", // 5
          "image/avif", // 6
          "image/jxl", // 7
          "image/heic", // 8
          "image/bmp", // 9
          "image/tiff", // 10
          "image/vnd.microsoft.icon", // 11
          "image/svg+xml", // 12
          "video/mp4", // 13
          "video/webm", // 14
          "video/quicktime", // 15
          "video/x-matroska", // 16
          "video/mpeg", // 17
          "video/mp2t", // 18
          "audio/mpeg", // 19
          "audio/aac", // 20
          "audio/mp4", // 21
          "audio/flac", // 22
          "audio/wav", // 23
          "audio/aiff", // 24
          "application/ogg", // 25
          "audio/midi", // 26
          "font/woff2", // 27
          "font/woff", // 28
          "font/otf", // 29
          "font/ttf", // 30
          "text/plain", // 31
          "application/pdf", // 32
          "application/zip", // 33
          "application/gzip", // 34
          "application/zstd", // 35
          "application/x-xz", // 36
          "application/x-bzip2", // 37
          "application/x-7z-compressed", // 38
          "application/x-tar", // 39
          "application/vnd.rar", // 40
          "application/x-iso9660-image", // 41
          "application/x-raw-disk-image", // 42
          "application/x-qemu-disk", // 43
          "application/x-squashfs", // 44
          "application/x-rpm", // 45
          "application/vnd.debian.binary-package", // 46
          "application/vnd.appimage", // 47
          "application/x-bittorrent", // 48
          "application/pgp-signature"); // 49

  private static final Map<String, Integer> CODES = codes();

  private MediaTypes() {}

  private static Map<String, Integer> codes() {
    Map<String, Integer> codes = new HashMap<>();
    for (int i = 0; i < TABLE.size(); i++) {
      codes.put(TABLE.get(i), i + 1);
    }
    return Map.copyOf(codes);
  }

  /** The table; the first has code 1. */
  public static List<String> table() {
    return TABLE;
  }

  /**
   * Whether it is {@code type/subtype} in lower case without parameters, at most {@value
   * CatalogueLimits#MAX_MEDIA_TYPE_CHARS} characters.
   */
  public static boolean isProper(String text) {
    int slash = text.indexOf('/');
    return slash > 0
        && slash < text.length() - 1
        && text.length() <= CatalogueLimits.MAX_MEDIA_TYPE_CHARS
        && isName(text.substring(0, slash))
        && isName(text.substring(slash + 1));
  }

  /** A restricted-name of RFC 6838 section 4.2, in lower case. */
  private static boolean isName(String text) {
    return isLetterOrDigit(text.charAt(0))
        && text.chars().allMatch(c -> isLetterOrDigit(c) || "!#$&-^_.+".indexOf(c) >= 0);
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  static void write(PostcardWriter out, String mediaType) {
    Integer code = CODES.get(mediaType);
    if (code == null) {
      out.writeU8(0).writeText(mediaType);
    } else {
      out.writeU8(code);
    }
  }

  static String read(PostcardReader in) throws MalformedException {
    int code = in.readU8();
    if (code > TABLE.size()) {
      throw in.malformed("unknown media type");
    }
    if (code > 0) {
      return TABLE.get(code - 1);
    }
    String text = in.readText(CatalogueLimits.MAX_MEDIA_TYPE_CHARS);
    if (!isProper(text)) {
      throw in.malformed("no media type");
    }
    if (CODES.containsKey(text)) {
      throw in.malformed("a media type of the table as text");
    }
    return text;
  }
}
