package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.node.download.PlannedProvider.State;
import org.veilor.seed.node.download.PlannedProvider.Verdict;

/**
 * How one blob is fetched from several providers at once: takes what happens and yields what to do.
 * No thread, no socket, no clock.
 *
 * <p>The unit is the chunk group. The size is believed when the last chunk has verified, which is
 * why the first request to a provider asks for it; until then only the opening is fetched. Any
 * provider may lie, stall, vanish or lack parts: the download ends well as long as one that has the
 * blob keeps answering. One thread may use a plan at a time.
 */
public final class DownloadPlan {
  /**
   * What a caller may choose.
   *
   * @param patienceNanos after so long without anything of use the download fails
   * @param maxSizeBytes larger blobs are refused
   */
  public record Options(long patienceNanos, long maxSizeBytes) {}

  private final Options options;
  private final PlanState state = new PlanState();
  private final WorkSharing work = new WorkSharing(state);
  private boolean noMoreProviders;
  private boolean started;
  private boolean over;
  private long stuckSinceNanos = Long.MAX_VALUE;
  private long nextTickNanos;

  /** A plan for a blob of which nothing is here. */
  public DownloadPlan(Options options) {
    this.options = options;
  }

  /** Takes an input and says what to do about it. */
  public List<PlanAction> on(PlanInput input, long nowNanos) {
    if (over) {
      return List.of();
    }
    if (!started) {
      started = true;
      state.lastProgressNanos = nowNanos;
      nextTickNanos = nowNanos;
    }
    boolean isPlain =
        input instanceof PlanInput.Received
            || input instanceof PlanInput.Held
            || input instanceof PlanInput.RoundTrip;
    if (!isPlain) {
      work.invalidate();
    }
    take(input, nowNanos);
    boolean isDue = nowNanos >= nextTickNanos;
    if (!isPlain || isDue) {
      checkTimes(nowNanos);
      work.hedgeLate(nowNanos);
      connect(nowNanos);
    }
    work.assign(nowNanos);
    if (!isPlain || isDue) {
      work.steal(nowNanos);
      nextTickNanos = nowNanos + PlanLimits.TICK_NANOS;
    }
    checkEnd(nowNanos);
    List<PlanAction> actions = state.actions;
    state.actions = new ArrayList<>();
    return actions;
  }

  /** When {@link PlanInput.Tick} is due, at the latest. */
  public long nextTimeoutNanos() {
    return over ? Long.MAX_VALUE : nextTickNanos;
  }

  private void take(PlanInput input, long now) {
    switch (input) {
      case PlanInput.ProviderFound found -> found(found, now);
      case PlanInput.LastResort found -> {
        PlannedProvider provider = new PlannedProvider(found.provider(), null, 0);
        provider.lastResort = true;
        state.providers.putIfAbsent(found.provider(), provider);
      }
      case PlanInput.NoMoreProviders none -> noMoreProviders = none.isSo();
      case PlanInput.Connected connected -> connected(connected, now);
      case PlanInput.ProviderLost lost -> lost(lost, now);
      case PlanInput.Observed observed -> observed(observed);
      case PlanInput.ObserveEnded ended -> observeEnded(ended, now);
      case PlanInput.RoundTrip measured -> roundTrip(measured);
      case PlanInput.SizeClaimed claimed -> sizeClaimed(claimed, now);
      case PlanInput.SizeProven proven -> sizeProven(proven.sizeBytes());
      case PlanInput.Received received -> received(received, now);
      case PlanInput.Held held -> held(held);
      case PlanInput.RequestEnded ended -> ended(ended.request());
      case PlanInput.RequestFailed failed -> failed(failed, now);
      case PlanInput.Stored stored -> addPresent(stored.present());
      case PlanInput.Forgotten gone -> forgotten(gone.gone());
      case PlanInput.OnlyWindows only -> state.onlyWindowsBytes = only.windowBytes();
      case PlanInput.ReaderWants wants ->
          state.readers.put(
              wants.reader(),
              new PlannedReader(wants.reader(), wants.fromByte(), wants.untilByte()));
      case PlanInput.ReaderGone gone -> state.readers.remove(gone.reader());
      case PlanInput.Tick _ -> {}
    }
  }

