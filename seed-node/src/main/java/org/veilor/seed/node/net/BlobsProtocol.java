package org.veilor.seed.node.net;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.provider.ObserverCap;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.ProtocolHandler;
import org.veilor.seed.node.daemon.PeerBlobs;

/** The iroh-blobs protocol, provider side, under its ALPN. */
final class BlobsProtocol implements ProtocolHandler, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobsProtocol.class);

  /** One timer for all requests: one each would keep what has long been answered alive. */
  private static final long TIME_CHECK_SECONDS = 1;

  private static final int REQUEST_BUFFER_BYTES = 8 * 1024;
  private static final long MEMORY_CHECK_MILLIS = 50;

  /** So few connections fill no memory in a moment, and an idle node should sleep. */
  private static final int FEW_CONNECTIONS = 32;

  private static final long FEW_MEMORY_CHECK_MILLIS = 500;

  /** From so many open requests on, of all peers, a connection gets few only. */
  private static final int MANY_REQUESTS = 8192;

  private static final int FEW_REQUESTS = 8;

  /** Who needs more than so many seconds for what it holds is slow. */
  private static final int SLOW_CHECKS = 2;

  private static final long BUDGET_RETRY_NANOS = 5_000_000;

  private final PeerBlobs blobs;
  private final BiConsumer<Hash, String> wrongContent;
  private final UploadLimit uploadLimit;
  private final ProviderCounters counters = new ProviderCounters();
  private final ExecutorService workers;
  private final ScheduledExecutorService clock;
  private final Set<ProviderStream> open = ConcurrentHashMap.newKeySet();

  /** On the event loop only. */
  private final SendBudget budget = new SendBudget();

  private final byte[] requestBuffer = new byte[REQUEST_BUFFER_BYTES];

  private final RequestBudget requestBytes = new RequestBudget();

  private final Map<PeerConnection, Holder> connections = new HashMap<>();

  /** How many these are, for other threads. */
  private volatile int connected;

  private final MemoryGuard memory = new MemoryGuard(new OldGeneration());

  private boolean retryQueued;
  private volatile Consumer<Runnable> loop = Runnable::run;

  BlobsProtocol(PeerBlobs blobs, BiConsumer<Hash, String> wrongContent, UploadLimit uploadLimit) {
    this.blobs = blobs;
    this.wrongContent = wrongContent;
    this.uploadLimit = uploadLimit;
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.workers = Executors.newFixedThreadPool(threads, named("seed-serve-"));
    this.clock = Executors.newSingleThreadScheduledExecutor(named("seed-serve-clock-"));
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Begins the housekeeping once the endpoint is there. */
  void start(Consumer<Runnable> onLoop) {
    loop = onLoop;
    Runnable check =
        () -> {
          if (connected > 0) {
            onLoop.accept(this::checkTimes);
          }
        };
    var _ = clock.scheduleWithFixedDelay(check, TIME_CHECK_SECONDS, TIME_CHECK_SECONDS, SECONDS);
    later(this::checkMemory, TimeUnit.MILLISECONDS.toNanos(MEMORY_CHECK_MILLIS));
  }

  private void checkMemory() {
    if (memory.isFull()) {
      loop.accept(this::relieveMemory);
    } else {
      later(
          this::checkMemory,
          TimeUnit.MILLISECONDS.toNanos(
              connected <= FEW_CONNECTIONS ? FEW_MEMORY_CHECK_MILLIS : MEMORY_CHECK_MILLIS));
    }
  }

  /** What is closed is free a moment later, and seen to be when it was collected. */
  private void relieveMemory() {
    boolean hasClosed = memory.relieve(List.copyOf(connections.values())) > 0;
    later(
        () -> {
          if (hasClosed) {
            memory.collect();
          }
          checkMemory();
        },
        TimeUnit.MILLISECONDS.toNanos(hasClosed ? MEMORY_CHECK_MILLIS : 1000));
  }

  /** A connection as the memory guard sees it; on the event loop. */
  private static final class Holder implements MemoryGuard.Holder {
    private final PeerConnection connection;
    private int openRequests;
    private long writtenBytes;
    private long takenBytes;
    private long takenPerCheckBytes = Long.MAX_VALUE; // not yet known

    Holder(PeerConnection connection) {
      this.connection = connection;
    }

    @Override
    public long heldBytes() {
      long responses = connection.isOpen() ? connection.bufferedSendBytes() : 0;
      return responses + openRequests * MemoryGuard.REQUEST_BYTES;
    }

    /** Sees how much the peer has acknowledged since the last time. */
    void checkProgress() {
      long buffered = connection.isOpen() ? connection.bufferedSendBytes() : 0;
      long taken = writtenBytes - buffered;
      takenPerCheckBytes = taken - takenBytes;
      takenBytes = taken;
    }

    @Override
    public boolean isSlow() {
      return heldBytes() / SLOW_CHECKS > takenPerCheckBytes;
    }

    @Override
    public void close() {
      connection.close(ErrorCode.LIMIT.code(), "the provider is short of memory");
    }
  }

  private void checkTimes() {
    long now = System.nanoTime();
    open.forEach(stream -> stream.checkTime(now));
    connections.values().forEach(Holder::checkProgress);
  }

  /** What a piece of a request is read into; on the event loop only, until the next read. */
  byte[] requestBuffer() {
    return requestBuffer;
  }

  RequestBudget requestBytes() {
    return requestBytes;
  }

  SendBudget budget() {
    return budget;
  }

  /** Memory is short: tries again in a moment, as the others' data are acknowledged. */
  void awaitBudget(ProviderStream stream) {
    budget.await(stream);
    if (!retryQueued) {
      retryQueued = true;
      later(() -> loop.accept(this::retryBudget), BUDGET_RETRY_NANOS);
    }
  }

  private void retryBudget() {
    retryQueued = false;
    budget.retry();
    if (budget.isAwaited() && !retryQueued) {
      retryQueued = true;
      later(() -> loop.accept(this::retryBudget), BUDGET_RETRY_NANOS);
    }
  }

  @Override
  public void onConnection(PeerConnection connection) {
    counters.connections.increment();
    connections.put(connection, new Holder(connection));
    connected = connections.size();
    var _ = connection.closed().thenRun(() -> connection.onLoop(() -> onClosed(connection)));
    ProviderPolicy policy = new ObserverCap(ProviderPolicy.admitAll());
    BlobCatalog catalog = blobs.forPeer(connection.remoteId());
    connection.onStream(stream -> onStream(stream, catalog, policy));
  }

  private void onClosed(PeerConnection connection) {
    connections.remove(connection);
    connected = connections.size();
    budget.close(connection);
  }

  private void onStream(PeerStream stream, BlobCatalog catalog, ProviderPolicy policy) {
    if (!stream.isBidirectional()) {
      stream.stopSending(0); // the protocol knows none of these
      return;
    }
    if (open.size() >= MANY_REQUESTS && openRequests(stream.connection()) >= FEW_REQUESTS) {
      counters.refusedRequests.increment();
      stream.reset(ErrorCode.LIMIT.code());
      stream.stopSending(ErrorCode.LIMIT.code());
      return;
    }
    ProviderSession session = new ProviderSession(catalog, policy, System.nanoTime());
    ProviderStream provider = new ProviderStream(this, stream, session);
    open.add(provider);
    count(stream.connection(), 1);
    provider.start();
  }

  void onEnded(ProviderStream stream) {
    if (open.remove(stream)) {
      count(stream.connection(), -1);
    }
  }

  private int openRequests(PeerConnection connection) {
    Holder holder = connections.get(connection);
    return holder == null ? 0 : holder.openRequests;
  }

  private void count(PeerConnection connection, int requests) {
    Holder holder = connections.get(connection);
    if (holder != null) {
      holder.openRequests += requests;
    }
  }

  /** Bytes of a response were handed to the connection. */
  void onWritten(PeerConnection connection, int bytes) {
    Holder holder = connections.get(connection);
    if (holder != null) {
      holder.writtenBytes += bytes;
    }
  }

  /** Connections closed because memory was short. */
  long closedForMemory() {
    return memory.closed();
  }

  /** Requests being received or answered. */
  int openRequests() {
    return open.size();
  }

  ProviderCounters counters() {
    return counters;
  }

  UploadLimit uploadLimit() {
    return uploadLimit;
  }

  void wrongContent(Hash hash, String reason) {
    work(() -> wrongContent.accept(hash, reason));
  }

  /** Runs something that may read files. */
  void work(Runnable task) {
    try {
      workers.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the provider is closed; a request came too late");
    }
  }

  /** Runs something small after a delay. */
  void later(Runnable task, long delayNanos) {
    try {
      var _ = clock.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the provider is closed; a timer came too late");
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("files are still being read; giving up on them");
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
