package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.gateway.GatewayContent;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.Sha256;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedFile;
import org.veilor.seed.store.cache.Purpose;

/**
 * What the gateway serves: what is seeded here, then the cache, then a download from whoever is
 * known to have it; the files of services by their paths: what their folder has, what their
 * catalogue lists, then the service's own server.
 *
 * <p>The gateway is for the services of this machine, so that it gives what they published whatever
 * their exposure to peers is.
 */
final class NodeContent implements GatewayContent {
  /** Asks others who has a blob. */
  @FunctionalInterface
  interface Asker {
    /** Completed when somebody answers, or nobody will. */
    CompletionStage<@Nullable Void> ask(Hash hash);
  }

  private final BlobStore store;
  private final BlobCache cache;
  private final Downloader downloader;
  private final KnownProviders providers;
  private final ServiceCatalogue catalogue;
  private final Asker asker;
  private final Supplier<List<ServiceSettings>> services;

  NodeContent(
      BlobStore store,
      BlobCache cache,
      Downloader downloader,
      KnownProviders providers,
      ServiceCatalogue catalogue,
      Asker asker,
      Supplier<List<ServiceSettings>> services) {
    this.asker = asker;
    this.store = store;
    this.cache = cache;
    this.downloader = downloader;
    this.providers = providers;
    this.catalogue = catalogue;
    this.services = services;
  }

  @Override
  public @Nullable Found atHand(Hash hash) {
    try {
      return providers.refused(hash) == null ? cached(hash, cache.leaseWarm(hash)) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Found cached(Hash hash, @Nullable CachedFile file) {
    return file == null
        ? null
        : new Found.OpenFile(file.channel(), file.sizeBytes(), hash, null, file::close);
  }

  @Override
  public CompletionStage<Found> blob(Hash hash, boolean headOnly) {
    return findOrAsk(hash, headOnly, null);
  }

  /** Looks, and where nobody is known to have it, asks around and looks again. */
  private CompletionStage<Found> findOrAsk(Hash hash, boolean headOnly, @Nullable String service) {
    Found found = find(hash, headOnly, service);
    return found instanceof Found.Missing
        ? asker.ask(hash).thenApply(_ -> find(hash, headOnly, service))
        : CompletableFuture.completedFuture(found);
  }

  /**
   * Looks for a blob.
   *
   * @param service whose rate a download counts against, or null
   */
  private Found find(Hash hash, boolean headOnly, @Nullable String service) {
    try {
      return open(hash, headOnly, service);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Found open(Hash hash, boolean headOnly, @Nullable String service) throws IOException {
    String denied = providers.refused(hash);
    if (denied != null) {
      return new Found.Denied(denied);
    }
    if (store.open(hash) instanceof BlobLookup.Found found) {
      return new Found.Reader(found.reader(), hash, sha256(hash));
    }
    Found cached = cached(hash, cache.lease(hash));
    if (cached != null) {
      return cached;
    }
    if (downloader.running(hash) == null && !providers.mayFind(hash)) {
      return new Found.Missing();
    }
    if (headOnly) {
      return new Found.Elsewhere(hash, -1);
    }
    Download download =
        downloader.get(hash, List.of(), providers.origins(hash), Purpose.REQUEST, service);
    if (providers.known(hash).size() == 1) {
      // The only one may be gone since it spoke: others are asked for meanwhile.
      var _ =
          asker.ask(hash).thenRunAsync(() -> downloader.offer(hash, () -> providers.find(hash)));
    }
    return new Found.Arriving(download, hash);
  }

  private @Nullable Sha256 sha256(Hash hash) {
    BlobRecord record = store.blob(hash);
    return record == null ? null : record.sha256();
  }

  @Override
  public CompletionStage<Found> path(String service, String path, boolean headOnly) {
    Optional<ServiceSettings> settings =
        services.get().stream().filter(each -> each.name().equals(service)).findFirst();
    if (settings.isEmpty() && !catalogue.isMember(service)) {
      return CompletableFuture.completedFuture(new Found.UnknownService());
    }
    PathRecord row =
        settings.isEmpty() ? null : ServicePaths.published(store, settings.get(), path);
    if (row != null) {
      return blob(row.hash(), headOnly);
    }
    ServiceCatalogue.Listed listed = catalogue.find(service, path);
    Found found = listed == null ? new Found.Missing() : find(listed.hash(), headOnly, service);
    if (listed != null && found instanceof Found.Elsewhere) {
      found = new Found.Elsewhere(listed.hash(), listed.sizeBytes());
    }
    if (!(found instanceof Found.Missing)) {
      return CompletableFuture.completedFuture(found);
    }
    URI upstream = settings.isEmpty() ? null : settings.get().upstream();
    return CompletableFuture.completedFuture(
        upstream == null ? new Found.Missing() : new Found.Upstream(below(upstream, path)));
  }

  private static URI below(URI upstream, String path) {
    String base = upstream.getRawPath() == null ? "" : upstream.getRawPath();
    try {
      String quoted = new URI(null, null, "/" + path, null).toASCIIString();
      return upstream.resolve(base.endsWith("/") ? base + quoted.substring(1) : base + quoted);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
