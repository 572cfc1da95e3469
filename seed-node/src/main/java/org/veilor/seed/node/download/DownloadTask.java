package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.blobs.getter.GetterEvent;
import org.veilor.seed.blobs.getter.GetterFailure;
import org.veilor.seed.blobs.getter.GetterLimits;
import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.PlanInput.Meaning;
import org.veilor.seed.store.cache.CacheFullException;
import org.veilor.seed.store.cache.Purpose;

/**
 * One download: carries out what its {@link DownloadPlan} wants and tells it what happens.
 *
 * <p>Everything but reading happens on one serial executor, so that nothing here needs a lock.
 */
final class DownloadTask implements Download {
  private static final Logger log = LoggerFactory.getLogger(DownloadTask.class);
  private static final long FIND_AGAIN_NANOS = SECONDS.toNanos(5);
  private static final long CHECKPOINT_NANOS = SECONDS.toNanos(1);
  private static final long CHECKPOINT_BYTES = 128L << 20;
  private static final long UNKEPT_GRACE_NANOS = SECONDS.toNanos(1);
  private static final long LATE_END_NANOS = SECONDS.toNanos(1);
  private static final long MIN_WINDOW_BYTES = 128 * 1024;

  private final Hash hash;
  private final @Nullable String rateGroup;
  private final Engine engine;
  private final Serial thread;
  private final DownloadPlan plan;
  private final ArrivingBlob blob;
  private final ArrayDeque<PlanInput> inputs = new ArrayDeque<>();
  private boolean taking;
  private final Map<ProviderId, Peer> peers = new LinkedHashMap<>();
  private final Map<Long, Exchange> exchanges = new HashMap<>();
  private final Map<Long, TaskReader> readers = new ConcurrentHashMap<>();
  private final CompletableFuture<Long> size = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final Object arrival = new Object();
  private volatile @Nullable DownloadFailure failure;
  private volatile DownloadProgress progress =
      new DownloadProgress(OptionalLong.empty(), 0, 0, true, List.of());
  private volatile boolean pinned;
  private boolean askedTwice;
  private long nextReader;
  private boolean over;
  private boolean complete;
  private boolean onlyWindows;
  private @Nullable ScheduledFuture<?> timer;
  private long timerNanos = Long.MAX_VALUE;
  private @Nullable ScheduledFuture<?> grace;
  private long findAgainNanos;
  private long checkpointNanos;
  private boolean checkpointing;
  private long unsavedBytes;
  private final ProgressMeter meter = new ProgressMeter();

  DownloadTask(Hash hash, Purpose purpose, @Nullable String rateGroup, Engine engine) {
    this.hash = hash;
    this.rateGroup = rateGroup;
    this.engine = engine;
    this.thread = new Serial(engine.threads());
    DownloadSettings settings = engine.settings();
    this.plan =
        new DownloadPlan(
            new DownloadPlan.Options(settings.patienceNanos(), settings.maxBlobBytes()));
    this.blob = new ArrivingBlob(hash, engine.keeper(), engine.writing());
    this.pinned = purpose == Purpose.PIN;
  }

  /** Begins, with these providers beside those that are found. */
  void start(List<Provider> extra) {
    thread.execute(() -> {
      long now = engine.now();
      meter.start(now);
      checkpointNanos = now + CHECKPOINT_NANOS;
      if (hash.equals(Hash.EMPTY_BLOB)) {
        emptyBlob();
        return;
      }
      add(extra);
      find(now);
      input(new PlanInput.NoMoreProviders(true));
      watchReaders();
    });
  }

  private void emptyBlob() {
    blob.beEmpty();
    size.complete(0L);
    finish();
  }

  /** These are asked when no peer gives the blob. */
  void lastResort(List<URI> origins) {
    HttpOrigin http = engine.origin();
    if (http == null || origins.isEmpty()) {
      return;
    }
    thread.execute(() -> {
      for (URI origin : origins) {
        ProviderId id = new ProviderId(origin.toString());
        if (!peers.containsKey(id)) {
          peers.put(id, new Peer(id, () -> OriginLink.fetch(http, origin, hash, engine)));
          input(new PlanInput.LastResort(id));
        }
      }
    });
  }

