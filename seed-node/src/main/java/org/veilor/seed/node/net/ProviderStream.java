package org.veilor.seed.node.net;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.ProviderStatistics;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.blobs.provider.ServeFailure;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/**
 * One request of a peer: the session between its stream, on the event loop, and a worker, where
 * files are read and verified.
 *
 * <p>A worker makes a portion only when the stream has room and the {@link SendBudget} grants the
 * memory; then it gives its thread away. So a peer that does not read costs no thread and little
 * memory, and one that reads nothing for a minute loses its stream.
 */
final class ProviderStream implements StreamListener {
  private static final Logger log = LoggerFactory.getLogger(ProviderStream.class);

  /** What is produced at once: four chunk groups, so that threads need not meet for each. */
  private static final int BATCH_BYTES = 4 * ProviderSession.BUFFER_BYTES;

  /** What a worker makes at a time, and at most holds unwritten. */
  private static final int PORTION_BYTES = 4 * BATCH_BYTES;

  /** Where a worker puts a batch together. */
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[BATCH_BYTES]);

  /** A response that the peer takes nothing of for so long is reset. */
  static final long STALL_TIMEOUT_NANOS = 60_000_000_000L;

  /** How often an observed blob is looked at again. */
  private static final long OBSERVE_INTERVAL_NANOS = 1_000_000_000L;

  private final BlobsProtocol protocol;
  private final PeerStream stream;
  private final ProviderSession session;

  // On the event loop only.
  private final ArrayDeque<Batch> toWrite = new ArrayDeque<>();
  private boolean requestOver;
  private boolean working;
  private boolean paused;
  private boolean ended;
  private int reservedBytes;
  private int requestBytes;
  private long lastProgressNanos = System.nanoTime();

  // Between the event loop and the worker.
  private volatile boolean cancelled;
  private volatile long stopCode = -1;

  /**
   * Produced bytes.
   *
   * @param last what comes behind them if the response ends there, or null
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once
  private record Batch(byte[] bytes, int length, @Nullable Output last) {}

  ProviderStream(BlobsProtocol protocol, PeerStream stream, ProviderSession session) {
    this.protocol = protocol;
    this.stream = stream;
    this.session = session;
  }

  void start() {
    stream.listen(this);
  }

  PeerConnection connection() {
    return stream.connection();
  }

  // ---- the request, on the event loop

  @Override
  public void onReadable(PeerStream s) {
    byte[] buffer = protocol.requestBuffer();
    while (!requestOver && !ended) {
      int read = stream.read(buffer, 0, buffer.length);
      if (read == 0) {
        return;
      }
      if (read == PeerStream.RESET) {
        follow(session.onRequestReset());
      } else if (!holdRequest(Math.max(read, 0))) {
        refuse();
      } else {
        follow(session.onData(buffer, 0, Math.max(read, 0), read == PeerStream.END));
      }
    }
  }

  /** Sets the bytes of an unfinished request aside; false if all peers together hold too many. */
  private boolean holdRequest(int bytes) {
    if (!protocol.requestBytes().take(bytes)) {
      return false;
    }
    requestBytes += bytes;
    return true;
  }

  private void refuse() {
    requestOver = true;
    protocol.counters().refusedRequests.increment();
    carryOut(new Output.Reset(ErrorCode.LIMIT));
    carryOut(new Output.StopSending(ErrorCode.LIMIT));
    end();
  }

  private void follow(RequestState state) {
    switch (state) {
      case RequestState.NeedMore _ -> {}
      case RequestState.Ready _ -> {
        requestOver = true;
        protocol.counters().requests.increment();
        resume();
      }
      case RequestState.Refused refused -> {
        requestOver = true;
        protocol.counters().refusedRequests.increment();
        refused.outputs().forEach(this::carryOut);
        end();
      }
    }
  }

  // ---- the response: made by a worker

  /** Lets a worker go on, unless one does, something is unwritten, or there is nothing to do. */
  private void resume() {
    if (!requestOver || working || paused || cancelled || ended || !toWrite.isEmpty()) {
      return;
    }
    int room = stopCode >= 0 ? PORTION_BYTES : stream.writableBytes();
    int wanted = Math.min(PORTION_BYTES, room < 0 ? PORTION_BYTES : room);
    if (wanted < ProviderSession.BUFFER_BYTES) {
      return; // onWritable comes back
    }
    int granted = protocol.budget().reserve(stream.connection(), wanted);
    if (granted == 0) {
      protocol.awaitBudget(this);
      return;
    }
    reservedBytes = granted;
    working = true;
    protocol.work(() -> produce(granted));
  }

  void onBudget() {
    resume();
  }

  private void produce(int bytes) {
    long pauseNanos = 0;
    try {
      pauseNanos = produceBatches(bytes);
    } catch (RuntimeException e) {
      log.error("a bug while serving {}", stream.connection().remoteId(), e);
      hand(new Batch(new byte[0], 0, new Output.Reset(ErrorCode.INTERNAL)));
    }
    long pause = pauseNanos;
    stream.onLoop(() -> onWorkerDone(pause));
  }

  /** Produces so many bytes or to the end of the response; returns how long to pause then. */
  private long produceBatches(int bytes) {
    int left = bytes;
    while (left >= ProviderSession.BUFFER_BYTES && !cancelled) {
      Batch batch = nextBatch(Math.min(left, BATCH_BYTES));
      left -= batch.length;
      if (batch.last instanceof Output.WaitForUpdate) {
        hand(new Batch(batch.bytes, batch.length, null));
        return OBSERVE_INTERVAL_NANOS;
      }
      hand(batch);
      if (batch.last != null) {
        return 0;
      }
      long pause = protocol.uploadLimit().take(batch.length, System.nanoTime());
      if (pause > 0) {
        return pause;
      }
    }
    return 0;
  }

  private void onWorkerDone(long pauseNanos) {
    working = false;
    if (cancelled) {
      end();
      return;
    }
    if (pauseNanos > 0) {
      paused = true;
      protocol.later(() -> stream.onLoop(this::onPauseOver), pauseNanos);
    }
    write();
  }

  private void onPauseOver() {
    paused = false;
    resume();
  }

  /** Bytes until the batch is full, the response over, or nothing to say until later. */
  private Batch nextBatch(int maxBytes) {
    byte[] bytes = SCRATCH.get();
    int length = 0;
    Output last = null;
    while (maxBytes - length >= ProviderSession.BUFFER_BYTES) {
      if (stopCode >= 0 || cancelled) {
        session.onStopSending(Math.max(stopCode, 0));
      }
      Output output = session.next(bytes, length);
      if (!(output instanceof Output.Data(int count))) {
        last = output;
        break;
      }
      length += count;
    }
    // Exactly what is sent: a small response must not hold a large array until it is acknowledged.
    return new Batch(Arrays.copyOf(bytes, length), length, last);
  }

  private void hand(Batch batch) {
    stream.onLoop(() -> onBatch(batch));
  }

  // ---- the response: written on the event loop

  private void onBatch(Batch batch) {
    toWrite.add(batch);
    write();
  }

  @Override
  public void onWritable(PeerStream s) {
    write();
  }

  private void write() {
    while (!toWrite.isEmpty() && !ended) {
      Batch batch = toWrite.peek();
      if (batch.length > 0) {
        int room = stream.writableBytes();
        if (room >= 0 && room < batch.length) {
          return; // onWritable comes back
        }
        if (room > 0) {
          stream.write(batch.bytes, 0, batch.length);
          protocol.onWritten(stream.connection(), batch.length);
        }
        lastProgressNanos = System.nanoTime();
      }
      toWrite.poll();
      if (batch.last != null) {
        carryOut(batch.last);
        end();
      }
    }
    if (!working) {
      releaseReserved();
      resume();
    }
  }

  private void releaseReserved() {
    if (reservedBytes > 0) {
      protocol.budget().release(stream.connection(), reservedBytes);
      reservedBytes = 0;
    }
  }

  /** Looks for a peer that does not finish its request, or asks and does not read. */
  void checkTime(long nowNanos) {
    if (!requestOver && !ended) {
      follow(session.onTimeout(nowNanos));
    }
    checkStall(nowNanos);
  }

  private void checkStall(long nowNanos) {
    boolean waits = !toWrite.isEmpty() || (!working && !paused);
    if (requestOver && !ended && waits && nowNanos - lastProgressNanos > STALL_TIMEOUT_NANOS) {
      protocol.counters().stalledRequests.increment();
      stream.reset(ErrorCode.LIMIT.code());
      cancelled = true;
      if (!working) {
        end();
      }
    }
  }

  private void carryOut(Output output) {
    switch (output) {
      case Output.Finish _ -> stream.finish();
      case Output.Reset(var code) -> stream.reset(code.code());
      case Output.StopSending(var code) -> stream.stopSending(code.code());
      case Output.Data _, Output.WaitForUpdate _ ->
          throw new IllegalStateException("not an action: " + output);
    }
  }

  // ---- the end

  @Override
  public void onStopped(PeerStream s, long code) {
    stopCode = code;
    resume();
  }

  @Override
  public void onConnectionClosed(PeerStream s) {
    cancelled = true;
    if (!working) {
      end();
    }
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    toWrite.clear();
    releaseReserved();
    protocol.requestBytes().giveBack(requestBytes);
    ProviderStatistics statistics = session.statistics();
    protocol.counters().payloadBytes.add(statistics.payloadBytes());
    protocol.counters().otherBytes.add(statistics.otherBytes());
    session.failure().ifPresentOrElse(this::onFailure, this::onEndWithoutFailure);
    session.close();
    protocol.onEnded(this);
  }

  private void onEndWithoutFailure() {
    if (cancelled || stopCode >= 0) {
      protocol.counters().abandonedRequests.increment();
    } else if (requestOver) {
      protocol.counters().finishedRequests.increment();
    }
  }

  private void onFailure(ServeFailure failure) {
    protocol.counters().failedRequests.increment();
    switch (failure) {
      case ServeFailure.Corrupt corrupt ->
          protocol.wrongContent(
              corrupt.hash(), "it does not match its hash from chunk " + corrupt.chunk() + " on");
      case ServeFailure.Unreadable unreadable ->
          protocol.wrongContent(
              unreadable.hash(), "it cannot be read: " + unreadable.cause().getMessage());
      case ServeFailure.Missing _, ServeFailure.Denied _, ServeFailure.NoHashSequence _ ->
          log.debug("{} asked for {}", stream.connection().remoteId().shortText(), failure);
    }
  }
}
