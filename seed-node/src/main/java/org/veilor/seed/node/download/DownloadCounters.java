package org.veilor.seed.node.download;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What all downloads together did. */
final class DownloadCounters {
  final LongAdder started = new LongAdder();
  final LongAdder joined = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder notKept = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder receivedBytes = new LongAdder();
  final LongAdder verifiedBytes = new LongAdder();
  final LongAdder wastedBytes = new LongAdder();
  final LongAdder hedgedBytes = new LongAdder();
  final LongAdder originBytes = new LongAdder();
  private final Map<PlanInput.Meaning, LongAdder> failures = new ConcurrentHashMap<>();
  private final Map<DownloadFailure.Kind, LongAdder> failed = new ConcurrentHashMap<>();

  void requestFailed(PlanInput.Meaning meaning) {
    failures.computeIfAbsent(meaning, m -> new LongAdder()).increment();
  }

  void downloadFailed(DownloadFailure.Kind kind) {
    failed.computeIfAbsent(kind, k -> new LongAdder()).increment();
  }

  Map<String, Long> toMap() {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put("downloads_started", started.sum());
    map.put("downloads_joined", joined.sum());
    map.put("downloads_completed", completed.sum());
    map.put("downloads_not_kept", notKept.sum());
    map.put("download_requests", requests.sum());
    map.put("download_received_bytes", receivedBytes.sum());
    map.put("download_verified_bytes", verifiedBytes.sum());
    map.put("download_wasted_bytes", wastedBytes.sum());
    map.put("download_hedged_bytes", hedgedBytes.sum());
    map.put("download_origin_bytes", originBytes.sum());
    for (PlanInput.Meaning meaning : PlanInput.Meaning.values()) {
      LongAdder count = failures.get(meaning);
      map.put("download_requests_failed_" + name(meaning), count == null ? 0 : count.sum());
    }
    for (DownloadFailure.Kind kind : DownloadFailure.Kind.values()) {
      LongAdder count = failed.get(kind);
      map.put("downloads_failed_" + name(kind), count == null ? 0 : count.sum());
    }
    return map;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
