package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

/** What a peer may make us hold and do, and how long we wait for it. */
final class NetworkLimits {
  /** Peers with a connection or a dial; strangers beyond it are turned away. */
  static final int MAX_PEERS = 4096;

  /** A Rust node dials anew whenever it has forgotten us, and closes nothing (gossip.md §1.6). */
  static final int MAX_CONNECTIONS_PER_PEER = 8;

  /** Streams of ours on one connection; a Rust node allows 100 and gives credit 13 at a time. */
  static final int MAX_OPEN_STREAMS = 64;

  /** Messages that wait for one peer, and their bytes. */
  static final int MAX_QUEUED_MESSAGES = 1024;

  static final int MAX_QUEUED_BYTES = 512 * 1024;

  /** Written to one connection and not yet acknowledged. */
  static final int MAX_UNACKNOWLEDGED_BYTES = 256 * 1024;

  /** Bytes of one write; small messages share it. */
  static final int MAX_WRITE_BYTES = 16 * 1024;

  /** Bytes of frames a peer may send; what is beyond is read and dropped. */
  static final long RECEIVED_BYTES_PER_SECOND = 1 << 20;

  static final long RECEIVED_BURST_BYTES = 4 << 20;

  /** Peers whose addresses the application told, and those of which others spoke. */
  static final int MAX_TRUSTED_PEERS = 1024;

  static final int MAX_LEARNED_PEERS = 8192;

  /** Dials of peers that only others named, so that nobody makes us flood somebody. */
  static final long UNSOLICITED_DIALS_PER_SECOND = 8;

  static final long UNSOLICITED_DIAL_BURST = 64;

  /** Dials that wait for their turn; more fail at once. */
  static final int MAX_WAITING_DIALS = 256;

  static final long DIAL_NANOS = SECONDS.toNanos(10);

  /** How often a peer with a full connection is looked at. */
  static final long BACKLOG_NANOS = MILLISECONDS.toNanos(20);

  private NetworkLimits() {}
}
