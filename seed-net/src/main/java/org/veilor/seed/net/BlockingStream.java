package org.veilor.seed.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A stream for code that may block: virtual threads, tests, small programs.
 *
 * <p>Reads and writes hop to the event loop and wait for it there; whoever needs the last bit of
 * speed uses {@link StreamListener}.
 */
public final class BlockingStream {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final PeerStream stream;
  private final Object monitor = new Object();
  private long wakeups;
  private boolean connectionClosed;
  private @Nullable Long stopCode;

  /** Takes the stream over: its listener from now on is this object. */
  public BlockingStream(PeerStream stream) {
    this.stream = stream;
    stream.onLoop(() -> stream.listen(new Waker()));
  }

  /** The stream itself. */
  public PeerStream stream() {
    return stream;
  }

  /** The peer's bytes up to its end; a reset is an {@link IOException}. */
  public InputStream input() {
    return new In();
  }

  /** Bytes for the peer; {@link OutputStream#close} finishes the stream. */
  public OutputStream output() {
    return new Out();
  }

  private final class Waker implements StreamListener {
    @Override
    public void onReadable(PeerStream s) {
      wake();
    }

    @Override
    public void onWritable(PeerStream s) {
      wake();
    }

    @Override
    public void onStopped(PeerStream s, long code) {
      synchronized (monitor) {
        stopCode = code;
      }
      wake();
    }

    @Override
    public void onConnectionClosed(PeerStream s) {
      synchronized (monitor) {
        connectionClosed = true;
      }
      wake();
    }

    private void wake() {
      synchronized (monitor) {
        wakeups++;
        monitor.notifyAll();
      }
    }
  }

  private long wakeups() {
    synchronized (monitor) {
      return wakeups;
    }
  }

  /** Waits until something happened since {@code seen}. */
  private void awaitAfter(long seen) throws IOException {
    synchronized (monitor) {
      while (wakeups == seen) {
        if (connectionClosed) {
          throw new ConnectionClosedException("the connection ended with the stream still open");
        }
        try {
          monitor.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while waiting for a peer", e);
        }
      }
    }
  }

  private <T> T onLoop(java.util.function.Supplier<T> action) throws IOException {
    CompletableFuture<T> result = new CompletableFuture<>();
    stream.onLoop(() -> {
      try {
        result.complete(action.get());
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the event loop", e);
    } catch (ExecutionException e) {
      throw new IOException("the stream failed", e.getCause());
    }
  }

  private final class In extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      while (true) {
        long seen = wakeups();
        long[] resetCode = new long[1];
        int read =
            onLoop(() -> {
              int count = stream.read(target, offset, length);
              if (count == PeerStream.RESET) {
                // Once both halves are over, the code is forgotten with the stream.
                resetCode[0] = stream.resetCode();
              }
              return count;
            });
        if (read > 0) {
          return read;
        }
        if (read == PeerStream.END) {
          return -1;
        }
        if (read == PeerStream.RESET) {
          throw new IOException("reset by the peer with code " + resetCode[0]);
        }
        awaitAfter(seen);
      }
    }
  }

  private final class Out extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int from = offset + done;
        int wanted = Math.min(length - done, MAX_CHUNK_BYTES);
        long seen = wakeups();
        int written = onLoop(() -> writeSome(source, from, wanted));
        if (written < 0) {
          throw stopped();
        }
        done += written;
        if (written == 0) {
          awaitAfter(seen);
        }
      }
    }

    private int writeSome(byte[] source, int offset, int length) {
      int room = stream.writableBytes();
      if (room <= 0) {
        return room;
      }
      int count = Math.min(room, length);
      byte[] owned = java.util.Arrays.copyOfRange(source, offset, offset + count);
      stream.write(owned, 0, count);
      return count;
    }

    private IOException stopped() {
      synchronized (monitor) {
        return stopCode == null
            ? new ConnectionClosedException("the stream takes no more")
            : new IOException("stopped by the peer with code " + stopCode);
      }
    }

    @Override
    public void close() {
      stream.finish();
    }
  }
}
