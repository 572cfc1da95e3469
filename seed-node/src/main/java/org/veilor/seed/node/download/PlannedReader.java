package org.veilor.seed.node.download;

import org.veilor.seed.core.bao.BaoTree;

/** Somebody who reads in order. */
final class PlannedReader {
  final long id;
  long fromByte;
  long untilByte;

  PlannedReader(long id, long fromByte, long untilByte) {
    this.id = id;
    this.fromByte = fromByte;
    this.untilByte = untilByte;
  }

  /** The chunk group at which the reader stands, as its first chunk. */
  long frontChunk() {
    return fromByte / PlanLimits.GROUP_BYTES * BaoTree.GROUP_CHUNKS;
  }
}
