package org.veilor.seed.gossip.protocol;

/** What a frame and a message may hold (iroh-gossip {@code net/util.rs}, {@code state.rs:49}). */
public final class GossipLimits {
  /** ALPN of iroh-gossip 0.101 ({@code net.rs:45}). */
  public static final String ALPN = "/iroh-gossip/1";

  /** Longest frame that is read. */
  public static final int MAX_RECEIVED_FRAME_BYTES = 4096;

  /** Longest frame that is sent: a Rust node refuses to pass on one byte more. */
  public static final int MAX_SENT_FRAME_BYTES = 4095;

  /** Longest content, so that it can be passed on in every round below 16,384. */
  public static final int MAX_CONTENT_BYTES = 4056;

  /** Messages named in one {@link Message.IHave} that is sent. */
  public static final int MAX_IHAVE_ITEMS = 116;

  /** Longest peer data of our own. */
  public static final int MAX_OWN_PEER_DATA_BYTES = 300;

  /** Addresses of our own that we tell. */
  public static final int MAX_OWN_ADDRESSES = 8;

  /** Addresses of one peer that are looked at. */
  public static final int MAX_ADDRESSES = 16;

  private GossipLimits() {}
}
