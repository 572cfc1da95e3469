package org.veilor.seed.node.announce;

import java.util.HashMap;
import java.util.Map;
import org.veilor.seed.core.identity.EndpointId;

/**
 * How much of what neighbours delivered may wait to be looked at, of all topics: looking costs a
 * signature, and comes slower than messages can come. One neighbour has at most a quarter of what
 * is free, so that there is always room for what the others deliver. Any thread.
 */
final class Inbox {
  /** Of all neighbours: a second's work. */
  static final int MAX_BYTES = 4 << 20;

  /** What a message costs beside its content. */
  static final int MESSAGE_BYTES = 256;

  private static final int FREE_SHARE = 4;

  private final Map<EndpointId, Integer> waiting = new HashMap<>();
  private int usedBytes;

  /** Whether there is room for a message; then it counts until {@link #done}. */
  synchronized boolean take(EndpointId from, int contentBytes) {
    int bytes = contentBytes + MESSAGE_BYTES;
    int mine = waiting.getOrDefault(from, 0);
    if (mine + bytes > (MAX_BYTES - usedBytes) / FREE_SHARE) {
      return false;
    }
    waiting.put(from, mine + bytes);
    usedBytes += bytes;
    return true;
  }

  /** A message was looked at. */
  synchronized void done(EndpointId from, int contentBytes) {
    int bytes = contentBytes + MESSAGE_BYTES;
    usedBytes -= bytes;
    waiting.computeIfPresent(from, (id, held) -> held > bytes ? held - bytes : null);
  }

  /** What waits. */
  synchronized int usedBytes() {
    return usedBytes;
  }
}
