package org.veilor.seed.node.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar for long work, shown only where somebody looks. For many threads. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 100;
  private static final int UPDATE_MILLIS = 200;

  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /** A bar in bytes; invisible unless standard error is a terminal. */
  static Progress bytes(String task, long totalBytes, PrintStream err) {
    if (!Terminal.isStderrTerminal()) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(totalBytes)
            .setUnit(" MB", 1_000_000)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
            .showSpeed()
            .build());
  }

  void at(long doneBytes, long totalBytes, String message) {
    if (bar != null) {
      bar.maxHint(totalBytes);
      bar.stepTo(doneBytes);
      bar.setExtraMessage(message);
    }
  }

  void step(long bytes) {
    if (bar != null) {
      bar.stepBy(bytes);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
