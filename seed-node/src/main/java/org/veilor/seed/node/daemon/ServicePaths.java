package org.veilor.seed.node.daemon;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/** Finds the seeded file that a path in the gateway's addresses means. */
final class ServicePaths {
  private ServicePaths() {}

  /**
   * The file below the service's folder, or, since many services call their folder in their
   * addresses too ({@code /files/NAME}), below the folder above it; null if none is seeded.
   */
  static @Nullable PathRecord published(BlobStore store, ServiceSettings service, String path) {
    PathRecord row = published(store, service, service.directory().resolve(path));
    Path name = service.directory().getFileName();
    if (row == null && name != null && path.startsWith(name + "/")) {
      row = published(store, service, service.directory().resolveSibling(path));
    }
    return row;
  }

  private static @Nullable PathRecord published(
      BlobStore store, ServiceSettings service, Path file) {
    Path normal = file.normalize();
    if (!normal.startsWith(service.directory())) {
      return null;
    }
    PathRecord row = store.path(normal);
    return row != null && row.service().equals(service.name()) ? row : null;
  }
}
