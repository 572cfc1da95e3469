package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;

/**
 * What a catalogue may hold. {@link #MAX_PAGE_ENTRIES} is part of the format, since it decides
 * where pages are split; the others only bound what a reader takes.
 */
public final class CatalogueLimits {
  /** The version that is written and read. */
  public static final int VERSION = 1;

  /** Entries of one page; one more splits it. */
  public static final int MAX_PAGE_ENTRIES = 512;

  /** Entries of a catalogue. */
  public static final int MAX_ENTRIES = 1 << 22;

  /** Pages of a catalogue: twice what the most entries need. */
  public static final int MAX_PAGES = 1 << 15;

  /** Leading bits of a lookup key that can tell pages apart. */
  public static final int MAX_PREFIX_BITS = 32;

  /** Bytes of a path in UTF-8, as in an address of the gateway. */
  public static final int MAX_PATH_BYTES = 2048;

  /** Segments of a path: those of an address of the gateway without {@code s} and the service. */
  public static final int MAX_PATH_SEGMENTS = 62;

  /** Characters of a media type, all of them ASCII (RFC 6838 section 4.2: 127 on either side). */
  public static final int MAX_MEDIA_TYPE_CHARS = 127;

  /** Size of one blob: 1 TiB. With it no total overflows. */
  public static final long MAX_BLOB_BYTES = 1L << 40;

  /** The latest time, in milliseconds since 1970. */
  public static final long MAX_TIME_MILLIS = (1L << 53) - 1;

  /** Bytes of one entry: key, hash, size, media type, time, path, and their lengths. */
  static final int MAX_ENTRY_BYTES =
      2 * Hash.LENGTH + 6 + 2 + MAX_MEDIA_TYPE_CHARS + 8 + 2 + MAX_PATH_BYTES;

  /** Bytes of a page blob: 1.1 MiB. Pages with short or hidden paths are some 40 KB. */
  public static final int MAX_PAGE_BYTES = 2 + MAX_PAGE_ENTRIES * MAX_ENTRY_BYTES;

  /** Bytes of the header blob: 3 for each page, and all texts at their longest. */
  public static final int MAX_HEADER_BYTES = 1024 + 3 * MAX_PAGES;

  /** Bytes of the root blob. */
  public static final int MAX_ROOT_BYTES = (1 + MAX_PAGES) * Hash.LENGTH;

  /** Entries of a catalogue that is also offered as a collection. */
  public static final int MAX_COLLECTION_ENTRIES = 100_000;

  private CatalogueLimits() {}
}
