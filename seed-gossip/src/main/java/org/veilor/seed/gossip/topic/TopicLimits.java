package org.veilor.seed.gossip.topic;

import java.util.concurrent.TimeUnit;

/** Bounds and times of the hardened rules; iroh-gossip has none of them. */
public final class TopicLimits {
  /** Until the first shuffle; the next ones take twice as long each, up to the usual interval. */
  public static final long FIRST_SHUFFLE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long we take a peer's next Neighbor for an answer to ours. */
  public static final long MARK_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** After our Disconnect: how long the peer's Neighbor is taken for one that crossed it. */
  public static final long COOL_DOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After the first refusal; doubles with each. */
  public static final long FIRST_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Longest back-off without any neighbour. */
  public static final long ALONE_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Longest back-off with fewer than {@value #COMFORTABLE_NEIGHBORS} neighbours. */
  public static final long BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Longest back-off with enough of them. */
  public static final long COMFORTABLE_BACK_OFF_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** Neighbours with which a node may take its time. */
  public static final int COMFORTABLE_NEIGHBORS = 3;

  /**
   * Places among the neighbours that are left to whoever asks. Filling all of them gives 4.9
   * neighbours in the mean where iroh-gossip has 4.2; with one left free, 4.5. Not granting it
   * either gives 4.1, but then it takes longer to recover when many vanish.
   */
  public static final int SLOTS_LEFT_FREE = 1;

  /**
   * Peers that are sent payloads from the beginning; neighbours beyond are told ids first. The
   * first message goes over all eager links, and over each that the tree does not need twice.
   */
  public static final int EAGER_AT_FIRST = 4;

  /** From a Join to the first Neighbor(High), from that to the second, and to giving up. */
  public static final long JOIN_RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Neighbor(High) after an unanswered Join. */
  public static final int JOIN_RETRIES = 2;

  /** First pause of the bootstrap loop without neighbours; doubles. */
  public static final long ALONE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Longest pause of it without neighbours, and its pause with one. */
  public static final long LONELY_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Pause of the bootstrap loop with two neighbours or more: heals partitions. */
  public static final long HEALTHY_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** After this long without a word a new neighbour is asked whether it knows of us. */
  public static final long LINK_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  /** How often it is asked. */
  public static final int LINK_CHECKS = 2;

  /** How long somebody may speak to us like a neighbour without being one. */
  public static final long STRANGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long somebody's own word about its addresses outweighs what others say. */
  public static final long DIRECT_DATA_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** A neighbour for this long may be the protected one, which no request displaces. */
  public static final long PROTECTED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How old a message may be of which a new neighbour is told. */
  public static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Messages of which a new neighbour is told. */
  public static final int MAX_RECENT = 64;

  /** How long a message may be named as missing. */
  public static final long MISSING_NANOS = TimeUnit.SECONDS.toNanos(90);

  /** Contacts of the application that are remembered. */
  public static final int MAX_CONTACTS = 64;

  /** Former neighbours that are remembered. */
  public static final int MAX_KNOWN_GOOD = 50;

  /**
   * Marks and peers that cool down: as many as a node can be connected to. When more join at once
   * than are remembered, their answers are taken for new requests, each of which displaces a
   * neighbour, whose answer is taken for one: with 256, a thousand that joined one node sent three
   * times as many messages as iroh-gossip.
   */
  public static final int MAX_JOINERS = 4_096;

  /** Each other set of peers that time or chance empties. */
  public static final int MAX_MARKS = 256;

  /** Peers whose data is kept, views included. */
  public static final int MAX_PEER_DATA = 192;

  /** Longest data of a peer that is kept. */
  public static final int MAX_PEER_DATA_BYTES = 1024;

  /** Peers of one Shuffle or ShuffleReply that are looked at. */
  public static final int MAX_SHUFFLE_NODES = 16;

  /** Messages that are named as missing, in one topic. */
  public static final int MAX_MISSING = 10_000;

  /** Of these, named by one peer. */
  public static final int MAX_MISSING_OF_PEER = 1_000;

  /** Ids to be told to one lazy peer. */
  public static final int MAX_LAZY_QUEUE = 4_096;

  /** Ids of messages that are remembered, in one topic. */
  public static final int MAX_RECEIVED = 65_536;

  /** Messages kept for others, in one topic. */
  public static final int MAX_CACHED = 8_192;

  /** Their bytes, in one topic. */
  public static final long MAX_CACHED_BYTES = 8L << 20;

  /** Their bytes, in all topics of a node. */
  public static final long MAX_NODE_CACHED_BYTES = 64L << 20;

  /** Peers with a budget; whoever was silent longest gets a new one. */
  public static final int MAX_BUDGETS = 1_024;

  private TopicLimits() {}
}
