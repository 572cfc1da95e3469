package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.Purpose;

/** Fetches blobs, each once however many ask for it at the same time. */
public final class Downloader implements AutoCloseable {
  private final Shared shared;
  private final Map<Hash, DownloadTask> running = new HashMap<>();
  private boolean closed;

  /** What one provider was worth in all downloads so far; what was never measured is 0. */
  public record ProviderScore(
      ProviderId provider,
      long bytesPerSecond,
      long rttNanos,
      long bytes,
      long failures,
      long lies) {}

  /**
   * Creates a downloader without downloads.
   *
   * @param providers who may have a blob, beside those that the caller of {@link #get} names
   */
  public Downloader(
      PeerClient client, BlobProviders providers, BlobKeeper keeper, DownloadSettings settings) {
    this(client, providers, keeper, settings, null);
  }

  /**
   * Creates a downloader that may also ask HTTP servers.
   *
   * @param origin null if it may not; closed by its owner, after this
   */
  public Downloader(
      PeerClient client,
      BlobProviders providers,
      BlobKeeper keeper,
      DownloadSettings settings,
      @Nullable HttpOrigin origin) {
    this.shared = new Shared(client, providers, keeper, settings, origin);
  }

  /**
   * The download of a blob: the one running, or a new one.
   *
   * @param extra providers that are to be tried first
   * @param purpose a pin goes on without readers
   */
  public Download get(Hash hash, List<Provider> extra, Purpose purpose) {
    return get(hash, extra, List.of(), purpose);
  }

  /**
   * As {@link #get(Hash, List, Purpose)}.
   *
   * @param origins where an HTTP server may have it, asked in this order when no peer gives it
   */
  public Download get(Hash hash, List<Provider> extra, List<URI> origins, Purpose purpose) {
    return get(hash, extra, origins, purpose, null);
  }

  /**
   * As {@link #get(Hash, List, Purpose)}.
   *
   * @param origins where an HTTP server may have it, asked in this order when no peer gives it
   * @param rateGroup whose rate of {@link DownloadSettings#groupBytesPerSecond} a new download
   *     counts against; null for none
   */
  public Download get(
      Hash hash,
      List<Provider> extra,
      List<URI> origins,
      Purpose purpose,
      @Nullable String rateGroup) {
    String refused = shared.providers().refused(hash);
    if (refused != null) {
      shared.counters().downloadFailed(DownloadFailure.Kind.REFUSED_HERE);
      return new FailedDownload(
          hash, DownloadFailure.of(DownloadFailure.Kind.REFUSED_HERE, refused));
    }
    DownloadTask task;
    synchronized (running) {
      task = running.get(hash);
      if (task != null) {
        shared.counters().joined.increment();
        task.join(extra, purpose);
        task.lastResort(origins);
        return task;
      }
      if (closed) {
        return new FailedDownload(
            hash, DownloadFailure.of(DownloadFailure.Kind.CANCELLED, "the node closes"));
      }
      int most = shared.settings().maxDownloads();
      if (running.size() >= most) {
        shared.counters().downloadFailed(DownloadFailure.Kind.OVERLOADED);
        return new FailedDownload(
            hash,
            DownloadFailure.of(
                DownloadFailure.Kind.OVERLOADED, most + " downloads are under way already"));
      }
      task = new DownloadTask(hash, purpose, rateGroup, shared);
      running.put(hash, task);
      shared.counters().started.increment();
    }
    task.lastResort(origins);
    task.start(extra);
    return task;
  }

  /** Tells the download of a blob, if it is under way, of providers; they are looked for then. */
  public void offer(Hash hash, Supplier<List<Provider>> found) {
    DownloadTask task;
    synchronized (running) {
      task = running.get(hash);
    }
    if (task != null) {
      task.offer(found.get());
    }
  }

  /** The download of a blob that is under way; null if there is none. */
  public @Nullable Download running(Hash hash) {
    synchronized (running) {
      return running.get(hash);
    }
  }

  /** All downloads that are under way. */
  public List<Download> running() {
    synchronized (running) {
      return new ArrayList<>(running.values());
    }
  }

  /** What all downloads together did. */
  public Map<String, Long> counters() {
    Map<String, Long> map = new LinkedHashMap<>(shared.counters().toMap());
    synchronized (running) {
      map.put("downloads_running", (long) running.size());
    }
    map.put("download_waiting_bytes", shared.waiting().get());
    return map;
  }

  /** What is known of providers, those of the latest downloads last. */
  public List<ProviderScore> scores() {
    List<ProviderScore> list = new ArrayList<>();
    shared
        .scores()
        .all()
        .forEach((id, score) ->
            list.add(
                new ProviderScore(
                    id,
                    score.bytesPerSecond(),
                    score.rttNanos(),
                    score.bytes(),
                    score.failures(),
                    score.lies())));
    return list;
  }