  /** Somebody else asks for the blob, too, and knows these providers. */
  void join(List<Provider> extra, Purpose purpose) {
    pinned |= purpose == Purpose.PIN;
    thread.execute(() -> {
      askedTwice = true;
      add(extra);
      watchReaders();
    });
  }

  /** These may have the blob, too. */
  void offer(List<Provider> found) {
    thread.execute(() -> add(found));
  }

  private void find(long now) {
    findAgainNanos = now + FIND_AGAIN_NANOS;
    add(engine.scores().inOrder(engine.providers().find(hash)));
  }

  private void add(List<Provider> found) {
    for (Provider provider : found) {
      ProviderId id = provider.id();
      peers.computeIfAbsent(
          id, key -> new Peer(id, () -> engine.client().connect(provider.addr())));
      long expected = engine.scores().of(id).bytesPerSecond();
      input(new PlanInput.ProviderFound(id, provider.known(), expected));
    }
  }

  /** Tells the plan, and does what it wants; what that leads to comes after it. */
  private void input(PlanInput input) {
    inputs.add(input);
    if (taking || over) {
      return;
    }
    taking = true;
    try {
      PlanInput next = inputs.poll();
      while (next != null && !over) {
        for (PlanAction action : plan.on(next, engine.now())) {
          act(action);
        }
        next = inputs.poll();
      }
    } finally {
      taking = false;
    }
    schedule();
  }

  private void schedule() {
    long at = plan.nextTimeoutNanos();
    if (over || at == Long.MAX_VALUE || (timer != null && timerNanos <= at)) {
      return;
    }
    timerNanos = at;
    timer = engine.later(() -> thread.execute(this::tick), Math.max(0, at - engine.now()));
  }

  private void tick() {
    timer = null;
    if (over) {
      return;
    }
    long now = engine.now();
    if (now >= findAgainNanos) {
      find(now);
    }
    for (Peer peer : peers.values()) {
      if (peer.link != null) {
        input(new PlanInput.RoundTrip(peer.id(), peer.link.rttNanos()));
      }
    }
    input(new PlanInput.Tick());
    if (!over) {
      checkpointIfDue(now);
      if (onlyWindows) {
        onlyWindows();
      }
      publish(now);
    }
  }

  private void publish(long now) {
    long here = Math.min(plan.presentBytes(), blob.size().orElse(Long.MAX_VALUE));
    progress =
        new DownloadProgress(
            blob.size(), here, meter.rateAt(here, now), blob.isKept(), plan.shares());
    meter.count(plan, engine.counters());
  }

  private void act(PlanAction action) {
    switch (action) {
      case PlanAction.Connect connect -> connect(peer(connect.provider()));
      case PlanAction.Observe observe -> observe(peer(observe.provider()));
      case PlanAction.Request request -> request(request);
      case PlanAction.Cancel cancel -> {
        Exchange exchange = exchanges.remove(cancel.request());
        if (exchange != null) {
          exchange.run.cancel();
        }
      }
      case PlanAction.Drop drop -> drop(drop);
      case PlanAction.Complete _ -> finish();
      case PlanAction.Fail failed -> fail(failed.failure());
    }
  }

  private Peer peer(ProviderId id) {
    Peer peer = peers.get(id);
    if (peer == null) {
      throw new IllegalStateException("no such provider: " + id);
    }
    return peer;
  }

  private void connect(Peer peer) {
    int generation = ++peer.generation;
    var _ =
        peer.connector
            .connect()
            .whenComplete((link, problem) ->
                thread.execute(() -> connected(peer, generation, link, problem)));
  }

  private void connected(
      Peer peer, int generation, @Nullable PeerLink link, @Nullable Throwable problem) {
    if (over || peer.generation != generation) {
      if (link instanceof OriginLink spooled) {
        spooled.close();
      }
      return;
    }
    if (link == null) {
      Throwable cause = Sentences.cause(problem);
      boolean isFinal = cause instanceof UnreachableException why && why.isFinal();
      engine.scores().failed(peer.id(), false);
      input(new PlanInput.ProviderLost(peer.id(), Sentences.of(cause), isFinal));
      return;
    }
    peer.link = link;
    input(new PlanInput.Connected(peer.id(), link.rttNanos()));
  }

