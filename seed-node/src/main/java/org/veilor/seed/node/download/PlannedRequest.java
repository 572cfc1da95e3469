package org.veilor.seed.node.download;

import org.veilor.seed.core.bao.ChunkRanges;

/** A request in flight, as the plan sees it. */
final class PlannedRequest {
  final long id;
  final PlannedProvider provider;

  /** Whether the last chunk was asked for, whichever it is. */
  final boolean asksProof;

  /** What was asked for and has not come. */
  ChunkRanges due;

  /** What of it is counted on: not here, and not taken over by another request. */
  ChunkRanges needed;

  /** The request to a second provider for the same; 0 if there was none. */
  long hedgedBy;

  final long sentNanos;
  boolean answered;
  long lastActivityNanos;

  PlannedRequest(
      long id, PlannedProvider provider, ChunkRanges asked, boolean asksProof, long nowNanos) {
    this.id = id;
    this.provider = provider;
    this.due = asked;
    this.needed = asked;
    this.asksProof = asksProof;
    this.sentNanos = nowNanos;
    this.lastActivityNanos = nowNanos;
  }

  long neededBytes() {
    return ChunkSets.bytes(needed);
  }
}
