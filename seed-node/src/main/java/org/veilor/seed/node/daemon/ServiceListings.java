package org.veilor.seed.node.daemon;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.node.catalogue.ServiceReport;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.gateway.GatewayPages.Listing;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/**
 * What the folders of services hold, for the gateway: the files that are here where their names are
 * clear, then what the catalogues with clear names list. Without what is denied, and without what
 * no address of the gateway can name.
 *
 * <p>Catalogues are ordered by keys, so that each page reads all of them (a million entries: 2.6
 * s); one list is made at a time.
 */
final class ServiceListings {
  private static final long PATIENCE_SECONDS = 10;

  private final BlobStore store;
  private final Denials denials;
  private final ServiceCatalogue catalogue;
  private final Supplier<List<ServiceSettings>> services;
  private final Semaphore turn = new Semaphore(1);

  ServiceListings(
      BlobStore store,
      Denials denials,
      ServiceCatalogue catalogue,
      Supplier<List<ServiceSettings>> services) {
    this.store = store;
    this.denials = denials;
    this.catalogue = catalogue;
    this.services = services;
  }

  /** A page of a folder; waits for the disk, and for its turn. */
  Listing list(String service, String folder, String after, int limit) {
    Optional<ServiceSettings> settings =
        services.get().stream().filter(each -> each.name().equals(service)).findFirst();
    if (settings.isEmpty() && !catalogue.isMember(service)) {
      return new Listing.Unknown();
    }
    Optional<ServiceSettings> shown = settings.filter(each -> each.names() == Names.CLEAR);
    List<ServiceReport.Here> listed =
        catalogue.here(service).stream()
            .filter(here -> here.header().names() == Names.CLEAR)
            .toList();
    if (shown.isEmpty() && listed.isEmpty()) {
      return new Listing.Hidden();
    }
    try {
      if (!turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return new Listing.Busy();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Listing.Busy();
    }
    try {
      FolderListing page = new FolderListing(folder, after, limit);
      shown.ifPresent(each -> addSeeded(page, each, folder));
      String problem = addListed(page, listed);
      return problem == null
          ? page.page()
          : new Listing.Unreadable("a catalogue of the service cannot be read: " + problem);
    } finally {
      turn.release();
    }
  }

  private void addSeeded(FolderListing page, ServiceSettings service, String folder) {
    store.forEachPathBelow(
        service.directory().resolve(folder),
        row -> {
          if (row.service().equals(service.name()) && denials.denied(row.hash()) == null) {
            String path = path(service, row);
            if (path != null) {
              page.add(path, row.identity().sizeBytes(), row.hash());
            }
          }
        });
  }

  /** The path in the gateway's addresses; null where there is none. */
  private static @Nullable String path(ServiceSettings service, PathRecord row) {
    try {
      String path = service.directory().relativize(row.path()).toString();
      return CataloguePath.parse(path).text();
    } catch (MalformedException _) {
      return null;
    }
  }

  private @Nullable String addListed(FolderListing page, List<ServiceReport.Here> listed) {
    for (ServiceReport.Here here : listed) {
      String problem =
          here.forEach(item -> {
            var entry = item.entry();
            if (denials.denied(entry.hash()) == null) {
              item.path().ifPresent(path -> page.add(path.text(), entry.sizeBytes(), entry.hash()));
            }
          });
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }
}