  private void drop(PlanAction.Drop drop) {
    Peer peer = peer(drop.provider());
    log.debug("{}: {} is not asked for now: {}", hash, drop.provider(), drop.why());
    if (drop.broken() && peer.link != null) {
      peer.link.giveUp();
    }
    peer.drop();
  }

  private void lost(Peer peer, int generation, String why) {
    if (peer.generation == generation) {
      peer.drop();
      exchanges.values().removeIf(exchange -> endsWith(exchange, peer));
      engine.scores().failed(peer.id(), false);
      input(new PlanInput.ProviderLost(peer.id(), why, false));
    }
  }

  private static boolean endsWith(Exchange exchange, Peer peer) {
    if (exchange.peer == peer) {
      exchange.run.cancel();
      return true;
    }
    return false;
  }

  private void request(PlanAction.Request request) {
    Peer peer = peer(request.provider());
    PeerLink link = peer.link;
    if (link == null || !link.isOpen()) {
      lost(peer, peer.generation, "the connection ended");
      return;
    }
    Request.Get get = new Request.Get(hash, ChunkRangesSequence.single(request.ranges()));
    GetterSession session = new GetterSession(get, null, GetterLimits.ofBlobs(Long.MAX_VALUE));
    RequestRun run =
        new RequestRun(
            thread, (r, blocks, end) -> take(request.request(), blocks, end), engine.waiting());
    exchanges.put(request.request(), new Exchange(request.request(), peer, run, session));
    engine.counters().requests.increment();
    run.start(link.open(RequestCodec.encode(get), run));
  }

  private void observe(Peer peer) {
    PeerLink link = peer.link;
    if (link == null || !link.isOpen()) {
      lost(peer, peer.generation, "the connection ended");
      return;
    }
    ObserveRun observing =
        new ObserveRun(
            hash,
            (size, present) -> input(new PlanInput.Observed(peer.id(), size, present)),
            () -> input(new PlanInput.ObserveEnded(peer.id())));
    RequestRun run = new RequestRun(thread, observing, engine.waiting());
    peer.observer = run;
    byte[] bytes = RequestCodec.encode(new Request.Observe(hash, ChunkRanges.ALL));
    run.start(link.open(bytes, run));
  }

  /** Bytes of a response. */
  private void take(long id, List<RequestRun.Block> blocks, RequestRun.@Nullable End end) {
    Exchange exchange = exchanges.get(id);
    if (exchange == null || over) {
      return;
    }
    int bytes = 0;
    for (RequestRun.Block block : blocks) {
      bytes += block.length();
    }
    engine.counters().receivedBytes.add(bytes);
    exchange.untoldBytes += bytes;
    long wait = engine.limit(this, exchange.peer.id(), bytes);
    for (RequestRun.Block block : blocks) {
      if (!read(exchange, block.bytes(), block.length())) {
        break;
      }
    }
    if (over) {
      return;
    }
    flush();
    if (exchanges.containsKey(id)) {
      tell(exchange);
      if (end != null) {
        ended(exchange, end);
      } else if (wait > 0 && exchanges.containsKey(id)) {
        hold(exchange, wait);
      }
    }
    readersSee();
  }

  /** Writes what has come, so that it can be read; the plan may be told of it then. */
  private void flush() {
    try {
      blob.flush();
    } catch (IOException e) {
      stopKeeping(e);
    }
  }

  private void tell(Exchange exchange) {
    flush();
    ChunkRanges chunks = exchange.untold;
    long bytes = exchange.untoldBytes;
    exchange.untold = ChunkRanges.EMPTY;
    exchange.untoldBytes = 0;
    input(new PlanInput.Received(exchange.id, chunks, bytes));
  }

  /** A rate is used up: the provider is held back for a moment. */
  private void hold(Exchange exchange, long waitNanos) {
    exchange.run.hold();
    input(new PlanInput.Held(exchange.id, engine.now() + waitNanos));
    var _ = engine.later(exchange.run::release, waitNanos);
  }

