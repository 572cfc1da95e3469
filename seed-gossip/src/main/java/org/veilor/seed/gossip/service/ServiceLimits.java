package org.veilor.seed.gossip.service;

/** What invites and proofs of membership may hold. */
public final class ServiceLimits {
  /** Characters of an invite, with all that chat programs add. */
  public static final int MAX_INVITE_CHARS = 32 * 1024;

  /** Bytes of an invite. */
  public static final int MAX_INVITE_BYTES = 10 * 1024;

  /** Origins of a service. */
  public static final int MAX_ORIGINS = 16;

  /** Endpoints that an invite names to begin with. */
  public static final int MAX_BOOTSTRAP = 16;

  /** Addresses of one of these. */
  public static final int MAX_ADDRESSES = 16;

  /** Bytes of the id and the addresses of one of these. */
  public static final int MAX_ADDR_BYTES = 512;

  /** Groups that are proved over one connection. */
  public static final int MAX_GROUPS = 64;

  /** How long a proof of membership is good for an endpoint. */
  public static final long MEMBERSHIP_MILLIS = 24 * 3_600_000L;

  /** Members that are remembered, of all groups together. */
  public static final int MAX_MEMBERS = 20_000;

  private ServiceLimits() {}
}
