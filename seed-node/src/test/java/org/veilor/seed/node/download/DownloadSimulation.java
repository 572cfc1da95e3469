package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.node.download.PlanInput.Meaning;

/**
 * A {@link DownloadPlan} with providers in virtual time: round trips, rates, and everything that
 * goes wrong. Streams of a provider share its rate by turns; a group is the unit.
 */
final class DownloadSimulation {
  private record Event(long atNanos, long order, Runnable task) {}

  private static final long GROUP = BaoTree.GROUP_CHUNKS;

  final DownloadPlan plan;
  final Map<ProviderId, SimulatedProvider> providers = new LinkedHashMap<>();
  private final long size;
  private final BaoTree tree;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
  private long order;
  long nowNanos;
  private long tickAt = Long.MAX_VALUE;
  long readerFrom = -1;
  long readerFrontNanos = -1;
  long payloadBytes;
  boolean complete;
  @Nullable DownloadFailure failure;
  final List<String> problems = new ArrayList<>();

  DownloadSimulation(long size, DownloadPlan.Options options, List<SimulatedProvider> all) {
    this.size = size;
    this.tree = new BaoTree(size);
    this.plan = new DownloadPlan(options);
    all.forEach(provider -> providers.put(provider.id, provider));
  }

  /** Why it failed, as it must have. */
  DownloadFailure failure() {
    return Objects.requireNonNull(failure, "it did not fail");
  }

  /** Runs until the plan is done or the time is over. */
  void run(long maxNanos) {
    for (SimulatedProvider provider : providers.values()) {
      input(new PlanInput.ProviderFound(provider.id, null, 0));
    }
    if (readerFrom >= 0) {
      input(new PlanInput.ReaderWants(1, readerFrom, Long.MAX_VALUE));
    }
    input(new PlanInput.NoMoreProviders(true));
    while (!complete && failure == null && nowNanos < maxNanos) {
      tickAt = plan.nextTimeoutNanos();
      Event next = events.peek();
      if (next == null || next.atNanos > tickAt) {
        nowNanos = Math.max(nowNanos, tickAt);
        input(new PlanInput.Tick());
      } else {
        events.poll();
        nowNanos = Math.max(nowNanos, next.atNanos);
        next.task.run();
      }
    }
  }

  private void at(long time, Runnable task) {
    events.add(new Event(time, order++, task));
  }

  void input(PlanInput input) {
    for (PlanAction action : plan.on(input, nowNanos)) {
      act(action);
    }
    checkReader();
  }

  private void checkReader() {
    if (readerFrom >= 0 && readerFrontNanos < 0 && plan.sizeBytes().isPresent()) {
      long chunk = readerFrom / BaoTree.CHUNK_BYTES;
      if (plan.present().contains(chunk)) {
        readerFrontNanos = nowNanos;
      }
    }
  }

  private void act(PlanAction action) {
    switch (action) {
      case PlanAction.Connect connect -> connect(provider(connect.provider()));
      case PlanAction.Observe observe -> observe(provider(observe.provider()));
      case PlanAction.Request request -> request(request);
      case PlanAction.Cancel cancel -> cancel(cancel.request());
      case PlanAction.Drop drop -> disconnect(provider(drop.provider()));
      case PlanAction.Complete _ -> complete = true;
      case PlanAction.Fail fail -> failure = fail.failure();
    }
  }

  private SimulatedProvider provider(ProviderId id) {
    return Objects.requireNonNull(providers.get(id));
  }

  private void connect(SimulatedProvider provider) {
    provider.connects++;
    if (provider.neverConnects) {
      return;
    }
    at(
        nowNanos + provider.rttNanos,
        () -> {
          if (provider.refusesConnections) {
            input(new PlanInput.ProviderLost(provider.id, "refused", false));
            return;
          }
          provider.connected = true;
          provider.connection++;
          provider.sentOnConnection = 0;
          input(new PlanInput.Connected(provider.id, provider.rttNanos));
        });
  }

  private void disconnect(SimulatedProvider provider) {
    provider.connected = false;
    provider.connection++;
    provider.streams.clear();
  }

  private void observe(SimulatedProvider provider) {
    long connection = provider.connection;
    if (!provider.knowsObserve) {
      return;
    }
    at(
        nowNanos + provider.rttNanos,
        () -> {
          if (connection == provider.connection) {
            ChunkRanges present = provider.holdings.intersect(ChunkRanges.range(0, tree.chunks()));
            long claim = provider.claimedSize == 0 ? size : provider.claimedSize;
            input(new PlanInput.Observed(provider.id, present.isEmpty() ? 0 : claim, present));
          }
        });
  }

  private void request(PlanAction.Request request) {
    SimulatedProvider provider = provider(request.provider());
    if (!provider.connected) {
      problems.add("a request to " + provider.id + ", which is not connected");
    }
    long connection = provider.connection;
    at(
        nowNanos + provider.rttNanos / 2,
        () -> {
          if (connection == provider.connection) {
            arrive(provider, request);
          }
        });
  }

