package org.veilor.seed.node.daemon;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.announce.Announcer;
import org.veilor.seed.node.announce.TopicStatus;
import org.veilor.seed.node.catalogue.Catalogues;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.gateway.GatewayPages;
import org.veilor.seed.node.gateway.PrometheusText;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheStats;

/** The node's figures for the pages of the gateway. */
final class NodePages implements GatewayPages {
  private final BlobStore store;
  private final BlobCache cache;
  private final Downloader downloader;
  private final PeerEndpoint endpoint;
  private final Announcer announcer;
  private final Catalogues catalogues;
  private final ServiceListings listings;

  NodePages(
      BlobStore store,
      BlobCache cache,
      Downloader downloader,
      PeerEndpoint endpoint,
      Announcer announcer,
      Catalogues catalogues,
      ServiceListings listings) {
    this.store = store;
    this.cache = cache;
    this.downloader = downloader;
    this.endpoint = endpoint;
    this.announcer = announcer;
    this.catalogues = catalogues;
    this.listings = listings;
  }

  @Override
  public StatusView status() {
    CacheStats cached = cache.stats();
    return new StatusView(
        "veilor-seed",
        "endpoint " + endpoint.id(),
        List.of(
            new Section(
                "Seeded",
                List.of(
                    new Row("blobs", String.valueOf(store.stats().blobs())),
                    new Row("size", Quantities.formatSize(store.stats().bytes())))),
            new Section(
                "Cache",
                List.of(
                    new Row("blobs", String.valueOf(cached.completeBlobs())),
                    new Row("used", Quantities.formatSize(cached.usedBytes())),
                    new Row("budget", Quantities.formatSize(cached.maxBytes())),
                    new Row("pinned", String.valueOf(cached.pinnedBlobs())),
                    new Row("hits", cached.hits() + " of " + (cached.hits() + cached.misses())),
                    new Row(
                        "disk", cached.isDiskFull() ? "full: nothing new is kept" : "has room"))),
            new Section(
                "Downloads", List.of(new Row("running", "" + downloader.running().size())))));
  }

  @Override
  public void metrics(PrometheusText text) {
    text.gauge("veilor_seed_store_blobs", "Blobs seeded in place.", (double) store.stats().blobs());
    new PullMetrics(cache, downloader).write(text);
    for (Map.Entry<String, Long> each : endpoint.counters().entrySet()) {
      text.gauge(
          "veilor_seed_endpoint_" + each.getKey(),
          "A figure of the endpoint.",
          (double) each.getValue());
    }
    announcer.statusSoon().forEach((service, topic) -> topic(text, service, topic));
    catalogues
        .counters()
        .forEach((what, count) ->
            text.counter(
                "veilor_seed_catalogues_total",
                "Catalogues of others that came, were refused, or could not be had.",
                count,
                "outcome",
                what));
  }

  private static void topic(PrometheusText text, String service, TopicStatus topic) {
    String prefix = "veilor_seed_topic_";
    String name = "service";
    text.gauge(prefix + "neighbors", "Neighbours in the topic.", topic.neighbors(), name, service);
    text.gauge(prefix + "issuers", "Issuers that are remembered.", topic.issuers(), name, service);
    text.counter(prefix + "said_total", "Own announcements.", topic.said(), name, service);
    text.counter(
        prefix + "accepted_total", "Announcements believed.", topic.accepted(), name, service);
    topic
        .droppedBy()
        .forEach((reason, count) ->
            text.counter(
                prefix + "dropped_total",
                "Messages not believed.",
                count,
                name,
                service,
                "reason",
                reason));
  }

  @Override
  public @Nullable String notReady() {
    return null;
  }

  @Override
  public Listing list(String service, String folder, String after, int limit) {
    return listings.list(service, folder, after, limit);
  }
}
