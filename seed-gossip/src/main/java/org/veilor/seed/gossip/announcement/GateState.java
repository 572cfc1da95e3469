package org.veilor.seed.gossip.announcement;

import java.util.List;
import org.veilor.seed.core.identity.EndpointId;

/**
 * What an {@link AnnouncementGate} has to remember over a restart, so that nothing is accepted
 * twice. What it accepted after the last export and within ten minutes before the restart can be
 * accepted once more; each body means the same when said twice.
 */
public record GateState(List<Issuer> issuers) {
  /** Nothing has been accepted yet. */
  public static final GateState NEW = new GateState(List.of());

  /** Copies the list. */
  public GateState {
    issuers = List.copyOf(issuers);
  }

  /**
   * One issuer.
   *
   * @param latestIssuedAtMillis of all its announcements
   * @param sequences of those that do not stay true
   * @param lastCatalogue sequence of its newest catalogue, -1 if there is none
   * @param forgets sequences of its Forgets
   */
  public record Issuer(
      EndpointId id,
      long latestIssuedAtMillis,
      Sequences sequences,
      long lastCatalogue,
      Sequences forgets) {}

  /**
   * Sequences that were there.
   *
   * @param floor this one and all below count as seen; -1 if none does
   * @param above others that were seen, ascending
   */
  public record Sequences(long floor, List<Long> above) {
    /** None has been seen. */
    public static final Sequences NONE = new Sequences(-1, List.of());

    /** Copies the list. */
    public Sequences {
      above = List.copyOf(above);
    }
  }
}
