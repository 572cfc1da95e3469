package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import org.veilor.seed.core.bao.BaoTree;

/** The numbers of a {@link DownloadPlan}. */
final class PlanLimits {
  /** Providers of one blob that are remembered. */
  static final int MAX_PROVIDERS = 64;

  /** Connections for one blob. */
  static final int MAX_CONNECTED = 8;

  /** Connections before it is known that the blob is worth more. */
  static final int MAX_CONNECTED_AT_FIRST = 4;

  /** Requests in flight for a hash and provider: more than 32 make a healthy one reset. */
  static final int MAX_REQUESTS = 16;

  /** Boundaries of a request. */
  static final int MAX_BOUNDARIES = 64;

  /** Providers that are asked for the proof of the size at the same time. */
  static final int MAX_PROOFS = 4;

  static final long GROUP_BYTES = BaoTree.GROUP_BYTES;

  /** What is fetched before the size is proved, around each reader. */
  static final long OPENING_BYTES = 16 * GROUP_BYTES;

  static final long FIRST_PIECE_BYTES = 16 * GROUP_BYTES;
  static final long MIN_PIECE_BYTES = 4 * GROUP_BYTES;
  static final long MAX_PIECE_BYTES = 32L << 20;

  /** A piece is about so long a time of the provider's rate. */
  static final long PIECE_NANOS = SECONDS.toNanos(1);

  /** So much is asked for ahead, beyond three round trips. */
  static final long AHEAD_NANOS = MILLISECONDS.toNanos(150);

  static final long MIN_WINDOW_BYTES = 1L << 20;
  static final long MAX_WINDOW_BYTES = 16L << 20;

  /** A late range is asked of a second provider up to here. */
  static final long MAX_HEDGE_BYTES = 1L << 20;

  /** Who gives nothing of use for so long takes no other's place. */
  static final long PLACE_NANOS = SECONDS.toNanos(1);

  static final long CONNECT_NANOS = SECONDS.toNanos(5);

  /** Failures to connect for the first time, after which a download does not wait for a peer. */
  static final int MAX_VAIN_CONNECTS = 1;

  static final long MIN_LATE_NANOS = MILLISECONDS.toNanos(300);
  static final long MAX_LATE_NANOS = SECONDS.toNanos(3);

  /** After so many times the limit for being late a response is given up. */
  static final int STALL_FACTOR = 8;

  static final long MIN_STALL_NANOS = SECONDS.toNanos(4);

  /** Stealing must save so much. */
  static final long MIN_GAIN_NANOS = MILLISECONDS.toNanos(20);

  static final long BACK_OFF_NANOS = MILLISECONDS.toNanos(250);
  static final long MAX_BACK_OFF_NANOS = SECONDS.toNanos(10);

  /** Failures in a row without a byte of use, after which a provider is given up. */
  static final int MAX_FAILURES = 6;

  /** How often an observe stream that ended is opened again. */
  static final long OBSERVE_AGAIN_NANOS = SECONDS.toNanos(2);

  /** How long to wait for providers that are themselves still fetching. */
  static final long GROWING_NANOS = SECONDS.toNanos(5);

  static final long TICK_NANOS = MILLISECONDS.toNanos(50);

  /** The rate assumed of a provider of which nothing is known. */
  static final double ASSUMED_RATE = 2e6;

  private PlanLimits() {}
}
