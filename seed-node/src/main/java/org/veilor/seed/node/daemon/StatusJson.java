package org.veilor.seed.node.daemon;

import static java.util.Locale.ROOT;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.node.announce.TopicStatus;
import org.veilor.seed.node.config.Addresses;
import org.veilor.seed.node.seeding.SeederStatus;
import org.veilor.seed.store.StoreStats;
import org.veilor.seed.store.cache.CacheStats;

/** The status as JSON. */
final class StatusJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusJson() {}

  static ObjectNode of(Node node) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", node.options().version());
    root.put("endpoint", node.endpoint().id().toString());
    ArrayNode listen = root.putArray("listen");
    node.endpoint().listenAddresses().forEach(each -> listen.add(Addresses.format(each)));
    ArrayNode addresses = root.putArray("ticket_addresses");
    for (TransportAddr each : node.tickets().address().addrs()) {
      addresses.add(each.toString());
    }
    root.put("gateway", node.gatewayText());
    root.put("state", node.options().state().toString());
    root.put("pid", ProcessHandle.current().pid());
    root.put("uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
    store(root.putObject("store"), node.store().stats());
    cache(root.putObject("cache"), node.cache().stats());
    ObjectNode topics = root.putObject("topics");
    node.announcer().statusSoon().forEach((name, topic) -> topic(topics.putObject(name), topic));
    ObjectNode catalogues = root.putObject("catalogues");
    new TreeMap<>(node.catalogues().counters()).forEach(catalogues::put);
    root.put("denied_blobs", node.policy().size());
    ObjectNode downloads = root.putObject("downloads");
    node.downloader().counters().forEach(downloads::put);
    SeederStatus seeding = node.seeder().status();
    seeding(root.putObject("seeding"), seeding);
    ObjectNode peers = root.putObject("peers");
    new TreeMap<>(node.endpoint().counters()).forEach(peers::put);
    ArrayNode alerts = root.putArray("alerts");
    if (node.cache().stats().isDiskFull()) {
      alerts.add(
          "the disk of the cache is full: what is fetched is passed on and not kept until there is"
              + " room; free some, or lower cache.max_size");
    }
    if (node.pins().failing() > 0) {
      alerts.add(
          node.pins().failing()
              + " pins are not here yet and are tried again; 'veilor-seed ls --cached' lists them,"
              + " 'veilor-seed why HASH' says why");
    }
    for (SeederStatus.Service service : seeding.services()) {
      if (service.paused() != null) {
        alerts.add("service " + service.name() + " is paused: " + service.paused());
      } else if (service.alert() != null) {
        alerts.add("service " + service.name() + ": " + service.alert());
      }
    }
    return root;
  }

  private static void topic(ObjectNode out, TopicStatus topic) {
    out.put("neighbors", topic.neighbors()).put("said", topic.said());
    out.put("accepted", topic.accepted()).put("dropped", topic.dropped());
    ObjectNode reasons = out.putObject("dropped_by");
    topic.droppedBy().forEach(reasons::put);
    out.put("issuers", topic.issuers());
  }

  private static void cache(ObjectNode out, CacheStats stats) {
    out.put("max_bytes", stats.maxBytes()).put("min_free_bytes", stats.minFreeBytes());
    out.put("used_bytes", stats.usedBytes()).put("free_bytes", stats.freeBytes());
    out.put("blobs", stats.completeBlobs()).put("partial_blobs", stats.partialBlobs());
    out.put("being_written", stats.writers()).put("pinned_blobs", stats.pinnedBlobs());
    out.put("hits", stats.hits()).put("misses", stats.misses()).put("leases", stats.leases());
    ObjectNode removed = out.putObject("removed");
    stats.removed().forEach((why, count) -> removed.put(why.name().toLowerCase(ROOT), count));
    ObjectNode notKept = out.putObject("not_kept");
    stats.notKept().forEach((why, count) -> notKept.put(why.name().toLowerCase(ROOT), count));
    out.put("disk_full", stats.isDiskFull());
    text(out, "last_error", stats.lastError());
  }

  private static void store(ObjectNode out, StoreStats stats) {
    out.put("blobs", stats.blobs()).put("bytes", stats.bytes()).put("paths", stats.paths());
    out.put("collections", stats.collections()).put("outboard_bytes", stats.outboardBytes());
    out.put("refusals", stats.refusals()).put("open_leases", stats.openLeases());
    out.put("open_files", stats.openFiles()).put("waiting_changes", stats.waitingChanges());
    text(out, "last_error", stats.lastError());
    text(out, "rebuilt", stats.rebuilt());
  }

  private static void seeding(ObjectNode out, SeederStatus status) {
    out.put("watcher", status.watcher()).put("watches", status.watches());
    out.put("watch_budget", status.watchBudget()).put("hashing", status.hashing());
    out.put("hashed", status.hashed()).put("settled", status.isSettled());
    ObjectNode tracked = out.putObject("tracked");
    new TreeMap<>(status.tracked()).forEach(tracked::put);
    text(out, "last_error", status.lastError());
    ArrayNode services = out.putArray("services");
    for (SeederStatus.Service service : status.services()) {
      ObjectNode each = services.addObject();
      each.put("name", service.name()).put("directory", service.directory().toString());
      each.put("exposure", service.exposure()).put("files", service.files());
      each.put("size_bytes", service.sizeBytes()).put("pending", service.pending());
      each.put("scanning", service.scanning()).put("last_scan_at", service.lastScanMillis());
      each.put("reachable", Files.isDirectory(service.directory(), LinkOption.NOFOLLOW_LINKS));
      text(each, "paused", service.paused());
      text(each, "alert", service.alert());
    }
  }

  private static void text(ObjectNode out, String key, @Nullable String value) {
    if (value != null) {
      out.put(key, value);
    }
  }
}
