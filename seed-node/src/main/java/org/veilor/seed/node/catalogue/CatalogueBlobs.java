package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;

/** The blobs of all catalogues that are kept here, for peers. Any thread. */
public final class CatalogueBlobs implements BlobCatalog {
  private final Map<ServiceKey, PageFolder> folders = new ConcurrentHashMap<>();

  void put(ServiceKey service, PageFolder folder) {
    folders.put(service, folder);
  }

  void remove(ServiceKey service) {
    folders.remove(service);
  }

  @Override
  public BlobLookup open(Hash hash) throws IOException {
    return open(hash, service -> true);
  }

  /**
   * Opens a blob for somebody.
   *
   * @param audience whether they may have what belongs to a service
   */
  public BlobLookup open(Hash hash, Predicate<ServiceKey> audience) throws IOException {
    for (Map.Entry<ServiceKey, PageFolder> each : folders.entrySet()) {
      if (each.getValue().holds(hash) && audience.test(each.getKey())) {
        BlobReader reader = each.getValue().open(hash);
        if (reader != null) {
          return new BlobLookup.Found(reader);
        }
      }
    }
    return new BlobLookup.Missing();
  }
}
