package org.veilor.seed.net;

/** The limits of qlog files, all in one place. */
public final class QlogLimits {
  /** Bytes of one connection's file; what happens later in the connection is not logged. */
  public static final int MAX_FILE_BYTES = 16 * 1024 * 1024;

  /** Files in a folder; the oldest makes room for the newest. */
  public static final int MAX_FILES = 256;

  /** Bytes of a connection that wait in memory to be written together. */
  static final int BUFFER_BYTES = 16 * 1024;

  /** After so long they are written even if they are few, as soon as something else happens. */
  static final long MAX_BUFFERED_NANOS = 1_000_000_000L;

  /** Buffers that wait for the disk; with more, the disk is too slow and logs end. */
  static final int MAX_WAITING_BUFFERS = 512;

  private QlogLimits() {}
}
