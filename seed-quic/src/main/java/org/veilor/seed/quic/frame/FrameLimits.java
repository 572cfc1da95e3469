package org.veilor.seed.quic.frame;

/** Limits on what frames from the network may hold. */
public final class FrameLimits {
  /** Ranges kept of one ACK frame; of a longer one the newest are kept and the rest is skipped. */
  public static final int MAX_ACK_RANGES = 256;

  /** The largest count of streams, 2^60: a larger one has no stream ids (RFC 9000 §19.11). */
  public static final long MAX_STREAMS = 1L << 60;

  /** Bytes of a stateless reset token (RFC 9000 §10.3). */
  public static final int RESET_TOKEN_LENGTH = 16;

  private FrameLimits() {}
}
