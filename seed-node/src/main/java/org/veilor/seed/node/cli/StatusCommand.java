package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.veilor.seed.node.config.Quantities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}: how it goes. */
@Command(name = "status", description = "Says how the daemon does: store, seeding, peers, alerts.")
final class StatusCommand extends BaseCommand {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    JsonNode status = client().get("/status", Map.of());
    if (json) {
      printJson(status);
      return 0;
    }
    line("endpoint", status.path("endpoint").asText());
    line("listens on", texts(status.path("listen")));
    line("tickets say", texts(status.path("ticket_addresses")));
    line(
        "running",
        "version "
            + status.path("version").asText()
            + ", process "
            + status.path("pid").asLong()
            + ", for "
            + Quantities.formatDuration(
                Duration.ofSeconds(status.path("uptime_seconds").asLong())));
    JsonNode store = status.path("store");
    line(
        "store",
        store.path("blobs").asLong()
            + " blobs, "
            + Quantities.formatSize(store.path("bytes").asLong())
            + ", "
            + store.path("paths").asLong()
            + " files, "
            + store.path("collections").asLong()
            + " collections, "
            + store.path("open_leases").asLong()
            + " being read");
    optional("store error", store.path("last_error"));
    optional("rebuilt", store.path("rebuilt"));
    cache(status);
    seeding(status.path("seeding"));
    List<String> counters = new ArrayList<>();
    status
        .path("peers")
        .fieldNames()
        .forEachRemaining(name ->
            counters.add(name.replace('_', ' ') + " " + status.path("peers").path(name).asLong()));
    line("peers", counters.isEmpty() ? "nothing yet" : String.join(", ", counters));
    for (JsonNode alert : status.path("alerts")) {
      line("ALERT", alert.asText());
    }
    return 0;
  }

  private void cache(JsonNode status) {
    JsonNode cache = status.path("cache");
    line(
        "cache",
        cache.path("blobs").asLong()
            + " blobs, "
            + Quantities.formatSize(cache.path("used_bytes").asLong())
            + " of "
            + Quantities.formatSize(cache.path("max_bytes").asLong())
            + ", "
            + cache.path("pinned_blobs").asLong()
            + " pinned, "
            + cache.path("partial_blobs").asLong()
            + " partial"
            + (cache.path("disk_full").asBoolean() ? ", DISK FULL: nothing new is kept" : ""));
    optional("cache error", cache.path("last_error"));
    JsonNode downloads = status.path("downloads");
    line(
        "downloads",
        downloads.path("downloads_running").asLong()
            + " running, "
            + downloads.path("downloads_completed").asLong()
            + " complete, "
            + Quantities.formatSize(downloads.path("download_verified_bytes").asLong())
            + " verified");
  }

  private void seeding(JsonNode seeding) {
    line(
        "watcher",
        seeding.path("watcher").asText()
            + ", "
            + seeding.path("watches").asLong()
            + " of "
            + seeding.path("watch_budget").asLong()
            + " folders");
    for (JsonNode service : seeding.path("services")) {
      long files = service.path("files").asLong();
      boolean added = service.path("name").asText().equals("added");
      if (added && files == 0) {
        continue;
      }
      line(
          "service " + service.path("name").asText(),
          files
              + " files, "
              + Quantities.formatSize(service.path("size_bytes").asLong())
              + (added ? "" : " in " + service.path("directory").asText())
              + ", "
              + service.path("exposure").asText()
              + state(service));
    }
    long hashing = seeding.path("hashing").asLong();
    if (hashing > 0) {
      line("hashing", hashing + " files now");
    }
    optional("last error", seeding.path("last_error"));
  }

  private static String state(JsonNode service) {
    long pending = service.path("pending").asLong();
    return (service.path("scanning").asBoolean() ? ", scanning" : "")
        + (pending > 0 ? ", " + pending + " on their way" : "")
        + (service.hasNonNull("paused") ? ", PAUSED" : "");
  }

  private void line(String name, String text) {
    out().printf("%-16s %s%n", name, text);
  }

  private void optional(String name, JsonNode text) {
    if (text.isTextual()) {
      line(name, text.asText());
    }
  }

  private static String texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts.isEmpty() ? "nothing" : String.join(", ", texts);
  }
}
