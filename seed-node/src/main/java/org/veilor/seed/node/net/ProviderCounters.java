package org.veilor.seed.node.net;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the provider has done since the daemon began, for the status. */
final class ProviderCounters {
  final LongAdder connections = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder refusedRequests = new LongAdder();
  final LongAdder finishedRequests = new LongAdder();
  final LongAdder failedRequests = new LongAdder();
  final LongAdder abandonedRequests = new LongAdder();
  final LongAdder stalledRequests = new LongAdder();
  final LongAdder payloadBytes = new LongAdder();
  final LongAdder otherBytes = new LongAdder();

  Map<String, Long> toMap() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("provider_connections", connections.sum());
    counters.put("provider_requests", requests.sum());
    counters.put("provider_requests_refused", refusedRequests.sum());
    counters.put("provider_requests_finished", finishedRequests.sum());
    counters.put("provider_requests_failed", failedRequests.sum());
    counters.put("provider_requests_abandoned", abandonedRequests.sum());
    counters.put("provider_requests_stalled", stalledRequests.sum());
    counters.put("provider_payload_bytes", payloadBytes.sum());
    counters.put("provider_other_bytes", otherBytes.sum());
    return counters;
  }
}
