package org.veilor.seed.node.daemon;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.gateway.PrometheusText;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheStats;

/** The figures of cache and downloads in Prometheus' text format. */
final class PullMetrics {
  /** Figures of downloads that go up and down. */
  private static final Set<String> GAUGES = Set.of("downloads_running", "download_waiting_bytes");

  /** Providers whose scores are told, the latest: labels are kept by whoever collects them. */
  private static final int PROVIDERS_TOLD = 50;

  private final BlobCache cache;
  private final Downloader downloader;

  PullMetrics(BlobCache cache, Downloader downloader) {
    this.cache = cache;
    this.downloader = downloader;
  }

  void write(PrometheusText text) {
    cache(text, cache.stats());
    for (Map.Entry<String, Long> each : downloader.counters().entrySet()) {
      String name = "veilor_seed_" + each.getKey();
      if (GAUGES.contains(each.getKey())) {
        text.gauge(name, "A figure of the downloads now.", (double) each.getValue());
      } else {
        text.counter(name + "_total", "A figure of the downloads.", each.getValue());
      }
    }
    var scores = downloader.scores();
    for (var score : scores.subList(Math.max(0, scores.size() - PROVIDERS_TOLD), scores.size())) {
      provider(text, score);
    }
  }

  private static void cache(PrometheusText text, CacheStats stats) {
    String cache = "veilor_seed_cache_";
    text.gauge(cache + "used_bytes", "Allocated and reserved bytes.", (double) stats.usedBytes());
    text.gauge(cache + "max_bytes", "Budget.", (double) stats.maxBytes());
    text.gauge(cache + "disk_free_bytes", "Free, or -1.", (double) stats.freeBytes());
    text.gauge(cache + "disk_full", "1 while nothing is kept for want of room.", full(stats));
    text.gauge(cache + "blobs", "Blobs by state.", stats.completeBlobs(), "state", "complete");
    text.gauge(cache + "blobs", "Blobs by state.", stats.partialBlobs(), "state", "partial");
    text.gauge(cache + "pinned_blobs", "Blobs that are pinned and here.", stats.pinnedBlobs());
    text.counter(cache + "hits_total", "Blobs that were here.", stats.hits());
    text.counter(cache + "misses_total", "Blobs that were not here.", stats.misses());
    text.counter(cache + "commits_total", "Blobs that became complete.", stats.commits());
    stats
        .notKept()
        .forEach((reason, count) ->
            text.counter(
                cache + "not_kept_total", "Blobs not kept.", count, "reason", word(reason)));
    stats
        .removed()
        .forEach((reason, count) ->
            text.counter(
                cache + "removed_total", "Blobs that left.", count, "reason", word(reason)));
    stats
        .removedBytes()
        .forEach((reason, bytes) ->
            text.counter(
                cache + "removed_bytes_total", "Bytes freed.", bytes, "reason", word(reason)));
  }

  private static double full(CacheStats stats) {
    return stats.isDiskFull() ? 1 : 0;
  }

  private static void provider(PrometheusText text, Downloader.ProviderScore score) {
    String prefix = "veilor_seed_provider_";
    String name = score.provider().toString();
    text.counter(prefix + "bytes_total", "Verified bytes.", score.bytes(), "provider", name);
    text.counter(prefix + "failures_total", "Failures.", score.failures(), "provider", name);
    text.counter(prefix + "lies_total", "Wrong bytes.", score.lies(), "provider", name);
    text.gauge(
        prefix + "bytes_per_second",
        "Measured rate.",
        (double) score.bytesPerSecond(),
        "provider",
        name);
    text.gauge(
        prefix + "rtt_seconds", "Measured round trip.", score.rttNanos() / 1e9, "provider", name);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
