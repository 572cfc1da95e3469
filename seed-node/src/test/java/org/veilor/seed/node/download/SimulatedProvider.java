package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.ChunkRanges;

/** How a provider of a {@link DownloadSimulation} behaves, and what it has open. */
final class SimulatedProvider {
  final ProviderId id;
  final long rttNanos;
  final double bytesPerSecond;

  /** What it holds. */
  ChunkRanges holdings = ChunkRanges.ALL;

  /** From this chunk on its bytes do not verify. */
  long liesFromChunk = Long.MAX_VALUE;

  /** After so many bytes altogether it is silent. */
  long silentAfterBytes = Long.MAX_VALUE;

  /** After so many bytes of a connection the connection is lost. */
  long lostAfterBytes = Long.MAX_VALUE;

  /** The claim in its headers; 0 for the truth. */
  long claimedSize;

  /** Answers every request with this. */
  PlanInput.@Nullable Meaning refusal;

  boolean refusesConnections;
  boolean neverConnects;

  /** Sends byte by byte. */
  boolean trickles;

  boolean knowsObserve = true;

  /** The first so many requests get RESET 3 although it has everything. */
  int spuriousResets;

  boolean connected;
  long sentBytes;
  long sentOnConnection;
  long connection;
  int mostRequests;
  int connects;
  boolean busy;
  final List<Stream> streams = new ArrayList<>();
  int turn;

  SimulatedProvider(String name, long rttMillis, double bytesPerSecond) {
    this.id = new ProviderId(name);
    this.rttNanos = rttMillis * 1_000_000;
    this.bytesPerSecond = bytesPerSecond;
  }

  boolean isHonest() {
    return liesFromChunk == Long.MAX_VALUE
        && silentAfterBytes == Long.MAX_VALUE
        && claimedSize == 0
        && refusal == null
        && !refusesConnections
        && !neverConnects
        && !trickles
        && holdings.isAll();
  }

  /** A request being answered. */
  static final class Stream {
    final long request;
    final boolean asksProof;
    ChunkRanges left;
    boolean headerSent;

    Stream(long request, boolean asksProof, ChunkRanges left) {
      this.request = request;
      this.asksProof = asksProof;
      this.left = left;
    }
  }
}
