package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/**
 * The blobs that strangers may have: those with at least one file in a public service, and
 * collections. What belongs only to services that are not public, or not configured any more, looks
 * as if it were not there, even to those who know the hash. What the policy forbids is refused.
 */
final class ExposedBlobs implements BlobCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(ExposedBlobs.class);

  private final BlobStore store;

  /** Blobs that came from peers, who give them to anybody. */
  private final BlobCatalog cached;

  private final Denials denials;
  private final AtomicReference<Rules> rules = new AtomicReference<>(new Rules(Map.of(), false));

  /**
   * What is in force.
   *
   * @param everything whether every stored file was seen to be public, so that none need be asked
   */
  private record Rules(Map<String, ServiceSettings> services, boolean everything) {}

  ExposedBlobs(BlobStore store, BlobCatalog cached, Denials denials) {
    this.denials = denials;
    this.store = store;
    this.cached = cached;
  }

  /** Takes over the services; then looks, in the background, whether all is public. */
  void services(List<ServiceSettings> configured) {
    Rules fresh =
        new Rules(
            configured.stream()
                .collect(Collectors.toMap(ServiceSettings::name, Function.identity())),
            false);
    rules.set(fresh);
    if (configured.stream().allMatch(service -> service.exposure() == Exposure.PUBLIC)) {
      Thread.ofPlatform().name("exposure").daemon().start(() -> lookAtAll(fresh));
    }
  }

  private void lookAtAll(Rules looked) {
    AtomicBoolean all = new AtomicBoolean(true);
    try {
      store.forEachPath(
          null,
          row -> {
            if (all.get() && denied(looked, row.service(), row.path()) != null) {
              all.set(false);
            }
          });
      if (all.get()) {
        rules.compareAndSet(looked, new Rules(looked.services(), true));
      }
    } catch (RuntimeException e) {
      // the store closes, or its disk fails: every blob goes on being asked about one by one
      LOG.debug("not every file could be looked at", e);
    }
  }

  @Override
  public BlobLookup open(Hash hash) throws IOException {
    String forbidden = denials.denied(hash);
    if (forbidden != null) {
      return new BlobLookup.Denied(forbidden);
    }
    BlobLookup lookup = store.open(hash);
    if (lookup instanceof BlobLookup.Missing) {
      return cached.open(hash);
    }
    if (rules.get().everything() || !(lookup instanceof BlobLookup.Found found)) {
      return lookup;
    }
    if (denied(hash) == null) {
      return lookup;
    }
    found.reader().close();
    // Whoever may not have it must not learn that it is here.
    return new BlobLookup.Missing();
  }

  /** Why a stored blob is given to nobody, or null. */
  @Nullable String denied(Hash hash) {
    Rules now = rules.get();
    BlobRecord blob = now.everything() ? null : store.blob(hash);
    if (blob == null || blob.place() == BlobRecord.Place.DATABASE) {
      return null;
    }
    String reason = null;
    for (Path path : blob.paths()) {
      PathRecord row = store.path(path);
      String why = row == null ? null : denied(now, row.service(), path);
      if (row != null && why == null) {
        return null;
      }
      reason = why == null ? reason : why;
    }
    return reason;
  }

  private static @Nullable String denied(Rules rules, String name, Path path) {
    if (name.equals(ConfigReader.ADDED)) {
      return null;
    }
    ServiceSettings service = rules.services().get(name);
    if (service == null) {
      return "its service '" + name + "' is not configured any more";
    }
    if (!path.startsWith(service.directory())) {
      return "the folder of its service '" + name + "' is another one now";
    }
    if (service.exposure() == Exposure.PUBLIC) {
      return null;
    }
    String exposure = service.exposure() == Exposure.GROUP ? "group" : "local";
    return "its service '" + name + "' has exposure '" + exposure + "'";
  }
}
