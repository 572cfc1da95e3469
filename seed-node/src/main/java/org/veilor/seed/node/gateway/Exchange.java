package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/**
 * One request and the way its answer takes, over HTTP/1.1 or as a stream of HTTP/2. The length that
 * was announced is exactly what is sent: an answer with fewer bytes is cut and never completed.
 *
 * <p>Anything may be called from any thread; writes of one thread stay in order.
 */
abstract class Exchange {
  /** What both kinds need of the server. */
  record Context(
      GatewayMetrics metrics,
      Executor workers,
      GatewaySettings settings,
      java.util.function.BooleanSupplier draining) {}

  private final Context context;
  private final RequestHead head;
  private final AtomicBoolean answered = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable Runnable onChange;
  private final List<Runnable> onEnd = new ArrayList<>();
  private volatile String route = "none";
  private volatile boolean gone;

  Exchange(Context context, RequestHead head) {
    this.context = context;
    this.head = head;
    context.metrics().started();
  }

  abstract Channel channel();

  /** Whether {@link #writeFile} works: not where bytes must be put into frames. */
  abstract boolean sendsFiles();

  /** Writes the head of the answer; {@code lengthBytes} is -1 where it is not known. */
  abstract void writeHead(int status, Fields fields, long lengthBytes, boolean hasBody);

  /** Writes bytes of the body, which are released. */
  abstract ChannelFuture write(ByteBuf data);

  /** Writes a part of a file with sendfile. */
  abstract ChannelFuture writeFile(FileChannel file, ByteRange range);

  /** Writes the end of the body and flushes. */
  abstract ChannelFuture writeEnd(boolean hasBody);

  /** Ends the connection or stream so that nobody takes what was sent for the whole. */
  abstract void abort();

  final void flush() {
    channel().flush();
  }

  final Context context() {
    return context;
  }

  final RequestHead head() {
    return head;
  }

  /** Names the route for the figures. */
  final void route(String name) {
    route = name;
  }

  /** Whether anybody still waits for the answer. */
  final boolean isOpen() {
    return !gone && channel().isActive();
  }

  /** Whether an answer has been decided on. */
  final boolean isAnswered() {
    return answered.get();
  }

  /** Has a task run when the client takes more or has gone; replaces an earlier one. */
  final void onChange(Runnable task) {
    onChange = task;
  }

  /** Has a task run once when all is over, whatever the outcome; at once if it is over already. */
  final void onEnd(Runnable task) {
    synchronized (onEnd) {
      if (!ended.get()) {
        onEnd.add(task);
        return;
      }
    }
    task.run();
  }

  /** The channel has become writable, or has closed. */
  final void changed() {
    Runnable task = onChange;
    if (task != null) {
      task.run();
    }
  }

  /** The client has gone, or the answer is complete: the last call. */
  final void finish(boolean complete) {
    if (!complete) {
      gone = true;
    }
    List<Runnable> tasks;
    synchronized (onEnd) {
      if (!ended.compareAndSet(false, true)) {
        return;
      }
      tasks = List.copyOf(onEnd);
    }
    context.metrics().ended();
    changed();
    tasks.forEach(Runnable::run);
  }

  /**
   * Sends the answer; only the first one counts.
   *
   * @return whether it was the first; else the caller still owns the body
   */
  final boolean send(Answer answer) {
    if (!answered.compareAndSet(false, true)) {
      return false;
    }
    context.metrics().answered(route, answer.status());
    Body body = answer.body();
    boolean hasBody = !head.isHead() && answer.status() != 304 && answer.status() != 204;
    if (!hasBody || isQuick(body)) {
      if (channel().eventLoop().inEventLoop()) {
        sendQuickly(answer, hasBody);
      } else {
        channel().eventLoop().execute(() -> sendQuickly(answer, hasBody));
      }
    } else {
      BodyPump pump = new BodyPump(this, answer);
      context.workers().execute(pump);
    }
    return true;
  }

  /** Whether no piece needs a thread that waits. */
  private boolean isQuick(Body body) {
    for (Piece piece : body.pieces()) {
      boolean quick =
          switch (piece) {
            case Piece.Bytes _ -> true;
            case Piece.FilePart _ -> sendsFiles();
            case Piece.Stream _ -> false;
          };
      if (!quick) {
        return false;
      }
    }
    return true;
  }

  private void sendQuickly(Answer answer, boolean hasBody) {
    Body body = answer.body();
    if (!isOpen()) {
      body.onRelease().run();
      context.metrics().cut(Cut.CLIENT_GONE);
      finish(false);
      return;
    }
    writeHead(answer.status(), answer.fields(), body.lengthBytes(), hasBody);
    if (hasBody) {
      for (Piece piece : body.pieces()) {
        var _ =
            switch (piece) {
              case Piece.Bytes(ByteBuffer bytes) -> write(Unpooled.wrappedBuffer(bytes));
              case Piece.FilePart(FileChannel file, ByteRange range) -> writeFile(file, range);
              case Piece.Stream _ -> throw new IllegalStateException("a stream is not quick");
            };
      }
    }
    ChannelFuture end = writeEnd(hasBody);
    end.addListener(future -> {
      body.onRelease().run();
      if (future.isSuccess()) {
        context.metrics().sent(answer.source(), hasBody ? Math.max(0, body.lengthBytes()) : 0);
      } else {
        context.metrics().cut(Cut.CLIENT_GONE);
      }
    });
  }

  /** Ends an answer that has begun. */
  final void cut(Cut why) {
    context.metrics().cut(why);
    abort();
  }
}
