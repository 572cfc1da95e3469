package org.veilor.seed.node.gateway;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/**
 * Waits on one virtual thread for bytes of a source or for a client that takes more, and notices a
 * client that leaves meanwhile.
 */
final class PatientReader {
  private final Exchange exchange;
  private final Runnable wake;
  private volatile boolean signalled;

  /** For the thread that calls this. */
  PatientReader(Exchange exchange) {
    this.exchange = exchange;
    Thread thread = Thread.currentThread();
    wake =
        () -> {
          signalled = true;
          LockSupport.unpark(thread);
        };
    exchange.onChange(wake);
  }

  /**
   * Reads at least one byte.
   *
   * @return how many; -1 at the end
   */
  int read(ByteSource source, byte[] target, int offset, int length)
      throws IOException, TransferStoppedException {
    long limitNanos = exchange.context().settings().timeouts().stall().toNanos();
    long startNanos = System.nanoTime();
    int count = source.readNow(target, offset, length);
    while (count == 0) {
      long leftNanos = limitNanos - (System.nanoTime() - startNanos);
      if (!exchange.isOpen()) {
        throw new TransferStoppedException(Cut.CLIENT_GONE, "the client has gone");
      }
      if (leftNanos <= 0) {
        throw new TransferStoppedException(Cut.STALLED, "no byte came for too long");
      }
      source.onReadable(wake);
      await(leftNanos);
      count = source.readNow(target, offset, length);
    }
    return count;
  }

  /** Waits until the client takes more. */
  void awaitWritable() throws TransferStoppedException {
    long limitNanos = exchange.context().settings().timeouts().slowClient().toNanos();
    long mark = exchange.channel().bytesBeforeWritable();
    long startNanos = System.nanoTime();
    while (!exchange.channel().isWritable()) {
      if (!exchange.isOpen()) {
        throw new TransferStoppedException(Cut.CLIENT_GONE, "the client has gone");
      }
      long leftNanos = limitNanos - (System.nanoTime() - startNanos);
      if (leftNanos <= 0) {
        throw new TransferStoppedException(Cut.SLOW_CLIENT, "the client takes nothing");
      }
      await(leftNanos);
      long now = exchange.channel().bytesBeforeWritable();
      if (now != mark) {
        mark = now;
        startNanos = System.nanoTime();
      }
    }
  }

  /** Waits for a signal; one that came since the last wait counts. */
  private void await(long nanos) {
    if (!signalled) {
      LockSupport.parkNanos(this, nanos);
    }
    signalled = false;
  }
}