  private void found(PlanInput.ProviderFound found, long now) {
    PlannedProvider old = state.providers.get(found.provider());
    if (old != null) {
      // A new announcement of one that was waiting or had nothing: it may have come back.
      if (old.state == State.OUT && old.verdict == Verdict.MISSING && found.known() != null) {
        old.state = State.FOUND;
        old.verdict = Verdict.NONE;
        old.lacking = ChunkRanges.EMPTY;
        old.failures = 0;
      } else if (old.state == State.WAITING) {
        old.deadlineNanos = Math.min(old.deadlineNanos, now);
      }
      return;
    }
    if (state.providers.size() < PlanLimits.MAX_PROVIDERS) {
      ChunkRanges known =
          found.known() == null ? null : ChunkSets.wholeGroups(found.known(), state.chunks());
      state.providers.put(
          found.provider(),
          new PlannedProvider(found.provider(), known, found.expectedBytesPerSecond()));
    }
  }

  private void connected(PlanInput.Connected connected, long now) {
    PlannedProvider provider = state.providers.get(connected.provider());
    if (provider == null || provider.state != State.CONNECTING) {
      return;
    }
    provider.state = State.CONNECTED;
    provider.reached = true;
    provider.unreachable = false;
    provider.lastUseNanos = now;
    provider.rttNanos = Math.max(0, connected.rttNanos());
    provider.lastActivityNanos = now;
    provider.lastWord = provider.failures == 0 ? "connected" : provider.lastWord;
    if (state.providers.size() > 1 && provider.holdings == null) {
      observe(provider);
    }
  }

  private void observe(PlannedProvider provider) {
    if (!provider.observing) {
      provider.observing = true;
      state.actions.add(new PlanAction.Observe(provider.id));
    }
  }

  private void lost(PlanInput.ProviderLost lost, long now) {
    PlannedProvider provider = state.providers.get(lost.provider());
    if (provider == null || provider.state == State.OUT) {
      return;
    }
    provider.lastWord = lost.why();
    provider.unreachable |= lost.isFinal();
    free(provider);
    provider.observing = false;
    if (provider.lastResort && lost.isFinal()) {
      out(provider, Verdict.FAILED); // it said what it has: all of it would come again
    } else {
      backOff(provider, now);
    }
  }

  private void backOff(PlannedProvider provider, long now) {
    provider.failures++;
    if (provider.failures >= PlanLimits.MAX_FAILURES) {
      out(provider, Verdict.FAILED);
      return;
    }
    provider.state = State.WAITING;
    provider.deadlineNanos = now + backOffNanos(provider.failures);
  }

  private static long backOffNanos(int failures) {
    return Math.min(
        PlanLimits.MAX_BACK_OFF_NANOS, PlanLimits.BACK_OFF_NANOS << Math.min(failures - 1, 10));
  }

  private void out(PlannedProvider provider, Verdict verdict) {
    provider.verdict = verdict;
    provider.state = State.OUT;
    provider.observing = false;
    for (PlannedRequest request : List.copyOf(provider.requests.values())) {
      state.cancel(request);
    }
    state.actions.add(new PlanAction.Drop(provider.id, provider.lastWord, false));
  }

  /** All requests of a provider are gone; the connection is not ours to blame. */
  private void free(PlannedProvider provider) {
    for (PlannedRequest request : List.copyOf(provider.requests.values())) {
      state.remove(request);
    }
    provider.alone = false;
    provider.nextAlone = false;
  }

