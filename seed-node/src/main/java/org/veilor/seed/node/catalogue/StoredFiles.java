package org.veilor.seed.node.catalogue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.catalogue.CatalogueEntry;
import org.veilor.seed.gossip.catalogue.CatalogueLimits;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/** The files of services as the store has them, without what the policy denies. */
public final class StoredFiles implements ServiceFiles {
  private static final long NANOS_OF_MILLI = 1_000_000;

  private final BlobStore store;
  private final ForgetScope denials;
  private final Supplier<List<ServiceSettings>> services;

  /**
   * Looks into a store.
   *
   * @param services with real folders
   */
  public StoredFiles(
      BlobStore store, ForgetScope denials, Supplier<List<ServiceSettings>> services) {
    this.store = store;
    this.denials = denials;
    this.services = services;
  }

  private Optional<ServiceSettings> settings(String name) {
    return services.get().stream()
        .filter(service -> service.name().equals(name) && service.exposure() != Exposure.LOCAL)
        .findFirst();
  }

  @Override
  public Optional<Names> names(ServiceKey service) {
    return settings(service.name().name())
        .filter(settings ->
            settings.exposure() == Exposure.PUBLIC || service instanceof ServiceKey.Group)
        .map(ServiceSettings::names);
  }

  @Override
  public long count(String service) {
    return store.totals(service).files();
  }

  @Override
  public void forEach(String service, Consumer<Listed> consumer) {
    Optional<ServiceSettings> settings = settings(service);
    if (settings.isPresent()) {
      store.forEachPath(
          service,
          row -> {
            Optional<CataloguePath> path = pathOf(settings.get(), row.path());
            if (path.isPresent()) {
              entry(row).ifPresent(entry -> consumer.accept(new Listed(path.get(), entry)));
            }
          });
    }
  }

  @Override
  public Optional<CataloguePath> pathOf(String service, Path file) {
    return settings(service).flatMap(settings -> pathOf(settings, file));
  }

  private static Optional<CataloguePath> pathOf(ServiceSettings settings, Path file) {
    if (!file.startsWith(settings.directory())) {
      return Optional.empty();
    }
    try {
      return Optional.of(CataloguePath.parse(settings.directory().relativize(file).toString()));
    } catch (MalformedException _) {
      return Optional.empty(); // no gateway could be asked for it
    }
  }

  @Override
  public Optional<CatalogueEntry> entry(String service, Path file) {
    PathRecord row = store.path(file);
    return row == null || !row.service().equals(service) ? Optional.empty() : entry(row);
  }

  private Optional<CatalogueEntry> entry(PathRecord row) {
    long sizeBytes = row.identity().sizeBytes();
    if (sizeBytes > CatalogueLimits.MAX_BLOB_BYTES
        || denials.denied(row.hash(), row.service()) != null) {
      return Optional.empty();
    }
    return Optional.of(
        CatalogueEntry.ofFile(
            row.hash(),
            sizeBytes,
            MediaTypesByName.of(String.valueOf(row.path().getFileName())),
            Math.floorDiv(row.identity().modifiedNanos(), NANOS_OF_MILLI)));
  }
}