  private void arrive(SimulatedProvider provider, PlanAction.Request request) {
    Meaning refusal = provider.refusal;
    if (provider.spuriousResets > 0) {
      provider.spuriousResets--;
      refusal = Meaning.RETRY_ALONE;
    }
    if (refusal != null) {
      Meaning meaning = refusal;
      deliver(
          provider, new PlanInput.RequestFailed(request.request(), meaning, "refused " + meaning));
      return;
    }
    boolean asksProof = request.ranges().isOpenEnded();
    ChunkRanges left = request.ranges().canonicalise(size);
    provider.streams.add(new SimulatedProvider.Stream(request.request(), asksProof, left));
    provider.mostRequests = Math.max(provider.mostRequests, provider.streams.size());
    serve(provider);
  }

  private void deliver(SimulatedProvider provider, PlanInput input) {
    long connection = provider.connection;
    at(
        nowNanos + provider.rttNanos / 2,
        () -> {
          if (connection == provider.connection) {
            input(input);
          }
        });
  }

  /** Sends the next group of the stream whose turn it is; then again. */
  private void serve(SimulatedProvider provider) {
    if (provider.busy || provider.streams.isEmpty()) {
      return;
    }
    if (provider.sentBytes >= provider.silentAfterBytes) {
      return;
    }
    SimulatedProvider.Stream stream =
        provider.streams.get(provider.turn++ % provider.streams.size());
    if (!stream.headerSent) {
      stream.headerSent = true;
      long claim = provider.claimedSize == 0 ? size : provider.claimedSize;
      deliver(provider, new PlanInput.SizeClaimed(stream.request, claim));
    }
    if (provider.trickles) {
      provider.busy = true;
      provider.sentBytes++;
      deliver(provider, new PlanInput.Received(stream.request, ChunkRanges.EMPTY, 1));
      later(provider, 100_000_000);
      return;
    }
    long chunk = stream.left.boundary(0);
    long end = Math.min(stream.left.boundary(1), (chunk / GROUP + 1) * GROUP);
    if (chunk >= provider.liesFromChunk || provider.claimedSize != 0) {
      end(provider, stream, new PlanInput.RequestFailed(stream.request, Meaning.LIE, "lied"));
      return;
    }
    if (!provider.holdings.containsAll(chunk, end)) {
      end(
          provider,
          stream,
          new PlanInput.RequestFailed(stream.request, Meaning.RETRY_ALONE, "reset 3"));
      return;
    }
    long bytes = tree.bytesIn(chunk, end);
    provider.busy = true;
    later(provider, (long) (bytes * 1e9 / provider.bytesPerSecond));
    at(nowNanos + (long) (bytes * 1e9 / provider.bytesPerSecond), () -> {});
    sent(provider, stream, chunk, end, bytes);
  }

  private void later(SimulatedProvider provider, long nanos) {
    at(
        nowNanos + nanos,
        () -> {
          provider.busy = false;
          serve(provider);
        });
  }

  private void sent(
      SimulatedProvider provider,
      SimulatedProvider.Stream stream,
      long chunk,
      long end,
      long bytes) {
    provider.sentBytes += bytes;
    provider.sentOnConnection += bytes;
    payloadBytes += bytes;
    stream.left = stream.left.minus(ChunkRanges.range(chunk, end));
    boolean whole = chunk % GROUP == 0 && (end % GROUP == 0 || end == tree.chunks());
    long takes = (long) (bytes * 1e9 / provider.bytesPerSecond);
    long connection = provider.connection;
    boolean isLast = stream.left.isEmpty();
    if (isLast) {
      provider.streams.remove(stream);
    }
    boolean isLost = provider.sentOnConnection >= provider.lostAfterBytes;
    at(
        nowNanos + takes + provider.rttNanos / 2,
        () -> {
          if (connection != provider.connection) {
            return;
          }
          if (isLost) {
            disconnect(provider);
            input(new PlanInput.ProviderLost(provider.id, "connection lost", false));
            return;
          }
          ChunkRanges chunks = whole ? ChunkRanges.range(chunk, end) : ChunkRanges.EMPTY;
          if (end == tree.chunks()) {
            input(new PlanInput.SizeProven(size));
          }
          input(new PlanInput.Received(stream.request, chunks, bytes));
          if (isLast) {
            input(new PlanInput.RequestEnded(stream.request));
          }
        });
  }

  private void end(SimulatedProvider provider, SimulatedProvider.Stream stream, PlanInput how) {
    provider.streams.remove(stream);
    deliver(provider, how);
    at(nowNanos, () -> serve(provider));
  }

  private void cancel(long request) {
    for (SimulatedProvider provider : providers.values()) {
      at(
          nowNanos + provider.rttNanos / 2,
          () -> provider.streams.removeIf(stream -> stream.request == request));
    }
  }
}