  private void observed(PlanInput.Observed observed) {
    PlannedProvider provider = state.providers.get(observed.provider());
    if (provider == null) {
      return;
    }
    long chunks = state.chunks();
    if (state.provenSize.isEmpty() && observed.sizeBytes() > 0) {
      chunks = new BaoTree(observed.sizeBytes()).chunks();
    }
    ChunkRanges whole = ChunkSets.wholeGroups(observed.present(), chunks);
    ChunkRanges before = provider.holdings == null ? ChunkRanges.EMPTY : provider.holdings;
    ChunkRanges added = whole.minus(before);
    // What it says now is newer than what it could not give; too many contradictions end it.
    provider.lacking = provider.lacking.minus(whole);
    provider.holdings = whole;
    provider.observed = true;
    boolean hasLast = observed.sizeBytes() > 0 && observed.present().contains(chunks - 1);
    provider.lacksProof = !hasLast;
    if (!added.isEmpty()) {
      stuckSinceNanos = Long.MAX_VALUE;
    }
    if (whole.isEmpty()) {
      provider.lastWord = "has nothing of it";
    }
  }

  private void observeEnded(PlanInput.ObserveEnded ended, long now) {
    PlannedProvider provider = state.providers.get(ended.provider());
    if (provider != null) {
      provider.observing = false;
      provider.observeAgainNanos = now + PlanLimits.OBSERVE_AGAIN_NANOS;
    }
  }

  private void sizeClaimed(PlanInput.SizeClaimed claimed, long now) {
    PlannedRequest request = state.requests.get(claimed.request());
    if (request != null) {
      request.answered = true;
      active(request, now);
    }
  }

  private void roundTrip(PlanInput.RoundTrip measured) {
    PlannedProvider provider = state.providers.get(measured.provider());
    if (provider != null && measured.rttNanos() > 0) {
      provider.rttNanos = measured.rttNanos();
    }
  }

  private static void active(PlannedRequest request, long now) {
    request.lastActivityNanos = Math.max(request.lastActivityNanos, now);
    request.provider.lastActivityNanos = Math.max(request.provider.lastActivityNanos, now);
  }

  private void sizeProven(long sizeBytes) {
    if (state.provenSize.isPresent()) {
      return;
    }
    if (sizeBytes > options.maxSizeBytes()) {
      fail(
          DownloadFailure.Kind.TOO_LARGE,
          "the blob has " + sizeBytes + " bytes; at most " + options.maxSizeBytes() + " are taken");
      return;
    }
    state.provenSize = OptionalLong.of(sizeBytes);
    long chunks = state.chunks();
    ChunkRanges all = ChunkRanges.range(0, chunks);
    state.present = state.present.intersect(all);
    state.presentBytes = state.bytes(state.present);
    for (PlannedRequest request : List.copyOf(state.requests.values())) {
      request.due = request.due.intersect(all);
      request.needed = request.needed.intersect(all).minus(state.present);
      cancelIfUseless(request);
    }
  }

  private void received(PlanInput.Received received, long now) {
    PlannedRequest request = state.requests.get(received.request());
    if (request == null) {
      addPresent(received.chunks());
      return;
    }
    request.answered = true;
    active(request, now);
    PlannedProvider provider = request.provider;
    provider.rate.onBytes(received.bytes(), now);
    if (received.chunks().isEmpty()) {
      return;
    }
    ChunkRanges fresh = received.chunks().minus(state.present);
    long bytes = state.bytes(received.chunks());
    long freshBytes = state.bytes(fresh);
    provider.bytes += freshBytes;
    provider.wastedBytes += bytes - freshBytes;
    state.wastedBytes += bytes - freshBytes;
    request.due = request.due.minus(received.chunks());
    if (!fresh.isEmpty()) {
      if (!fresh.minus(request.needed).isEmpty()) {
        work.invalidate();
      }
      provider.failures = 0;
      provider.lastUseNanos = now;
      state.lastProgressNanos = now;
      stuckSinceNanos = Long.MAX_VALUE;
      addPresent(fresh);
    } else {
      request.needed = request.needed.minus(received.chunks());
    }
    cancelIfUseless(request);
  }

