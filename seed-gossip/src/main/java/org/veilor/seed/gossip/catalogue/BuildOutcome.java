package org.veilor.seed.gossip.catalogue;

/** What came of building a catalogue. */
public sealed interface BuildOutcome {
  /** There is a new catalogue. */
  record Built(BuiltCatalogue catalogue) implements BuildOutcome {}

  /** Nothing is different from the catalogue that was built last, which goes on to hold. */
  record Unchanged() implements BuildOutcome {}

  /**
   * The service has more files than {@link CatalogueLimits#MAX_ENTRIES}. Nothing was built, the
   * changes are still waiting; the sink may have got pages that no catalogue has.
   */
  record TooManyEntries(long entries) implements BuildOutcome {}

  /** A page of the last catalogue cannot be read any more: a new builder has to begin anew. */
  record LastUnreadable(String reason) implements BuildOutcome {}
}
