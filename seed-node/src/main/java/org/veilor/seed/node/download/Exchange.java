package org.veilor.seed.node.download;

import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.core.bao.ChunkRanges;

/** A request of a download while it is answered. */
final class Exchange {
  final long id;
  final Peer peer;
  final int generation;
  final RequestRun run;
  final GetterSession session;
  long claimedSizeBytes = -1;

  /** Raw bytes of which the plan has not been told. */
  long untoldBytes;

  /** Chunks of the bytes at hand of which the plan has not been told. */
  ChunkRanges untold = ChunkRanges.EMPTY;

  Exchange(long id, Peer peer, RequestRun run, GetterSession session) {
    this.id = id;
    this.peer = peer;
    this.generation = peer.generation;
    this.run = run;
    this.session = session;
  }
}