  /** Everything of it is here by now, and no request waits for it any more. */
  private void addPresent(ChunkRanges chunks) {
    state.present = state.present.union(chunks);
    state.presentBytes = state.bytes(state.present.intersect(ChunkRanges.range(0, maxChunk())));
    for (PlannedRequest request : List.copyOf(state.requests.values())) {
      if (!request.needed.isEmpty()) {
        ChunkRanges needed = request.needed.minus(chunks);
        if (!needed.equals(request.needed)) {
          request.needed = needed;
          cancelIfUseless(request);
        }
      }
    }
  }

  private long maxChunk() {
    return state.chunks();
  }

  private void cancelIfUseless(PlannedRequest request) {
    boolean waitsForProof = request.asksProof && state.provenSize.isEmpty();
    if (request.needed.isEmpty()
        && !request.due.isEmpty()
        && !waitsForProof
        && state.requests.containsKey(request.id)) {
      state.cancel(request);
    }
  }

  private void forgotten(ChunkRanges gone) {
    state.present = state.present.minus(gone);
    state.presentBytes = state.bytes(state.present);
  }

  private void held(PlanInput.Held held) {
    PlannedRequest request = state.requests.get(held.request());
    if (request != null) {
      request.provider.rate.pause();
      active(request, held.untilNanos());
    }
  }

  private void ended(long id) {
    PlannedRequest request = state.requests.get(id);
    if (request != null) {
      state.remove(request);
      request.provider.alone = false;
      request.provider.lastWord = "gave what was asked";
      request.provider.lacksProof |= request.asksProof && state.provenSize.isEmpty();
    }
  }

  private void failed(PlanInput.RequestFailed failed, long now) {
    PlannedRequest request = state.requests.get(failed.request());
    if (request == null) {
      return;
    }
    PlannedProvider provider = request.provider;
    boolean wasAlone = provider.alone;
    state.remove(request);
    provider.alone = false;
    provider.lastWord = failed.what();
    provider.wasSilent = false;
    switch (failed.meaning()) {
      case MISSING -> missing(request, now);
      case BUSY -> busy(provider, now);
      case RETRY_ALONE -> {
        if (wasAlone) {
          missing(request, now);
        } else {
          provider.nextAlone = true;
          provider.maxRequests = Math.max(1, provider.maxRequests / 2);
        }
      }
      case TRANSPORT -> {
        provider.failures++;
        if (provider.failures >= PlanLimits.MAX_FAILURES) {
          out(provider, Verdict.FAILED);
        } else {
          provider.busyUntilNanos = now + backOffNanos(provider.failures) / 4;
        }
      }
      case DENIED -> out(provider, Verdict.DENIED);
      case USELESS -> out(provider, Verdict.FAILED);
      case LIE -> out(provider, Verdict.LIED);
    }
  }

  private void missing(PlannedRequest request, long now) {
    PlannedProvider provider = request.provider;
    provider.failures++;
    if (provider.failures >= PlanLimits.MAX_FAILURES) {
      out(provider, Verdict.MISSING);
      return;
    }
    if (provider.observing && provider.observed) {
      // It says that it has it: believe that for a while.
      provider.busyUntilNanos = now + backOffNanos(provider.failures);
      return;
    }
    provider.lacking = provider.lacking.union(request.due);
    provider.lacksProof |= request.asksProof;
    provider.lackingUntilNanos = now + PlanLimits.GROWING_NANOS;
    observe(provider);
  }

  /** Nobody can observe forever that something is missing: asked again after a while. */
  private static void checkLacking(PlannedProvider provider, long now) {
    boolean hasAny = provider.lacksProof || !provider.lacking.isEmpty();
    if (hasAny && !provider.observed && now >= provider.lackingUntilNanos) {
      provider.lacking = ChunkRanges.EMPTY;
      provider.lacksProof = false;
    }
  }

  private static void busy(PlannedProvider provider, long now) {
    provider.failures++;
    provider.maxRequests = Math.max(1, provider.requests.size());
    provider.busyUntilNanos = now + backOffNanos(Math.min(provider.failures, 4));
  }

