package org.veilor.seed.node.seeding;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The messages that other threads bring to one thread. Bounded. */
final class Mailbox {
  private static final long ANSWER_SECONDS = 30;
  private static final long OFFER_MILLIS = 100;

  private final BlockingQueue<Runnable> messages =
      new ArrayBlockingQueue<>(SeedingLimits.MAX_MAILBOX);
  private volatile boolean closed;

  /** Brings a message; waits while the box is full, but not for a reader that has stopped. */
  void post(Runnable message) {
    try {
      while (!closed && !messages.offer(message, OFFER_MILLIS, TimeUnit.MILLISECONDS)) {
        // full
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Brings a message without waiting; false where the box is full. */
  boolean offer(Runnable message) {
    return messages.offer(message);
  }

  /** Puts a question and waits for the answer. Never from the reader's own thread. */
  <T> T ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    post(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    if (closed) {
      answer.completeExceptionally(new IllegalStateException("the seeder is closed"));
    }
    return answer.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
  }

  /** The next message, or null after that time; the reader's thread only. */
  @Nullable Runnable poll(long nanos) throws InterruptedException {
    return messages.poll(nanos, TimeUnit.NANOSECONDS);
  }

  /** From now on nobody waits for the reader, who is woken. */
  void close() {
    closed = true;
    boolean woken = messages.offer(() -> {});
    assert woken || !messages.isEmpty();
  }

  boolean isClosed() {
    return closed;
  }
}
