package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the bytes of a stream in order (RFC 9000 §2.2).
 *
 * <p>Bytes are copied out of the packet, into a queue that can be read or, behind a gap, into a
 * run: a stretch without gaps, itself such a queue. Data in order touches no tree. Neighbouring
 * runs join at once, therefore the number of runs is the number of gaps, and packets of ordinary
 * size cannot reach {@code maxGaps} unless every other one is lost. Data that arrives twice is
 * taken from its first arrival and not compared.
 */
final class ReassemblyBuffer {
  /** Arrays beyond one per KiB that are tolerated before small ones are copied together. */
  static final int SPARE_CHUNKS = 2048;

  private static final int COMPACT_UNIT = 1024;

  /** Bytes behind a gap. */
  private static final class Run {
    final long start;
    final ChunkQueue bytes = new ChunkQueue();

    Run(long start) {
      this.start = start;
    }

    long end() {
      return start + bytes.size();
    }
  }

  private final int maxGaps;
  private final ChunkQueue ready = new ChunkQueue();
  private final TreeMap<Long, Run> runs = new TreeMap<>();
  private long readOffset;
  private int waitingBytes; // in runs
  private int waitingChunks;

  ReassemblyBuffer(int maxGaps) {
    this.maxGaps = maxGaps;
  }

  /** Bytes read so far. */
  long readOffset() {
    return readOffset;
  }

  /** Everything before this offset arrived. */
  long contiguousEnd() {
    return readOffset + ready.size();
  }

  /** Bytes that can be read now. */
  int readableBytes() {
    return ready.size();
  }

  /** Pieces that wait behind gaps. */
  int gaps() {
    return runs.size();
  }

  /** Bytes held, readable or not. */
  int bufferedBytes() {
    return ready.size() + waitingBytes;
  }

  /** Arrays held. */
  int chunkCount() {
    return ready.count() + waitingChunks;
  }

  /**
   * Takes bytes in; the position of {@code data} does not move. The caller bounds the offset by
   * flow control.
   *
   * @return false if more pieces wait than allowed
   */
  boolean insert(long offset, ByteBuffer data) {
    long end = offset + data.remaining();
    long contiguousEnd = contiguousEnd();
    if (end <= contiguousEnd) {
      return true;
    }
    if (offset <= contiguousEnd && (runs.isEmpty() || end <= runs.firstKey())) {
      int skip = (int) (contiguousEnd - offset);
      ready.append(data, data.position() + skip, data.remaining() - skip);
      if (!runs.isEmpty() && end == runs.firstKey()) {
        moveToReady(runs.firstEntry().getValue());
      }
      return compactIfSparse();
    }
    insertAmongRuns(offset, end, data);
    return runs.size() <= maxGaps && compactIfSparse();
  }

  private void insertAmongRuns(long offset, long end, ByteBuffer data) {
    long from = Math.max(offset, contiguousEnd());
    while (from < end) {
      Map.Entry<Long, Run> below = runs.floorEntry(from);
      if (below != null && below.getValue().end() > from) {
        from = below.getValue().end();
        continue;
      }
      Map.Entry<Long, Run> above = runs.higherEntry(from);
      long until = above == null ? end : Math.min(end, above.getKey());
      int index = data.position() + (int) (from - offset);
      int length = (int) (until - from);
      if (from == contiguousEnd()) {
        ready.append(data, index, length);
      } else if (below != null && below.getValue().end() == from) {
        appendToRun(below.getValue(), data, index, length);
      } else {
        Run run = new Run(from);
        runs.put(from, run);
        appendToRun(run, data, index, length);
      }
      if (above != null && until == above.getKey()) {
        joinWithPrevious(above.getValue());
      }
      from = Math.max(until, contiguousEnd());
    }
  }

  private void appendToRun(Run run, ByteBuffer data, int index, int length) {
    int chunksBefore = run.bytes.count();
    run.bytes.append(data, index, length);
    waitingChunks += run.bytes.count() - chunksBefore;
    waitingBytes += length;
  }

  /** The gap before this run is closed. */
  private void joinWithPrevious(Run run) {
    if (run.start == contiguousEnd()) {
      moveToReady(run);
      return;
    }
    runs.remove(run.start);
    Map.Entry<Long, Run> previous = runs.lowerEntry(run.start);
    if (previous == null) {
      throw new IllegalStateException("a run joins nothing");
    }
    previous.getValue().bytes.appendAll(run.bytes);
  }

  private void moveToReady(Run run) {
    runs.remove(run.start);
    waitingBytes -= run.bytes.size();
    waitingChunks -= run.bytes.count();
    ready.appendAll(run.bytes);
  }

  /** Many tiny pieces must not cost many times their size: each array has an overhead. */
  private boolean compactIfSparse() {
    if (chunkCount() > SPARE_CHUNKS + bufferedBytes() / COMPACT_UNIT) {
      ready.compact();
      waitingChunks = 0;
      for (Run run : runs.values()) {
        run.bytes.compact();
        waitingChunks += run.bytes.count();
      }
    }
    return true;
  }

  /** Moves up to {@code length} readable bytes out; returns how many. */
  int read(byte[] target, int offset, int length) {
    int done = ready.read(target, offset, length);
    readOffset += done;
    return done;
  }

  /** Drops what waits behind gaps. */
  void discardWaiting() {
    runs.clear();
    waitingBytes = 0;
    waitingChunks = 0;
  }

  /** Drops everything. */
  void discard() {
    discardWaiting();
    ready.clear();
  }
}