  /** Takes bytes apart; whether the response goes on. */
  private boolean read(Exchange exchange, byte[] bytes, int length) {
    GetterSession session = exchange.session;
    int offset = 0;
    while (true) {
      GetterEvent event = session.next(bytes, offset, length - offset);
      offset += session.consumed();
      if (event instanceof GetterEvent.NeedMore) {
        return true;
      }
      try {
        if (!event(exchange, event) || over) {
          return false;
        }
      } catch (IOException e) {
        stopKeeping(e);
      }
    }
  }

  /** Whether the response goes on. */
  private boolean event(Exchange exchange, GetterEvent event) throws IOException {
    switch (event) {
      case GetterEvent.BlobStarted started -> {
        return started(exchange, started.claimedSizeBytes());
      }
      case GetterEvent.Pair pair ->
          blob.pair(exchange.claimedSizeBytes, pair.parent(), pair.buffer());
      case GetterEvent.Data data -> leaf(exchange, data);
      case GetterEvent.BlobMissing _, GetterEvent.BlobDone _, GetterEvent.NeedMore _ -> {}
      case GetterEvent.Complete _ -> {
        complete(exchange);
        return false;
      }
      case GetterEvent.Failed failed -> {
        failed(exchange, GetterFailure.of(failed));
        return false;
      }
      case GetterEvent.NoHashSequence none -> {
        failed(exchange, GetterFailure.of(none));
        return false;
      }
    }
    return true;
  }

  private boolean started(Exchange exchange, long claimed) {
    exchange.claimedSizeBytes = claimed;
    OptionalLong proven = blob.size();
    if (claimed > 0 && proven.isPresent() && proven.getAsLong() != claimed) {
      failed(exchange, Meaning.USELESS, "says that the blob has " + claimed + " bytes");
      return false;
    }
    input(new PlanInput.SizeClaimed(exchange.id, claimed));
    return exchanges.containsKey(exchange.id);
  }

  private void leaf(Exchange exchange, GetterEvent.Data data) throws IOException {
    ChunkRanges group = ChunkRanges.EMPTY;
    try {
      group = blob.leaf(exchange.claimedSizeBytes, data.leaf(), data.buffer());
    } catch (CacheFullException e) {
      stopKeeping(e);
      group = blob.leaf(exchange.claimedSizeBytes, data.leaf(), data.buffer());
    }
    exchange.untold = exchange.untold.union(group);
    engine.counters().verifiedBytes.add(data.leaf().lengthBytes());
    unsavedBytes += data.leaf().lengthBytes();
    boolean isLast = data.leaf().endChunk() == new BaoTree(exchange.claimedSizeBytes).chunks();
    if (isLast && blob.size().isEmpty()) {
      prove(exchange);
    }
  }

  private void prove(Exchange prover) throws IOException {
    long sizeBytes = prover.claimedSizeBytes;
    if (sizeBytes <= engine.settings().maxBlobBytes()) {
      ChunkRanges gone = blob.prove(sizeBytes, pinned ? Purpose.PIN : Purpose.REQUEST, askedTwice);
      forget(gone); // first what is not here, or it would count as complete
      String why = blob.notKept();
      if (why != null) {
        // Before the plan knows that the size is proved: a small blob would be done already.
        log.debug("{} is passed on and not kept: {}", hash, why);
        engine.counters().notKept.increment();
        onlyWindows();
      }
      input(new PlanInput.SizeProven(sizeBytes));
      tell(prover); // or what it gave would count as stored before
      input(new PlanInput.Stored(blob.present()));
      for (Exchange exchange : List.copyOf(exchanges.values())) {
        long claimed = exchange.claimedSizeBytes;
        if (claimed > 0 && claimed != sizeBytes) {
          failed(exchange, Meaning.USELESS, "says that the blob has " + claimed + " bytes");
        }
      }
      size.complete(sizeBytes);
      readersSee();
    } else {
      input(new PlanInput.SizeProven(sizeBytes));
    }
  }

