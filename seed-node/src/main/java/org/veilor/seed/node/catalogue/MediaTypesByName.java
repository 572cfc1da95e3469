package org.veilor.seed.node.catalogue;

import java.util.Locale;
import java.util.Map;
import org.veilor.seed.gossip.catalogue.MediaTypes;

/**
 * What a file probably is, by its name: opening a million files to look would take hours. It is a
 * hint for lists; gateways look at the content before they say what it is.
 */
final class MediaTypesByName {
  private static final Map<String, String> BY_EXTENSION =
      Map.ofEntries(
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("png", "image/png"),
          Map.entry("apng", "image/png"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("avif", "image/avif"),
          Map.entry("jxl", "image/jxl"),
          Map.entry("heic", "image/heic"),
          Map.entry("bmp", "image/bmp"),
          Map.entry("tif", "image/tiff"),
          Map.entry("tiff", "image/tiff"),
          Map.entry("ico", "image/vnd.microsoft.icon"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("m4v", "video/mp4"),
          Map.entry("webm", "video/webm"),
          Map.entry("mov", "video/quicktime"),
          Map.entry("mkv", "video/x-matroska"),
          Map.entry("mpg", "video/mpeg"),
          Map.entry("mpeg", "video/mpeg"),
          Map.entry("ts", "video/mp2t"),
          Map.entry("mp3", "audio/mpeg"),
          Map.entry("aac", "audio/aac"),
          Map.entry("m4a", "audio/mp4"),
          Map.entry("flac", "audio/flac"),
          Map.entry("wav", "audio/wav"),
          Map.entry("aiff", "audio/aiff"),
          Map.entry("ogg", "application/ogg"),
          Map.entry("oga", "application/ogg"),
          Map.entry("opus", "application/ogg"),
          Map.entry("mid", "audio/midi"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("woff", "font/woff"),
          Map.entry("otf", "font/otf"),
          Map.entry("ttf", "font/ttf"),
          Map.entry("txt", "text/plain"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("zip", "application/zip"),
          Map.entry("gz", "application/gzip"),
          Map.entry("tgz", "application/gzip"),
          Map.entry("zst", "application/zstd"),
          Map.entry("xz", "application/x-xz"),
          Map.entry("bz2", "application/x-bzip2"),
          Map.entry("7z", "application/x-7z-compressed"),
          Map.entry("tar", "application/x-tar"),
          Map.entry("rar", "application/vnd.rar"),
          Map.entry("iso", "application/x-iso9660-image"),
          Map.entry("img", "application/x-raw-disk-image"),
          Map.entry("qcow2", "application/x-qemu-disk"),
          Map.entry("squashfs", "application/x-squashfs"),
          Map.entry("rpm", "application/x-rpm"),
          Map.entry("deb", "application/vnd.debian.binary-package"),
          Map.entry("appimage", "application/vnd.appimage"),
          Map.entry("torrent", "application/x-bittorrent"),
          Map.entry("asc", "application/pgp-signature"),
          Map.entry("sig", "application/pgp-signature"));

  private MediaTypesByName() {}

  /** The type of a file of that name, or that of bytes. */
  static String of(String name) {
    int dot = name.lastIndexOf('.');
    String extension = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    return dot < 0 ? MediaTypes.BYTES : BY_EXTENSION.getOrDefault(extension, MediaTypes.BYTES);
  }
}
