package org.veilor.seed.node.catalogue;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.download.BlobProviders;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadReader;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.Purpose;
import org.veilor.seed.store.cache.Removal;

/**
 * Blobs of catalogues by the downloader: verified, from all who are known to have the root. The
 * issuer is tried alone for a moment, then the topic is asked who else has it. What was read does
 * not stay in the cache, because it is kept beside it.
 */
public final class DownloadedBlobs implements BlobSource {
  private final Downloader downloader;
  private final BlobCache cache;
  private final BlobProviders providers;
  private final AnnouncedProviders announced;
  private final Function<Hash, ? extends CompletionStage<?>> asker;
  private final LongSupplier nowMillis;

  /**
   * Creates it.
   *
   * @param providers who may be asked for what
   * @param announced who said what they have, from which providers are
   * @param asker asks the services' topics who has a blob
   */
  public DownloadedBlobs(
      Downloader downloader,
      BlobCache cache,
      BlobProviders providers,
      AnnouncedProviders announced,
      Function<Hash, ? extends CompletionStage<?>> asker,
      LongSupplier nowMillis) {
    this.downloader = downloader;
    this.cache = cache;
    this.providers = providers;
    this.announced = announced;
    this.asker = asker;
    this.nowMillis = nowMillis;
  }

  @Override
  public Session of(ServiceKey service, Hash root, EndpointAddr issuer) {
    return (hash, maxBytes) -> fetch(new Catalogue(service, root, issuer), hash, maxBytes);
  }

  /** Whose blobs they are. */
  private record Catalogue(ServiceKey service, Hash root, EndpointAddr issuer) {}

  private byte[] fetch(Catalogue of, Hash hash, int maxBytes) throws IOException {
    try {
      return tryOnce(of, hash, maxBytes);
    } catch (BlobTooLargeException e) {
      throw e;
    } catch (IOException e) {
      // The issuer refused, lied or went away before anybody else was asked for.
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      within(asker.apply(of.root), KeepingLimits.BLOB_MILLIS);
      return tryOnce(of, hash, maxBytes);
    }
  }

  private byte[] tryOnce(Catalogue of, Hash hash, int maxBytes) throws IOException {
    nameHolders(of, hash);
    Download download = downloader.get(hash, List.of(), Purpose.REQUEST);
    byte[] bytes;
    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      Long size = within(download.size(), KeepingLimits.ISSUER_ALONE_MILLIS);
      if (size == null) {
        within(asker.apply(of.root), KeepingLimits.BLOB_MILLIS);
        nameHolders(of, hash);
        downloader.offer(hash, () -> providers.find(hash));
        size = within(download.size(), KeepingLimits.BLOB_MILLIS);
      }
      if (size == null) {
        throw new IOException(hash + " does not come");
      }
      if (size > maxBytes) {
        download.cancel();
        throw new BlobTooLargeException(hash, size, maxBytes);
      }
      bytes = read(reader, Math.toIntExact(size));
    }
    within(download.done(), KeepingLimits.BLOB_MILLIS);
    if (!cache.isPinned(hash)) {
      cache.remove(hash, Removal.REQUESTED);
    }
    return bytes;
  }

  /** Whoever said on the service's topic that it has the root has all below it, as the issuer. */
  private void nameHolders(Catalogue of, Hash hash) {
    long now = nowMillis.getAsLong();
    announced.put(of.issuer, List.of(hash), of.service, now);
    for (AnnouncedProviders.Claim claim : announced.claims(of.root, now)) {
      if (claim.services().contains(of.service)) {
        announced.put(claim.addr(), List.of(hash), of.service, now);
      }
    }
  }

  private static byte[] read(DownloadReader reader, int size) throws IOException {
    byte[] bytes = new byte[size];
    int at = 0;
    while (at < size) {
      int read = reader.read(bytes, at, size - at);
      if (read < 0) {
        throw new IOException("a blob ended early");
      }
      at += read;
    }
    return bytes;
  }

  /** The value, or null if it is not there in time. */
  private static <T> @Nullable T within(CompletionStage<T> stage, long millis) throws IOException {
    try {
      return stage.toCompletableFuture().get(millis, MILLISECONDS);
    } catch (TimeoutException _) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }
}
