package org.veilor.seed.node.gateway;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.admission.ContentSample;
import org.veilor.seed.node.admission.Verdict;

/**
 * Media types from content, never from names. Only what a browser shows without running anything is
 * named; all the rest is bytes to be saved. A hash always has the same type, so it is remembered.
 */
final class ContentTypes {
  /** For everything that is not shown. */
  static final String BYTES = "application/octet-stream";

  /** What browsers show or play without scripts. No SVG, HTML, XML or PDF. */
  private static final Set<String> SHOWN =
      Set.of(
          "image/png",
          "image/jpeg",
          "image/gif",
          "image/webp",
          "image/avif",
          "image/jxl",
          "image/bmp",
          "image/heic",
          "image/tiff",
          "image/vnd.microsoft.icon",
          "audio/wav",
          "audio/flac",
          "audio/mpeg",
          "audio/aac",
          "audio/mp4",
          "audio/aiff",
          "application/ogg",
          "video/mp4",
          "video/webm",
          "video/quicktime",
          "video/x-matroska",
          "video/mpeg",
          "video/mp2t",
          "font/woff2",
          "font/woff",
          "font/otf",
          "font/ttf",
          "text/plain");

  private final Map<Hash, String> remembered =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash, String> eldest) {
          return size() > GatewayLimits.REMEMBERED_TYPES;
        }
      };

  /** The type of a blob, where it was asked for before. */
  synchronized @Nullable String of(Hash hash) {
    return remembered.get(hash);
  }

  /**
   * Looks at the first bytes of a blob.
   *
   * @param head as many as there are, or {@link ContentSample#HEAD_BYTES}
   */
  String sniff(Hash hash, byte[] head) {
    String type = sniff(head);
    synchronized (this) {
      remembered.put(hash, type);
    }
    return type;
  }

  static String sniff(byte[] head) {
    String type =
        Admission.byOperator("content", ContentSample.of(head)) instanceof Verdict.Admitted admitted
            ? admitted.mediaType()
            : BYTES;
    return !SHOWN.contains(type)
        ? BYTES
        : type.equals("text/plain") ? "text/plain; charset=utf-8" : type;
  }

  /** Whether it is shown, not saved. */
  static boolean isShown(String type) {
    return !type.equals(BYTES);
  }
}