  private void checkTimes(long now) {
    for (PlannedProvider provider : List.copyOf(state.providers.values())) {
      if (provider.state == State.CONNECTING && provider.lastResort) {
        state.lastProgressNanos = now; // it has limits of its own
      } else if (provider.state == State.CONNECTING && now >= provider.deadlineNanos) {
        provider.lastWord = "no connection within " + seconds(PlanLimits.CONNECT_NANOS);
        provider.unreachable = true; // QUIC has repeated itself often enough
        state.actions.add(new PlanAction.Drop(provider.id, provider.lastWord, true));
        backOff(provider, now);
      } else if (provider.state == State.CONNECTED) {
        checkLacking(provider, now);
        checkStall(provider, now);
      }
      if (provider.isConnected()
          && !provider.observing
          && provider.observed
          && now >= provider.observeAgainNanos
          && !work.isUseful(provider)) {
        observe(provider);
      }
    }
  }

  private void checkStall(PlannedProvider provider, long now) {
    if (provider.requests.isEmpty()) {
      return;
    }
    provider.rate.onSilence(now);
    long silence = now - provider.lastActivityNanos;
    if (silence >= provider.stallNanos()) {
      provider.lastWord = "sent nothing for " + seconds(silence);
      provider.wasSilent = true;
      state.actions.add(new PlanAction.Drop(provider.id, provider.lastWord, true));
      for (PlannedRequest request : List.copyOf(provider.requests.values())) {
        state.cancel(request);
      }
      provider.observing = false;
      work.invalidate();
      backOff(provider, now);
    }
  }

  private static String seconds(long nanos) {
    return Math.round(nanos / 1e8) / 10.0 + " s";
  }

  private void connect(long now) {
    int most =
        state.provenSize.isPresent() ? PlanLimits.MAX_CONNECTED : PlanLimits.MAX_CONNECTED_AT_FIRST;
    int active = 0;
    for (PlannedProvider provider : state.providers.values()) {
      boolean isCandidate =
          provider.state == State.CONNECTING
              || (provider.state == State.CONNECTED && work.isUseful(provider));
      boolean isIdle = provider.isConnected() && provider.requests.isEmpty();
      boolean counts =
          isIdle || now - provider.lastUseNanos < PlanLimits.PLACE_NANOS + 4 * provider.rttNanos;
      active += isCandidate && counts ? 1 : 0;
    }
    boolean isLastResort = isHopelessWithoutLastResort();
    for (PlannedProvider provider : state.providers.values()) {
      if (provider.lastResort && !isLastResort) {
        continue;
      }
      boolean isDue =
          provider.state == State.FOUND
              || (provider.state == State.WAITING && now >= provider.deadlineNanos);
      if (isDue && active < most) {
        active++;
        provider.state = State.CONNECTING;
        provider.lastUseNanos = now;
        provider.deadlineNanos = now + PlanLimits.CONNECT_NANOS;
        state.actions.add(new PlanAction.Connect(provider.id));
      }
    }
  }

  /** Whether all others failed, or cannot give what is missing. */
  private boolean isHopelessWithoutLastResort() {
    if (!noMoreProviders) {
      return false;
    }
    for (PlannedProvider provider : state.providers.values()) {
      boolean isFresh =
          provider.state == State.FOUND
              || (provider.state == State.CONNECTING && provider.failures == 0);
      boolean isGood =
          provider.isConnected()
              && provider.failures == 0
              && (work.isUseful(provider) || (provider.observing && !provider.observed));
      if (!provider.lastResort && (isFresh || isGood)) {
        return false;
      }
    }
    return true;
  }

  private void checkEnd(long now) {
    if (over) {
      return;
    }
    if (state.provenSize.isPresent() && isComplete()) {
      state.actions.add(new PlanAction.Complete());
      over = true;
      return;
    }
    if (state.provenSize.isPresent() && state.wanted().minus(state.present).isEmpty()) {
      state.lastProgressNanos = now; // readers are slow, not providers
      return;
    }
    if (now - state.lastProgressNanos >= options.patienceNanos()) {
      fail(
          DownloadFailure.Kind.TIMEOUT,
          "nothing of use came for " + seconds(now - state.lastProgressNanos));
      return;
    }
    checkHope(now);
  }