  /** The cache takes no more; where it is only full, what it has can still be read. */
  private void stopKeeping(IOException problem) {
    String why = String.valueOf(problem.getMessage());
    log.warn("{} goes on without the cache: {}", hash, why);
    engine.counters().notKept.increment();
    ChunkRanges gone = blob.stopKeeping(why, problem instanceof CacheFullException);
    forget(gone);
    onlyWindows();
  }

  /** Nobody may be told later of what is gone now. */
  private void forget(ChunkRanges gone) {
    if (!gone.isEmpty()) {
      exchanges.values().forEach(each -> each.untold = each.untold.minus(gone));
      input(new PlanInput.Forgotten(gone));
    }
  }

  private long windowBytes() {
    long most = engine.settings().windowBytes();
    long share = most / Math.max(1, Math.max(readers.size(), engine.running() / 8));
    return Math.clamp(share, Math.min(MIN_WINDOW_BYTES, most), most);
  }

  /** Only what is before readers is fetched and held. */
  private void onlyWindows() {
    onlyWindows = true;
    long bytes = windowBytes();
    input(new PlanInput.OnlyWindows(bytes));
    ChunkRanges windows = ChunkRanges.EMPTY;
    for (TaskReader reader : readers.values()) {
      windows = windows.union(reader.window(bytes));
    }
    ChunkRanges gone = blob.keepOnly(windows);
    forget(gone);
  }

  /** A response is complete; its end is waited for a moment, but nothing depends on it. */
  private void complete(Exchange exchange) {
    tell(exchange);
    exchanges.remove(exchange.id);
    input(new PlanInput.RequestEnded(exchange.id));
    var _ = engine.later(exchange.run::cancel, LATE_END_NANOS);
  }

  private void ended(Exchange exchange, RequestRun.End end) {
    switch (end) {
      case RequestRun.End.Finished _ -> ended(exchange, exchange.session.finished());
      case RequestRun.End.Reset reset -> ended(exchange, exchange.session.reset(reset.code()));
      case RequestRun.End.Lost gone -> lost(exchange.peer, exchange.generation, gone.why());
    }
  }

  private void ended(Exchange exchange, Optional<GetterFailure> how) {
    if (how.isPresent()) {
      failed(exchange, how.get());
    } else {
      complete(exchange);
    }
  }

  private void failed(Exchange exchange, GetterFailure how) {
    boolean isProven = blob.size().isPresent();
    Meaning meaning =
        switch (how.meaning()) {
          case NONE_MISSING ->
              how instanceof GetterFailure.Denied ? Meaning.DENIED : Meaning.MISSING;
          case NONE_BUSY -> Meaning.BUSY;
          case RETRY_ONCE_ALONE -> Meaning.RETRY_ALONE;
          case TRANSPORT -> Meaning.TRANSPORT;
          case LIE -> Meaning.LIE;
        };
    if (meaning == Meaning.LIE) {
      log.warn(
          "{} sent bytes that do not belong to {}: {}{}",
          exchange.peer.id(),
          hash,
          how,
          isProven ? "" : ", the size is not proved yet");
    }
    failed(exchange, meaning, Sentences.of(how));
  }

  private void failed(Exchange exchange, Meaning meaning, String what) {
    exchange.run.cancel();
    tell(exchange);
    exchanges.remove(exchange.id);
    engine.counters().requestFailed(meaning);
    engine.scores().failed(exchange.peer.id(), meaning == Meaning.LIE);
    input(new PlanInput.RequestFailed(exchange.id, meaning, what));
  }

  private void checkpointIfDue(long now) {
    boolean isDue = now >= checkpointNanos || unsavedBytes >= CHECKPOINT_BYTES;
    if (!isDue || checkpointing || unsavedBytes == 0 || !blob.isKept()) {
      return;
    }
    checkpointing = true;
    checkpointNanos = now + CHECKPOINT_NANOS;
    unsavedBytes = 0;
    engine
        .threads()
        .execute(() -> {
          try {
            blob.checkpoint();
          } catch (IOException e) {
            log.warn("{}: what is here could not be made durable: {}", hash, e.getMessage());
          } finally {
            thread.execute(() -> checkpointing = false);
          }
        });
  }

