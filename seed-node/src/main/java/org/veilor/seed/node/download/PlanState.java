package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;

/** What a {@link DownloadPlan} and its parts share. */
final class PlanState {
  final Map<ProviderId, PlannedProvider> providers = new LinkedHashMap<>();
  final Map<Long, PlannedRequest> requests = new LinkedHashMap<>();
  final Map<Long, PlannedReader> readers = new LinkedHashMap<>();
  List<PlanAction> actions = new ArrayList<>();
  OptionalLong provenSize = OptionalLong.empty();
  ChunkRanges present = ChunkRanges.EMPTY;

  /** Nothing but the windows of readers is wanted; 0 if everything is. */
  long onlyWindowsBytes;

  long nextRequest = 1;
  long hedgedBytes;
  long wastedBytes;
  long presentBytes;
  long lastProgressNanos;

  long chunks() {
    return provenSize.isPresent()
        ? new BaoTree(provenSize.getAsLong()).chunks()
        : Long.MAX_VALUE / BaoTree.CHUNK_BYTES;
  }

  /** Bytes of these chunks, of which the last of the blob may be short. */
  long bytes(ChunkRanges chunks) {
    long bytes = ChunkSets.bytes(chunks);
    boolean hasLast = provenSize.isPresent() && chunks.contains(chunks() - 1);
    return hasLast ? bytes - (chunks() * BaoTree.CHUNK_BYTES - provenSize.getAsLong()) : bytes;
  }

  /** What is asked for and counted on. */
  ChunkRanges assigned() {
    ChunkRanges all = ChunkRanges.EMPTY;
    for (PlannedRequest request : requests.values()) {
      all = all.union(request.needed);
    }
    return all;
  }

  /** All that is to be fetched, here or not. */
  ChunkRanges wanted() {
    if (provenSize.isPresent() && onlyWindowsBytes == 0) {
      return ChunkRanges.range(0, chunks());
    }
    long window = provenSize.isPresent() ? onlyWindowsBytes : PlanLimits.OPENING_BYTES;
    ChunkRanges wanted = ChunkRanges.EMPTY;
    for (PlannedReader reader : readers.values()) {
      wanted = wanted.union(window(reader, window));
    }
    return wanted.isEmpty() && provenSize.isEmpty()
        ? ChunkRanges.range(0, PlanLimits.OPENING_BYTES / BaoTree.CHUNK_BYTES)
        : wanted;
  }

  /** The chunk groups that a reader needs next. */
  ChunkRanges window(PlannedReader reader, long windowBytes) {
    long front = reader.frontChunk();
    long end =
        Math.ceilDiv(
            Math.min(reader.untilByte, front * BaoTree.CHUNK_BYTES + windowBytes),
            PlanLimits.GROUP_BYTES);
    return ChunkRanges.range(front, Math.min(chunks(), end * BaoTree.GROUP_CHUNKS));
  }

  /** Bytes a second of all that are connected. */
  double totalRate() {
    double sum = 0;
    for (PlannedProvider provider : providers.values()) {
      sum += provider.isConnected() ? provider.rate.bytesPerSecond() : 0;
    }
    return Math.max(1, sum);
  }

  int connected() {
    int count = 0;
    for (PlannedProvider provider : providers.values()) {
      count += provider.isConnected() ? 1 : 0;
    }
    return count;
  }

  /** Sends a request. */
  PlannedRequest request(
      PlannedProvider provider, ChunkRanges ranges, boolean asksProof, long nowNanos) {
    PlannedRequest request =
        new PlannedRequest(nextRequest++, provider, ranges, asksProof, nowNanos);
    if (provider.requests.isEmpty()) {
      provider.lastActivityNanos = nowNanos;
    }
    provider.alone = provider.nextAlone;
    provider.nextAlone = false;
    requests.put(request.id, request);
    provider.requests.put(request.id, request);
    ChunkRanges asked = asksProof ? ranges.union(ChunkRanges.LAST_CHUNK) : ranges;
    actions.add(new PlanAction.Request(request.id, provider.id, asked));
    return request;
  }

  /** Whether a second provider is being asked for the same. */
  boolean isHedged(PlannedRequest request) {
    return requests.containsKey(request.hedgedBy);
  }

  /** Forgets a request. */
  void remove(PlannedRequest request) {
    requests.remove(request.id);
    request.provider.requests.remove(request.id);
    if (request.provider.requests.isEmpty()) {
      request.provider.rate.pause();
    }
  }

  /** Stops a request whose rest is not wanted. */
  void cancel(PlannedRequest request) {
    remove(request);
    request.provider.alone = false;
    actions.add(new PlanAction.Cancel(request.id));
  }
}