  /** Takes other settings; rates hold at once, the rest for new downloads. */
  public void setSettings(DownloadSettings settings) {
    shared.setSettings(settings);
  }

  /** Ends all downloads; what is here of them is kept for a later try. */
  @Override
  public void close() {
    List<DownloadTask> tasks;
    synchronized (running) {
      closed = true;
      tasks = List.copyOf(running.values());
    }
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (DownloadTask task : tasks) {
      task.cancel("the node closes");
      ends.add(task.done().exceptionally(failure -> null).toCompletableFuture());
    }
    CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
    shared.close();
  }

  /** The seam towards the tasks. */
  private final class Shared implements Engine {
    private final PeerClient client;
    private final BlobProviders providers;
    private final BlobKeeper keeper;
    private final @Nullable HttpOrigin origin;
    private final ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("seed-download-", 0).factory());
    private final ScheduledThreadPoolExecutor timer;
    private final ProviderScores scores = new ProviderScores();
    private final DownloadCounters counters = new DownloadCounters();
    private final WaitingBytes waiting = new WaitingBytes();
    private final GatheredChunks.Pool writing = new GatheredChunks.Pool();
    private volatile DownloadSettings settings;
    private volatile RateLimit<Hash> all;
    private final Map<ProviderId, RateLimit<Hash>> peers = new HashMap<>();
    private final Map<String, RateLimit<Hash>> groups = new HashMap<>();

    Shared(
        PeerClient client,
        BlobProviders providers,
        BlobKeeper keeper,
        DownloadSettings settings,
        @Nullable HttpOrigin origin) {
      this.origin = origin;
      this.client = client;
      this.providers = providers;
      this.keeper = keeper;
      this.settings = settings;
      this.all = new RateLimit<>(settings.bytesPerSecond());
      this.timer =
          new ScheduledThreadPoolExecutor(
              1,
              Thread.ofPlatform().daemon().name("seed-download-timer").factory(),
              new ThreadPoolExecutor.DiscardPolicy());
      timer.setRemoveOnCancelPolicy(true);
    }

    void setSettings(DownloadSettings next) {
      settings = next;
      all = new RateLimit<>(next.bytesPerSecond());
      synchronized (peers) {
        peers.clear();
        groups.clear();
      }
    }

    @Override
    public PeerClient client() {
      return client;
    }

    @Override
    public BlobProviders providers() {
      return providers;
    }

    @Override
    public BlobKeeper keeper() {
      return keeper;
    }

    @Override
    public @Nullable HttpOrigin origin() {
      return origin;
    }

    @Override
    public DownloadSettings settings() {
      return settings;
    }

    @Override
    public Executor threads() {
      return threads;
    }

    @Override
    public ProviderScores scores() {
      return scores;
    }

    @Override
    public DownloadCounters counters() {
      return counters;
    }

    @Override
    public WaitingBytes waiting() {
      return waiting;
    }

    @Override
    public GatheredChunks.Pool writing() {
      return writing;
    }

    @Override
    public long now() {
      return System.nanoTime();
    }

    @Override
    public ScheduledFuture<?> later(Runnable task, long delayNanos) {
      return timer.schedule(task, delayNanos, NANOSECONDS);
    }

    @Override
    public long limit(DownloadTask task, ProviderId provider, int bytes) {
      DownloadSettings now = settings;
      long wait = all.take(task.hash(), bytes, now());
      if (now.peerBytesPerSecond() != Long.MAX_VALUE) {
        RateLimit<Hash> peer;
        synchronized (peers) {
          peer = peers.computeIfAbsent(provider, id -> new RateLimit<>(now.peerBytesPerSecond()));
        }
        wait = Math.max(wait, peer.take(task.hash(), bytes, now()));
      }
      String group = task.rateGroup();
      Long groupRate = group == null ? null : now.groupBytesPerSecond().get(group);
      if (group != null && groupRate != null) {
        RateLimit<Hash> limit;
        synchronized (peers) {
          limit = groups.computeIfAbsent(group, name -> new RateLimit<>(groupRate));
        }
        wait = Math.max(wait, limit.take(task.hash(), bytes, now()));
      }
      return wait;
    }

    @Override
    public int running() {
      synchronized (running) {
        return running.size();
      }
    }

    @Override
    public void ended(DownloadTask task) {
      synchronized (running) {
        running.remove(task.hash(), task);
      }
      all.leave(task.hash());
      synchronized (peers) {
        peers.values().forEach(peer -> peer.leave(task.hash()));
        peers.values().removeIf(RateLimit::isIdle);
        groups.values().forEach(group -> group.leave(task.hash()));
        groups.values().removeIf(RateLimit::isIdle);
      }
    }

    void close() {
      timer.shutdownNow();
      threads.shutdown();
    }
  }
}
