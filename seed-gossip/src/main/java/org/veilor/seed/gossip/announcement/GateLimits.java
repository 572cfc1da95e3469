package org.veilor.seed.gossip.announcement;

/**
 * How much an {@link AnnouncementGate} remembers, and how much it believes of one issuer.
 *
 * @param maxIssuers besides origins
 * @param rememberedSequences of an issuer; 1 means that a sequence has to be above the last one
 * @param rememberedForgets of an origin
 * @param burst announcements of an issuer at once
 * @param perSecond announcements of an issuer in the long run
 */
public record GateLimits(
    int maxIssuers, int rememberedSequences, int rememberedForgets, int burst, int perSecond) {
  /**
   * Checks that all are positive.
   *
   * @throws IllegalArgumentException if one is not
   */
  public GateLimits {
    if (Math.min(maxIssuers, Math.min(rememberedSequences, rememberedForgets)) < 1
        || Math.min(burst, perSecond) < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
  }

  /** Those of the {@link AnnouncementLimits}. */
  public static GateLimits standard() {
    return new GateLimits(
        AnnouncementLimits.MAX_ISSUERS,
        AnnouncementLimits.REMEMBERED_SEQUENCES,
        AnnouncementLimits.REMEMBERED_FORGETS,
        AnnouncementLimits.BURST,
        AnnouncementLimits.PER_SECOND);
  }
}
