package org.veilor.seed.node.download;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * A provider in this process that gives what an {@link HttpOrigin} has, so that it goes the way of
 * all other bytes, and is verified on it.
 */
final class OriginLink implements PeerLink {
  private final Hash hash;
  private final OriginBlob blob;
  private final Executor threads;
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile boolean closed;

  OriginLink(Hash hash, OriginBlob blob, Executor threads) {
    this.hash = hash;
    this.blob = blob;
    this.threads = threads;
  }

  /**
   * Opens the blob. Without its outboard, the link is there when all of the blob is, and verified.
   */
  static CompletionStage<PeerLink> fetch(HttpOrigin http, URI origin, Hash hash, Engine engine) {
    CompletableFuture<PeerLink> link = new CompletableFuture<>();
    engine
        .threads()
        .execute(() -> {
          try {
            OriginBlob blob = http.open(origin, hash, engine.counters().originBytes::add);
            link.complete(new OriginLink(hash, blob, engine.threads()));
          } catch (HttpOrigin.OriginException e) {
            link.completeExceptionally(
                new UnreachableException(String.valueOf(e.getMessage()), true));
          } catch (IOException | RuntimeException e) {
            link.completeExceptionally(e);
          }
        });
    return link;
  }

  @Override
  public long rttNanos() {
    return 1;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void giveUp() {
    close();
  }

  /** The file goes when the last request is over. */
  void close() {
    if (!closed) {
      closed = true;
      release();
    }
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      blob.close();
    }
  }

  @Override
  public PeerRequest open(byte[] request, PeerRequest.Listener listener) {
    Stream stream = new Stream(listener);
    users.incrementAndGet();
    threads.execute(() -> {
      try {
        stream.serve(request);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        listener.onLost("interrupted");
      } finally {
        release();
      }
    });
    return stream;
  }

  private final class Stream implements PeerRequest {
    private final Listener listener;
    private volatile @Nullable BlobReader view;
    private boolean paused;
    private boolean cancelled;

    Stream(Listener listener) {
      this.listener = listener;
    }

    void serve(byte[] request) throws InterruptedException {
      try (ProviderSession session =
          new ProviderSession(this::found, ProviderPolicy.admitAll(), System.nanoTime())) {
        RequestState state = session.onData(request, 0, request.length, true);
        if (!(state instanceof RequestState.Ready(Request asked))) {
          listener.onEnd();
          return;
        }
        view =
            blob.view(
                asked instanceof Request.Get(var _, ChunkRangesSequence ranges)
                    ? ranges.at(0)
                    : ChunkRanges.ALL);
        byte[] buffer = new byte[ProviderSession.BUFFER_BYTES];
        while (awaitReading() && give(session.next(buffer), buffer)) {
          // the next one
        }
      }
    }

    private BlobLookup found(Hash wanted) {
      BlobReader reader = view;
      return reader != null && wanted.equals(hash)
          ? new BlobLookup.Found(reader)
          : new BlobLookup.Missing();
    }

    /** Whether there is more. */
    private boolean give(Output output, byte[] buffer) throws InterruptedException {
      return switch (output) {
        case Output.Data data -> {
          listener.onBytes(buffer, 0, data.length());
          yield true;
        }
        case Output.Finish _ -> {
          listener.onEnd();
          yield false;
        }
        case Output.Reset reset -> {
          listener.onReset(reset.code().code());
          yield false;
        }
        case Output.StopSending _ -> true;
        case Output.WaitForUpdate _ -> {
          awaitCancel();
          yield false;
        }
      };
    }

    private synchronized void awaitCancel() throws InterruptedException {
      while (!cancelled) {
        wait();
      }
    }

    private synchronized boolean awaitReading() throws InterruptedException {
      while (paused && !cancelled) {
        wait();
      }
      return !cancelled;
    }

    @Override
    public void cancel() {
      synchronized (this) {
        cancelled = true;
        notifyAll();
      }
      BlobReader reader = view;
      if (reader != null) {
        reader.close();
      }
    }

    @Override
    public synchronized void pause() {
      paused = true;
    }

    @Override
    public synchronized void resume() {
      paused = false;
      notifyAll();
    }
  }
}
