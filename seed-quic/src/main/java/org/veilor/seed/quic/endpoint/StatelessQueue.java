package org.veilor.seed.quic.endpoint;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.path.NetworkPath;

/** Packets that no connection sends: Retry, Version Negotiation, refusals, stateless resets. */
final class StatelessQueue {
  @SuppressWarnings("ArrayRecordComponent") // a queue entry
  private record Entry(NetworkPath to, byte[] bytes) {}

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  /** Queues a packet; false, and it is dropped, if the queue is full. */
  boolean offer(NetworkPath to, byte[] bytes) {
    return entries.size() < EndpointConfig.MAX_STATELESS_QUEUE && entries.add(new Entry(to, bytes));
  }

  @Nullable Transmit next(byte[] buffer) {
    Entry entry = entries.poll();
    if (entry == null) {
      return null;
    }
    System.arraycopy(entry.bytes, 0, buffer, 0, entry.bytes.length);
    return new Transmit(entry.to, List.of(), entry.bytes.length, entry.bytes.length);
  }
}