  private boolean isComplete() {
    return state.onlyWindowsBytes == 0 && state.present.containsAll(0, state.chunks());
  }

  /** Whether there is still somebody who may give something. */
  private void checkHope(long now) {
    if (!noMoreProviders || !state.requests.isEmpty()) {
      stuckSinceNanos = Long.MAX_VALUE;
      return;
    }
    boolean isGrowing = false;
    for (PlannedProvider provider : state.providers.values()) {
      boolean isPending =
          provider.mayConnect()
              || (provider.isConnected()
                  && (work.isUseful(provider) || (provider.observing && !provider.observed)));
      if (isPending) {
        stuckSinceNanos = Long.MAX_VALUE;
        return;
      }
      isGrowing |=
          provider.isConnected() && provider.holdings != null && !provider.holdings.isEmpty();
    }
    stuckSinceNanos = Math.min(stuckSinceNanos, now);
    if (!isGrowing || now - stuckSinceNanos >= PlanLimits.GROWING_NANOS) {
      failHopeless();
    }
  }

  private void failHopeless() {
    if (state.providers.isEmpty()) {
      fail(DownloadFailure.Kind.NO_PROVIDER, "nobody is known who has the blob");
      return;
    }
    boolean isMissing = true;
    boolean isDenied = true;
    boolean isReached = false;
    boolean isSlow = true;
    for (PlannedProvider provider : state.providers.values()) {
      isReached |= provider.reached;
      isSlow &= provider.wasSilent || provider.hasNot();
      isMissing &= provider.hasNot();
      isDenied &= provider.verdict == Verdict.DENIED;
    }
    if (isDenied) {
      fail(DownloadFailure.Kind.DENIED, "all providers refuse to give the blob");
    } else if (isMissing) {
      fail(
          DownloadFailure.Kind.NOT_FOUND,
          state.presentBytes == 0 ? "no provider has the blob" : "no provider has all of the blob");
    } else if (isSlow) {
      fail(DownloadFailure.Kind.TIMEOUT, "whoever has the blob sends nothing of it");
    } else {
      fail(
          DownloadFailure.Kind.ALL_FAILED,
          isReached ? "all providers failed" : "no provider could be reached");
    }
  }

  private void fail(DownloadFailure.Kind kind, String detail) {
    List<DownloadFailure.Outcome> outcomes = new ArrayList<>();
    for (PlannedProvider provider : state.providers.values()) {
      outcomes.add(new DownloadFailure.Outcome(provider.id, provider.lastWord));
    }
    for (PlannedRequest request : List.copyOf(state.requests.values())) {
      state.cancel(request);
    }
    state.actions.add(new PlanAction.Fail(new DownloadFailure(kind, detail, outcomes)));
    over = true;
  }

  /** The proved size. */
  public OptionalLong sizeBytes() {
    return state.provenSize;
  }

  /** The chunks that are here. */
  public ChunkRanges present() {
    return state.present;
  }

  /** Bytes of whole chunk groups that are here. */
  public long presentBytes() {
    return state.presentBytes;
  }

  /** Bytes that came although they were here already. */
  public long wastedBytes() {
    return state.wastedBytes;
  }

  /** Bytes that a second provider was asked for. */
  public long hedgedBytes() {
    return state.hedgedBytes;
  }

  /** What each provider gave. */
  public List<DownloadProgress.Share> shares() {
    List<DownloadProgress.Share> shares = new ArrayList<>();
    for (PlannedProvider provider : state.providers.values()) {
      shares.add(
          new DownloadProgress.Share(
              provider.id,
              provider.lastWord,
              provider.bytes,
              provider.wastedBytes,
              provider.rate.isKnown() ? (long) provider.rate.bytesPerSecond() : 0,
              provider.rttNanos));
    }
    return shares;
  }

  /** Whether a provider was found to lie. */
  public boolean hasLied(ProviderId id) {
    @Nullable PlannedProvider provider = state.providers.get(id);
    return provider != null && provider.verdict == Verdict.LIED;
  }
}
