package org.veilor.seed.node.download;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.veilor.seed.blobs.provider.Output;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.provider.RequestState;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * A provider in this process that gives what was fetched from an {@link HttpOrigin}, so that it
 * goes the way of all other bytes, and is verified on it once more.
 */
final class SpooledLink implements PeerLink {
  private final Hash hash;
  private final SpooledBlob blob;
  private final Executor threads;
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile boolean closed;

  SpooledLink(Hash hash, SpooledBlob blob, Executor threads) {
    this.hash = hash;
    this.blob = blob;
    this.threads = threads;
  }

  /** Fetches the blob; the link is there when all of it is, and verified. */
  static CompletionStage<PeerLink> fetch(HttpOrigin http, URI origin, Hash hash, Engine engine) {
    CompletableFuture<PeerLink> link = new CompletableFuture<>();
    engine
        .threads()
        .execute(() -> {
          try {
            SpooledBlob spooled = http.fetch(origin, hash);
            engine.counters().originBytes.add(spooled.sizeBytes());
            link.complete(new SpooledLink(hash, spooled, engine.threads()));
          } catch (IOException e) {
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
  @Override
  public void close() {
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

  /** One reader for each session: closing it leaves the file. */
  private BlobReader view() {
    return new BlobReader() {
      @Override
      public long sizeBytes() {
        return blob.sizeBytes();
      }

      @Override
      public int readData(long offset, byte[] target, int targetOffset, int length)
          throws IOException {
        return blob.readData(offset, target, targetOffset, length);
      }

      @Override
      public void readPair(long pairIndex, byte[] target, int targetOffset) {
        blob.readPair(pairIndex, target, targetOffset);
      }

      @Override
      public void close() {}
    };
  }

  private final class Stream implements PeerRequest {
    private final Listener listener;
    private boolean paused;
    private boolean cancelled;

    Stream(Listener listener) {
      this.listener = listener;
    }

    void serve(byte[] request) throws InterruptedException {
      try (ProviderSession session =
          new ProviderSession(
              wanted ->
                  wanted.equals(hash) ? new BlobLookup.Found(view()) : new BlobLookup.Missing(),
              ProviderPolicy.admitAll(),
              System.nanoTime())) {
        RequestState state = session.onData(request, 0, request.length, true);
        if (!(state instanceof RequestState.Ready)) {
          listener.onEnd();
          return;
        }
        byte[] buffer = new byte[ProviderSession.BUFFER_BYTES];
        while (awaitReading() && give(session.next(buffer), buffer)) {
          // the next one
        }
      }
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
    public synchronized void cancel() {
      cancelled = true;
      notifyAll();
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
