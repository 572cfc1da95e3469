package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/**
 * The blobs that strangers may have: those with at least one file in a public service, and
 * collections. What belongs only to services that are not public, or not configured any more, is
 * denied, even to those who know the hash.
 */
final class ExposedBlobs implements BlobCatalog {
  private final BlobStore store;
  private volatile Map<String, ServiceSettings> services = Map.of();

  ExposedBlobs(BlobStore store) {
    this.store = store;
  }

  void services(List<ServiceSettings> configured) {
    services =
        configured.stream().collect(Collectors.toMap(ServiceSettings::name, Function.identity()));
  }

  @Override
  public BlobLookup open(Hash hash) throws IOException {
    BlobLookup lookup = store.open(hash);
    if (!(lookup instanceof BlobLookup.Found found)) {
      return lookup;
    }
    String denied = denied(hash);
    if (denied == null) {
      return lookup;
    }
    found.reader().close();
    return new BlobLookup.Denied(denied);
  }

  /** Why a stored blob is given to nobody, or null. */
  @Nullable String denied(Hash hash) {
    BlobRecord blob = store.blob(hash);
    if (blob == null || blob.place() == BlobRecord.Place.DATABASE) {
      return null;
    }
    String reason = null;
    for (Path path : blob.paths()) {
      PathRecord row = store.path(path);
      String why = row == null ? null : denied(row.service(), path);
      if (row != null && why == null) {
        return null;
      }
      reason = why == null ? reason : why;
    }
    return reason;
  }

  private @Nullable String denied(String name, Path path) {
    if (name.equals(ConfigReader.ADDED)) {
      return null;
    }
    ServiceSettings service = services.get(name);
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
