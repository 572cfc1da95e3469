package org.veilor.seed.node.admission;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The magic bytes of static media. A compiled-in table instead of a general detector, because what
 * is admitted is a promise to the operator: each entry is meant, and weak signatures (two or three
 * bytes) are only believed when a second thing in the file agrees.
 */
final class MediaSignatures {
  /** One kind of content: its media type, and how it shows. */
  private record Signature(String mediaType, Predicate<ContentSample> matches) {}

  private static final List<Signature> MEDIA =
      List.of(
          // images
          text("image/png", 0, "\u0089PNG\r\n\u001a\n"),
          bytes("image/jpeg", 0, 0xff, 0xd8, 0xff),
          text("image/gif", 0, "GIF87a"),
          text("image/gif", 0, "GIF89a"),
          riff("image/webp", "WEBP"),
          bytes("image/tiff", 0, 'I', 'I', 42, 0),
          bytes("image/tiff", 0, 'M', 'M', 0, 42),
          bytes("image/tiff", 0, 'I', 'I', 43, 0, 8, 0),
          bytes("image/jxl", 0, 0, 0, 0, 0x0c, 'J', 'X', 'L', ' ', 0x0d, 0x0a, 0x87, 0x0a),
          new Signature("image/jxl", MediaSignatures::isJxlCodestream),
          bytes("image/jp2", 0, 0, 0, 0, 0x0c, 'j', 'P', ' ', ' ', 0x0d, 0x0a, 0x87, 0x0a),
          text("image/vnd.adobe.photoshop", 0, "8BPS\u0000\u0001"),
          bytes("image/x-exr", 0, 0x76, 0x2f, 0x31, 0x01),
          text("image/vnd.djvu", 0, "AT&TFORM"),
          bytes("image/x-jp2-codestream", 0, 0xff, 0x4f, 0xff, 0x51, 0),
          text("image/x-xcf", 0, "gimp xcf "),
          text("image/vnd-ms.dds", 0, "DDS |\u0000\u0000\u0000"),
          new Signature("image/bmp", MediaSignatures::isBmp),
          new Signature("image/vnd.microsoft.icon", MediaSignatures::isIcon),
          new Signature("image/qoi", s -> s.has(0, "qoif") && s.u32(4) > 0 && s.u32(8) > 0),
          // video and sound
          riff("audio/wav", "WAVE"),
          riff("video/x-msvideo", "AVI "),
          bytes("application/ogg", 0, 'O', 'g', 'g', 'S', 0),
          text("audio/flac", 0, "fLaC"),
          new Signature("audio/mpeg", MediaSignatures::isId3),
          new Signature("audio/mpeg", MediaSignatures::isMp3Frames),
          new Signature("audio/aac", MediaSignatures::isAdts),
          form("audio/aiff", "AIFF"),
          form("audio/aiff", "AIFC"),
          text("audio/midi", 0, "MThd\u0000\u0000\u0000\u0006"),
          text("audio/amr", 0, "#!AMR"),
          text("audio/x-caf", 0, "caff\u0000\u0001"),
          text("audio/x-wavpack", 0, "wvpk"),
          text("audio/x-ape", 0, "MAC "),
          bytes("video/mpeg", 0, 0, 0, 1, 0xba),
          bytes("video/mpeg", 0, 0, 0, 1, 0xb3),
          new Signature(
              "video/mp2t", s -> s.at(0) == 0x47 && s.at(188) == 0x47 && s.at(376) == 0x47),
          text("video/x-flv", 0, "FLV\u0001"),
          bytes("video/x-ms-asf", 0, 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11),
          // fonts
          text("font/woff2", 0, "wOF2"),
          text("font/woff", 0, "wOFF"),
          text("font/collection", 0, "ttcf\u0000"),
          new Signature("font/otf", s -> s.has(0, "OTTO") && isTableDirectory(s)),
          new Signature("font/ttf", s -> s.has(0, 0, 1, 0, 0) && isTableDirectory(s)),
          // documents and archives
          text("application/pdf", 0, "%PDF-"),
          bytes("application/zip", 0, 'P', 'K', 3, 4),
          bytes("application/zip", 0, 'P', 'K', 5, 6),
          bytes("application/gzip", 0, 0x1f, 0x8b, 8),
          new Signature("application/x-bzip2", MediaSignatures::isBzip2),
          bytes("application/x-xz", 0, 0xfd, '7', 'z', 'X', 'Z', 0),
          bytes("application/zstd", 0, 0x28, 0xb5, 0x2f, 0xfd),
          bytes("application/x-7z-compressed", 0, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
          text("application/vnd.rar", 0, "Rar!\u001a\u0007"),
          bytes("application/x-lz4", 0, 4, 0x22, 0x4d, 0x18),
          text("application/x-lzip", 0, "LZIP\u0001"),
          text("application/x-tar", 257, "ustar"),
          text("application/x-cpio", 0, "070701"),
          text("application/vnd.ms-cab-compressed", 0, "MSCF\u0000\u0000\u0000\u0000"),
          text("application/x-iso9660-image", 32769, "CD001"),
          text("application/x-iso9660-image", 34817, "CD001"),
          text("application/x-iso9660-image", 36865, "CD001"),
          text("application/x-iso9660-image", 32769, "BEA01"),
          text("application/x-squashfs", 0, "hsqs"));

  /** What only a download mirror holds. */
  private static final List<Signature> DOWNLOADS =
      List.of(
          bytes("application/x-rpm", 0, 0xed, 0xab, 0xee, 0xdb),
          text("application/vnd.debian.binary-package", 0, "!<arch>\ndebian-binary"),
          new Signature(
              "application/vnd.appimage", s -> s.has(0, 0x7f, 'E', 'L', 'F') && s.has(8, "AI")),
          text("application/x-qemu-disk", 0, "QFI\u00fb"),
          new Signature("application/x-raw-disk-image", s -> s.has(512, "EFI PART")),
          text("application/pgp-signature", 0, "-----BEGIN PGP SIGNATURE-----"),
          text("application/pgp-signature", 0, "-----BEGIN PGP SIGNED MESSAGE-----"),
          new Signature("application/x-bittorrent", s -> s.text(0, 16).matches("(?s)d\\d+:.*")));

  /** Brands of ISO base media files that are pictures. */
  private static final Set<String> HEIF_BRANDS =
      Set.of("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1");

  private MediaSignatures() {}

  /** The media type of the content, or null where it is none of the table. */
  static @Nullable String mediaType(ContentSample sample) {
    String container = container(sample);
    return container != null ? container : first(MEDIA, sample);
  }

  /** The same for what only download mirrors hold. */
  static @Nullable String downloadType(ContentSample sample) {
    return first(DOWNLOADS, sample);
  }

  private static @Nullable String first(List<Signature> signatures, ContentSample sample) {
    for (Signature signature : signatures) {
      if (signature.matches().test(sample)) {
        return signature.mediaType();
      }
    }
    return null;
  }

  /** Containers that name their content inside: ISO base media files and Matroska. */
  private static @Nullable String container(ContentSample sample) {
    if (sample.has(4, "ftyp") && sample.u32(0) >= 8 && sample.u32(0) <= 4096) {
      String brand = sample.text(8, 4);
      if (brand.equals("avif") || brand.equals("avis")) {
        return "image/avif";
      }
      if (HEIF_BRANDS.contains(brand)) {
        return sample.text(16, 64).contains("avif") ? "image/avif" : "image/heic";
      }
      return brand.startsWith("M4A") || brand.startsWith("M4B")
          ? "audio/mp4"
          : brand.equals("qt  ") ? "video/quicktime" : "video/mp4";
    }
    if ((sample.has(4, "moov") || sample.has(4, "mdat") || sample.has(4, "wide"))
        && (sample.u32(0) == 1 || sample.u32(0) >= 8)) {
      return "video/quicktime";
    }
    if (sample.has(0, 0x1a, 0x45, 0xdf, 0xa3)) {
      String header = sample.text(0, 96);
      return header.contains("webm")
          ? "video/webm"
          : header.contains("matroska") ? "video/x-matroska" : null;
    }
    return null;
  }

  private static boolean isJxlCodestream(ContentSample s) {
    // the two bytes ff 0a are all that a bare codestream has; demand that it is no text either
    return s.has(0, 0xff, 0x0a) && s.sizeBytes() > 16 && !s.isText();
  }

  private static boolean isBmp(ContentSample s) {
    long header = s.u32le(14);
    return s.has(0, "BM")
        && s.u32le(6) == 0
        && (header == 12
            || header == 40
            || header == 52
            || header == 56
            || header == 64
            || header == 108
            || header == 124);
  }

  private static boolean isIcon(ContentSample s) {
    // one image at least, a reserved zero, and its data behind the directory
    int count = s.at(4) | Math.max(0, s.at(5)) << 8;
    return s.has(0, 0, 0, 1, 0)
        && count >= 1
        && count <= 64
        && s.at(9) == 0
        && s.u32le(18) >= 6 + 16L * count
        && s.u32le(18) < s.sizeBytes();
  }

  private static boolean isId3(ContentSample s) {
    return s.has(0, "ID3") && s.at(3) >= 2 && s.at(3) <= 4 && s.at(6) < 0x80 && s.at(9) < 0x80;
  }

  private static final int[] MP3_KBITS_V1 = {
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0
  };
  private static final int[] MP3_KBITS_V2 = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0
  };
  private static final int[] MP3_HERTZ_V1 = {44_100, 48_000, 32_000, 0};