  private void finish() {
    try {
      blob.commit();
    } catch (IOException e) {
      fail(DownloadFailure.of(DownloadFailure.Kind.STORAGE, String.valueOf(e.getMessage())));
      return;
    }
    engine.counters().completed.increment();
    complete = true;
    end();
    done.complete(null);
    readersSee();
  }

  private void fail(DownloadFailure why) {
    failure = why;
    engine.counters().downloadFailed(why.kind());
    log.debug("{} failed: {}", hash, why);
    end();
    DownloadException problem = new DownloadException(why);
    size.completeExceptionally(problem);
    done.completeExceptionally(problem);
    readersSee();
  }

  private void end() {
    publish(engine.now());
    over = true;
    for (Exchange exchange : List.copyOf(exchanges.values())) {
      exchange.run.cancel();
    }
    exchanges.clear();
    for (Peer peer : peers.values()) {
      if (peer.link instanceof OriginLink spooled) {
        spooled.close();
      }
      peer.drop();
    }
    plan.shares().forEach(engine.scores()::measured);
    if (timer != null) {
      timer.cancel(false);
    }
    if (grace != null) {
      grace.cancel(false);
    }
    blob.close();
    engine.ended(this);
  }

  // ---- readers

  private void readersSee() {
    synchronized (arrival) {
      arrival.notifyAll();
    }
    for (TaskReader reader : readers.values()) {
      reader.wake();
    }
  }

  @Override
  public DownloadReader reader(long fromByte, long untilByte) {
    if (fromByte < 0 || untilByte < fromByte) {
      throw new IllegalArgumentException(fromByte + ".." + untilByte);
    }
    long id;
    synchronized (arrival) {
      id = ++nextReader;
    }
    TaskReader reader = new TaskReader(id, this, blob, arrival, fromByte, untilByte);
    readers.put(id, reader);
    readerMoved(reader);
    return reader;
  }

  /** A reader stands somewhere else. */
  void readerMoved(TaskReader reader) {
    thread.execute(() -> {
      if (over || !readers.containsKey(reader.id())) {
        return;
      }
      watchReaders();
      input(new PlanInput.ReaderWants(reader.id(), reader.plan(), reader.untilByte()));
      if (onlyWindows && !over) {
        onlyWindows();
      }
    });
  }

  void readerGone(TaskReader reader) {
    readers.remove(reader.id());
    thread.execute(() -> {
      if (!over) {
        input(new PlanInput.ReaderGone(reader.id()));
        watchReaders();
      }
    });
  }

  /** Nobody reads: the download ends after a while. */
  private void watchReaders() {
    boolean isWanted = !readers.isEmpty() || pinned;
    if (isWanted && grace != null) {
      grace.cancel(false);
      grace = null;
    } else if (!isWanted && grace == null && !over) {
      long nanos = engine.settings().graceNanos();
      // Where nothing of it stays, whoever comes next had better ask the cache again.
      grace =
          engine.later(
              () -> thread.execute(this::nobodyWaits),
              onlyWindows ? Math.min(nanos, UNKEPT_GRACE_NANOS) : nanos);
    }
  }

  private void nobodyWaits() {
    grace = null;
    if (over || pinned || !readers.isEmpty()) {
      return;
    }
    if (onlyWindows) {
      finish();
    } else {
      fail(DownloadFailure.of(DownloadFailure.Kind.CANCELLED, "nobody waits for it any more"));
    }
  }

  /** Why it failed; null if it has not. */
  @Nullable DownloadFailure failure() {
    return failure;
  }

  /** Whose rate it counts against. */
  @Nullable String rateGroup() {
    return rateGroup;
  }

  /** Whether everything is here. */
  boolean isComplete() {
    return complete;
  }

  @Override
  public Hash hash() {
    return hash;
  }

  @Override
  public CompletionStage<Long> size() {
    return size.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> done() {
    return done.minimalCompletionStage();
  }

  @Override
  public DownloadProgress progress() {
    return progress;
  }

  @Override
  public void cancel() {
    cancel("it was cancelled");
  }

  void cancel(String why) {
    thread.execute(() -> {
      if (!over) {
        fail(DownloadFailure.of(DownloadFailure.Kind.CANCELLED, why));
      }
    });
  }
}
