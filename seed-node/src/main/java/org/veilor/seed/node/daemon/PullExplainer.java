package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.announce.AnnouncedProviders.Claim;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadProgress;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedBlob;

/** Says of a blob that is not seeded here whether it is cached, on its way, or could be had. */
final class PullExplainer {
  private final BlobCache cache;
  private final Downloader downloader;
  private final KnownProviders providers;
  private final Pins pins;

  PullExplainer(BlobCache cache, Downloader downloader, KnownProviders providers, Pins pins) {
    this.cache = cache;
    this.downloader = downloader;
    this.providers = providers;
    this.pins = pins;
  }

  /** What it is in: a word, and one sentence. */
  record State(String word, boolean isServed, String why) {}

  /** Adds what is known, and says what that means. */
  State explain(Hash hash, ObjectNode node) {
    CachedBlob cached = cache.blob(hash);
    Download running = downloader.running(hash);
    boolean pinned = cache.isPinned(hash);
    node.put("pinned", pinned);
    if (cached != null) {
      node.put("size_bytes", cached.sizeBytes()).put("present_bytes", cached.presentBytes());
      node.put("accesses", cached.accesses()).put("last_access_at", cached.lastAccessMillis());
    }
    ArrayNode known = node.putArray("providers");
    for (Provider provider : providers.known(hash)) {
      known.add(provider.id().toString());
    }
    providers.origins(hash).forEach(origin -> known.add(origin.toString()));
    ArrayNode announced = node.putArray("announced");
    for (Claim claim : providers.announced(hash)) {
      announced
          .addObject()
          .put("provider", claim.addr().id().toString())
          .put("at", claim.heardAtMillis());
    }
    if (running != null) {
      progress(node.putObject("download"), running.progress());
    }
    String failure = pins.failure(hash);
    if (failure != null) {
      node.put("last_error", failure);
    }
    return state(cached, running, pinned, known.size(), failure);
  }

  private static void progress(ObjectNode out, DownloadProgress progress) {
    progress.sizeBytes().ifPresent(size -> out.put("size_bytes", size));
    out.put("present_bytes", progress.presentBytes());
    out.put("bytes_per_second", progress.bytesPerSecond()).put("kept", progress.kept());
    ArrayNode shares = out.putArray("providers");
    for (DownloadProgress.Share share : progress.providers()) {
      shares
          .addObject()
          .put("provider", share.provider().toString())
          .put("state", share.state())
          .put("bytes", share.bytes())
          .put("wasted_bytes", share.wastedBytes())
          .put("bytes_per_second", share.bytesPerSecond())
          .put("rtt_millis", TimeUnit.NANOSECONDS.toMillis(share.rttNanos()));
    }
  }

  private static State state(
      @Nullable CachedBlob cached,
      @Nullable Download running,
      boolean pinned,
      int known,
      @Nullable String failure) {
    if (cached != null && cached.isComplete()) {
      return new State(
          "cached",
          true,
          "it was fetched from others and is in the cache"
              + (pinned
                  ? ", pinned, so that it stays"
                  : "; it may be evicted when room is needed"));
    }
    if (running != null) {
      return new State("downloading", cached != null, "it is being fetched now");
    }
    String tries = failure == null ? "" : "; the last try failed: " + failure;
    if (pinned) {
      return new State("pinned", cached != null, "it is pinned and not here yet" + tries);
    }
    if (cached != null) {
      return new State(
          "partial",
          true,
          "a part of it is in the cache; the rest is fetched when it is asked for");
    }
    return known > 0
        ? new State(
            "known",
            false,
            "it is not here; " + known + " may have it and are asked when it is asked for")
        : new State(
            "unknown",
            false,
            "no file with this hash is seeded here, and nobody is known"
                + " to have it; 'veilor-seed pin TICKET' or cache.peers tells who may");
  }
}
