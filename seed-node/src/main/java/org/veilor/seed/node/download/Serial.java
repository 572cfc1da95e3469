package org.veilor.seed.node.download;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after the other, in order, on threads of another executor. */
final class Serial implements Executor {
  private static final Logger log = LoggerFactory.getLogger(Serial.class);

  /** After so many tasks others get their turn. */
  private static final int TURN = 64;

  private final Executor threads;
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean running = new AtomicBoolean();

  Serial(Executor threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    queue.add(task);
    start();
  }

  private void start() {
    if (running.compareAndSet(false, true)) {
      try {
        threads.execute(this::drain);
      } catch (RejectedExecutionException e) {
        log.debug("the downloader is closed; something came too late");
      }
    }
  }

  private void drain() {
    try {
      for (int i = 0; i < TURN; i++) {
        Runnable task = queue.poll();
        if (task == null) {
          break;
        }
        runSafely(task);
      }
    } finally {
      running.set(false);
    }
    if (!queue.isEmpty()) {
      start();
    }
  }

  @SuppressWarnings("PMD.AvoidCatchingGenericException")
  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("a step of a download failed; the next one goes on", e);
    }
  }
}
