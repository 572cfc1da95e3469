package org.veilor.seed.gossip.announcement;

/** What became of a message that may be an announcement. */
public sealed interface GateOutcome {
  /** It is new, allowed and really of its issuer. */
  record Accepted(Announcement announcement) implements GateOutcome {}

  /**
   * Nothing is to be done about it. Its deliverer is not to blame: a Rust node passes everything
   * on.
   */
  record Dropped(Reason reason) implements GateOutcome {}

  /** Why a message is dropped, in the order in which it is checked. */
  enum Reason {
    /** It is longer than announcements are. */
    TOO_LONG,
    /** Another version of the format; a newer program may be about. */
    OTHER_VERSION,
    /** No announcement, or not in the one form that it has. */
    MALFORMED,
    /** Issued more than ten minutes from now: the clock of the issuer or ours is wrong. */
    FROM_THE_FUTURE,
    /** Issued more than ten minutes ago, and not of a kind that stays true. */
    TOO_OLD,
    /** A Forget whose time is over. */
    EXPIRED,
    /** Something that only an origin may say, by somebody else. */
    NOT_ALLOWED,
    /** The sequence was there, or is too far below those that were. */
    REPLAYED,
    /** The issuer says too much. */
    OVER_RATE,
    /** A new issuer, and as many as can be remembered spoke in the last ten minutes. */
    TOO_MANY_ISSUERS,
    /** Forged, damaged, of another topic, or of somebody without the group's secret. */
    BAD_SIGNATURE
  }
}