  private static boolean isMp3Frames(ContentSample s) {
    int length = mp3FrameLength(s, 0);
    return length > 0 && mp3FrameLength(s, length) > 0;
  }

  /** The length of the MPEG layer III frame at that offset, or 0 where there is none. */
  private static int mp3FrameLength(ContentSample s, int offset) {
    int second = s.at(offset + 1);
    int third = s.at(offset + 2);
    if (s.at(offset) != 0xff || third < 0 || (second & 0xe6) != 0xe2) {
      return 0;
    }
    int version = second >> 3 & 3;
    int hertz = MP3_HERTZ_V1[third >> 2 & 3] / (version == 3 ? 1 : version == 2 ? 2 : 4);
    int kbits = (version == 3 ? MP3_KBITS_V1 : MP3_KBITS_V2)[third >> 4];
    if (version == 1 || hertz == 0 || kbits == 0) {
      return 0;
    }
    return (version == 3 ? 144 : 72) * kbits * 1000 / hertz + (third >> 1 & 1);
  }

  private static boolean isAdts(ContentSample s) {
    if (s.at(0) != 0xff || (s.at(1) & 0xf6) != 0xf0 || s.at(5) < 0) {
      return false;
    }
    int length = (s.at(3) & 3) << 11 | s.at(4) << 3 | s.at(5) >> 5;
    return length > 7 && s.at(length) == 0xff && (s.at(length + 1) & 0xf6) == 0xf0;
  }

  private static boolean isBzip2(ContentSample s) {
    boolean block = s.has(4, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59);
    boolean end = s.has(4, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90);
    return s.has(0, "BZh") && s.at(3) >= '1' && s.at(3) <= '9' && (block || end);
  }

  private static boolean isTableDirectory(ContentSample s) {
    int tables = s.u16(4);
    return tables >= 1 && tables <= 64 && s.text(12, 4).matches("[A-Za-z0-9/ ]{4}");
  }

  private static Signature text(String mediaType, int offset, String magic) {
    return new Signature(mediaType, sample -> sample.has(offset, magic));
  }

  private static Signature bytes(String mediaType, int offset, int... magic) {
    return new Signature(mediaType, sample -> sample.has(offset, magic));
  }

  private static Signature riff(String mediaType, String form) {
    return new Signature(mediaType, sample -> sample.has(0, "RIFF") && sample.has(8, form));
  }

  private static Signature form(String mediaType, String form) {
    return new Signature(mediaType, sample -> sample.has(0, "FORM") && sample.has(8, form));
  }
}
