package org.veilor.seed.node.gateway;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of a server's answer while it comes. The next buffers are asked for when these have been
 * read, so that the server is held back by TCP where our client is slow.
 */
final class UpstreamBytes implements ByteSource {
  private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
  private Flow.@Nullable Subscription subscription;
  private @Nullable Throwable failure;
  private boolean complete;
  private boolean closed;
  private boolean asked;
  private @Nullable Runnable onReadable;

  /** Hands the body over before its first byte. */
  static final class Subscriber implements HttpResponse.BodySubscriber<UpstreamBytes> {
    private final UpstreamBytes bytes = new UpstreamBytes();

    @Override
    public CompletionStage<UpstreamBytes> getBody() {
      return CompletableFuture.completedStage(bytes);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      bytes.subscribed(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      bytes.add(buffers);
    }

    @Override
    public void onError(Throwable failure) {
      bytes.ended(failure);
    }

    @Override
    public void onComplete() {
      bytes.ended(null);
    }
  }

  private void subscribed(Flow.Subscription started) {
    boolean cancel;
    synchronized (this) {
      subscription = started;
      cancel = closed;
      asked = true;
    }
    if (cancel) {
      started.cancel();
    } else {
      started.request(1);
    }
  }

  private void add(List<ByteBuffer> more) {
    synchronized (this) {
      asked = false;
      buffers.addAll(more);
    }
    tell();
  }

  private void ended(@Nullable Throwable why) {
    synchronized (this) {
      failure = why;
      complete = true;
    }
    tell();
  }

  private void tell() {
    Runnable task;
    synchronized (this) {
      task = onReadable;
      onReadable = null;
    }
    if (task != null) {
      task.run();
    }
  }

  @Override
  public int readNow(byte[] target, int offset, int length) throws IOException {
    Flow.Subscription next = null;
    int count = 0;
    synchronized (this) {
      while (count < length && !buffers.isEmpty()) {
        ByteBuffer buffer = buffers.getFirst();
        int some = Math.min(length - count, buffer.remaining());
        buffer.get(target, offset + count, some);
        count += some;
        if (!buffer.hasRemaining()) {
          buffers.removeFirst();
        }
      }
      if (buffers.isEmpty() && !asked && !complete) {
        asked = true;
        next = subscription;
      }
      if (count == 0 && complete) {
        if (failure != null) {
          throw new IOException("the service's own server broke off", failure);
        }
        return -1;
      }
    }
    if (next != null) {
      next.request(1);
    }
    return count;
  }

  @Override
  public void onReadable(Runnable callback) {
    boolean now;
    synchronized (this) {
      now = complete || !buffers.isEmpty();
      onReadable = now ? null : callback;
    }
    if (now) {
      callback.run();
    }
  }

  @Override
  public void close() {
    Flow.Subscription open;
    synchronized (this) {
      open = closed || complete ? null : subscription;
      closed = true;
      buffers.clear();
    }
    if (open != null) {
      open.cancel();
    }
  }
}
