package org.veilor.seed.gossip.announcement;

import org.veilor.seed.gossip.protocol.GossipLimits;

/**
 * What announcements may hold, so that every one fits into a message, and how many are believed.
 */
public final class AnnouncementLimits {
  /**
   * Longest announcement: what gossip carries in every round below 16,384. (The design says 4,096,
   * which the frames of iroh-gossip have no room for.)
   */
  public static final int MAX_BYTES = GossipLimits.MAX_CONTENT_BYTES;

  /** Hashes of one Withdraw, Forget or Query. */
  public static final int MAX_HASHES = 120;

  /** Blobs of one Provide. */
  public static final int MAX_BLOBS = 75;

  /** Ways to reach an issuer. */
  public static final int MAX_ADDRESSES = GossipLimits.MAX_ADDRESSES;

  /** Bytes of an issuer's id and addresses. */
  public static final int MAX_ADDR_BYTES = 512;

  /** How far the clocks of issuer and receiver may be apart, delivery included. */
  public static final long MAX_CLOCK_DIFFERENCE_MILLIS = 10 * 60_000;

  /** Issuers other than origins that a gate remembers. */
  public static final int MAX_ISSUERS = 10_000;

  /** Sequences of an issuer that a gate remembers; older ones count as seen. */
  public static final int REMEMBERED_SEQUENCES = 32;

  /** Forgets of an origin that a gate remembers; older ones count as seen. */
  public static final int REMEMBERED_FORGETS = 4096;

  /** Announcements of an issuer that are believed at once. */
  public static final int BURST = 100;

  /** Announcements of an issuer that are believed per second in the long run. */
  public static final int PER_SECOND = 10;

  /** Catalogues and Forgets of an origin that are believed at once: a newcomer hears many. */
  public static final int BURST_OF_ORIGIN = 1000;

  /** Catalogues and Forgets of an origin that are believed per second in the long run. */
  public static final int PER_SECOND_OF_ORIGIN = 100;

  private AnnouncementLimits() {}
}
