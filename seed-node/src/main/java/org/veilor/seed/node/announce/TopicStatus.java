package org.veilor.seed.node.announce;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a service's topic stands.
 *
 * @param accepted announcements of others that were believed
 * @param droppedBy messages that were not, by reason in snake case; reasons of none are left out
 * @param issuers whose announcements are remembered
 */
public record TopicStatus(
    int neighbors, long said, long accepted, Map<String, Long> droppedBy, int issuers) {
  /** Copies the map. */
  public TopicStatus {
    droppedBy = Collections.unmodifiableMap(new TreeMap<>(droppedBy));
  }

  /** Messages that were not believed. */
  public long dropped() {
    return droppedBy.values().stream().mapToLong(Long::longValue).sum();
  }
}
