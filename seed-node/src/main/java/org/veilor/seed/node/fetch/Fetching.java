package org.veilor.seed.node.fetch;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.download.BlobKeeper;
import org.veilor.seed.node.download.BlobProviders;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadProgress;
import org.veilor.seed.node.download.DownloadSettings;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.download.HttpOrigin;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.download.ProviderId;
import org.veilor.seed.node.net.NetPeerClient;
import org.veilor.seed.store.StoreException;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.Purpose;
import org.veilor.seed.store.file.Folders;

/**
 * What a command needs to fetch without a daemon: an endpoint with a key of the moment, a
 * downloader, and a cache in a folder where an unfinished try stays.
 */
public final class Fetching implements AutoCloseable {
  /** A command fetches what it was told to, whatever its size; the disk is the limit. */
  private static final long NO_LIMIT_BYTES = Long.MAX_VALUE / 4;

  private static final Duration ORIGIN_SILENCE = Duration.ofSeconds(30);
  private static final Duration ORIGIN_TOTAL = Duration.ofDays(1);

  private final Path folder;
  private final List<Provider> providers;
  private final List<URI> origins;
  private final IrohEndpoint endpoint;
  private final BlobCache cache;
  private final HttpOrigin origin;
  private final Downloader downloader;
  private final Map<Hash, Download> downloads = new LinkedHashMap<>();
  private boolean closed;
  private boolean isEmpty;

  private Fetching(
      Path folder,
      List<Provider> providers,
      List<URI> origins,
      IrohEndpoint endpoint,
      BlobCache cache,
      HttpOrigin origin,
      Downloader downloader) {
    this.folder = folder;
    this.providers = providers;
    this.origins = origins;
    this.endpoint = endpoint;
    this.cache = cache;
    this.origin = origin;
    this.downloader = downloader;
  }

  /**
   * Opens the cache in {@code folder} and an endpoint on ports of its own.
   *
   * @param origins where HTTP servers have the blob, asked when no peer gives it
   * @throws IOException with a sentence that says what and what to do
   */
  public static Fetching open(Path folder, List<Provider> providers, List<URI> origins)
      throws IOException {
    byte[] secret = new byte[SecretKey.LENGTH];
    new SecureRandom().nextBytes(secret);
    BlobCache cache;
    try {
      cache = BlobCache.open(folder, CacheOptions.of(NO_LIMIT_BYTES, 0));
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
    @Nullable IrohEndpoint endpoint = null;
    try {
      endpoint = IrohEndpoint.builder(SecretKey.of(secret)).start();
      HttpOrigin origin =
          new HttpOrigin(
              folder, new HttpOrigin.Limits(NO_LIMIT_BYTES, ORIGIN_SILENCE, ORIGIN_TOTAL));
      Downloader downloader =
          new Downloader(
              new NetPeerClient(endpoint),
              BlobProviders.NONE,
              BlobKeeper.of(cache),
              DownloadSettings.defaults(),
              origin);
      return new Fetching(folder, providers, origins, endpoint, cache, origin, downloader);
    } finally {
      if (endpoint == null) {
        cache.close();
      }
    }
  }

  /** The cache that it fetches into. */
  public BlobCache cache() {
    return cache;
  }

  /** Begins a download, or says which one is under way. */
  public Download download(Hash hash) {
    return downloads.computeIfAbsent(hash, h -> downloader.get(h, providers, origins, Purpose.PIN));
  }

  /**
   * What each provider gave in all downloads together.
   *
   * @param bytes verified and needed
   * @param wastedBytes verified, and here already
   */
  public record Given(ProviderId provider, long bytes, long wastedBytes) {}

  /** What each provider gave. */
  public List<Given> given() {
    Map<ProviderId, Given> sums = new LinkedHashMap<>();
    for (Download download : downloads.values()) {
      for (DownloadProgress.Share share : download.progress().providers()) {
        sums.merge(
            share.provider(),
            new Given(share.provider(), share.bytes(), share.wastedBytes()),
            (a, b) -> new Given(a.provider, a.bytes + b.bytes, a.wastedBytes + b.wastedBytes));
      }
    }
    return List.copyOf(sums.values());
  }

  /** Deletes the folder: everything is where it belongs. */
  public void discard() throws IOException {
    Folders.deleteTree(folder);
  }

  /** Ends what is under way. What is here of it stays for the next try. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      downloader.close();
      origin.close();
      endpoint.close();
      isEmpty = cache.stats().partialBlobs() + cache.stats().completeBlobs() == 0;
      cache.close();
    }
  }

  /** Deletes the folder if nothing came of it; after {@link #close}. */
  public void discardIfEmpty() throws IOException {
    if (isEmpty && Files.isDirectory(folder)) {
      discard();
    }
  }
}
