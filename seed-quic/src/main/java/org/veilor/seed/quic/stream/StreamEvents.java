package org.veilor.seed.quic.stream;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Events that wait for the application. Bounded by the streams there may be: of the events that can
 * happen often, at most one per stream waits.
 */
final class StreamEvents {
  private final ArrayDeque<StreamEvent> queue = new ArrayDeque<>();
  private final StreamTable table;

  StreamEvents(StreamTable table) {
    this.table = table;
  }

  void add(StreamEvent event) {
    queue.add(event);
  }

  void addReadable(StreamEntry entry) {
    if (!entry.readablePending) {
      entry.readablePending = true;
      queue.add(new StreamEvent.Readable(entry.id));
    }
  }

  void addWritable(StreamEntry entry) {
    if (!entry.writablePending) {
      entry.writablePending = true;
      queue.add(new StreamEvent.Writable(entry.id));
    }
  }

  @Nullable StreamEvent poll() {
    for (StreamEvent event = queue.poll(); event != null; event = queue.poll()) {
      if (isCurrent(event)) {
        return event;
      }
    }
    return null;
  }

  /** Clears the pending mark; an event of a stream that is gone meanwhile says nothing. */
  private boolean isCurrent(StreamEvent event) {
    return switch (event) {
      case StreamEvent.Readable(long id) -> {
        StreamEntry entry = table.get(id);
        if (entry != null) {
          entry.readablePending = false;
        }
        yield entry != null;
      }
      case StreamEvent.Writable(long id) -> {
        StreamEntry entry = table.get(id);
        if (entry != null) {
          entry.writablePending = false;
        }
        yield entry != null && entry.send != null && entry.send.isWritable();
      }
      default -> true;
    };
  }
}
