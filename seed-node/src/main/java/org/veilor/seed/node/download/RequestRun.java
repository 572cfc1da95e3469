package org.veilor.seed.node.download;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream: takes bytes from the event loop and hands them to the thread of the download, and
 * stops reading while too much waits.
 */
final class RequestRun implements PeerRequest.Listener {
  /** Waiting bytes of one stream at which reading stops, and at which it goes on. */
  private static final int HIGH_BYTES = 512 * 1024;

  private static final int LOW_BYTES = 128 * 1024;

  /** Waiting bytes of all streams at which each may hold but little. */
  private static final long ALL_HIGH_BYTES = 48L << 20;

  private static final int SMALL_BYTES = 16 * 1024;

  /** How the stream ended. */
  sealed interface End {
    /** Cleanly. */
    record Finished() implements End {}

    /** By a reset. */
    record Reset(long code) implements End {}

    /** With its connection. */
    record Lost(String why) implements End {}
  }

  /** Some bytes; the array is somebody else's when the consumer returns. */
  static final class Block {
    private final byte[] bytes;
    private int length;

    Block(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }

    private int room() {
      return bytes.length - length;
    }

    private void append(byte[] data, int offset, int count) {
      System.arraycopy(data, offset, bytes, length, count);
      length += count;
    }
  }

  /** Takes what has come; on the thread of the download. */
  interface Consumer {
    void take(RequestRun run, List<Block> blocks, @Nullable End end);
  }

  private final Serial thread;
  private final Consumer consumer;
  private final WaitingBytes allWaiting;
  private final Object lock = new Object();
  private List<Block> waiting = new ArrayList<>();
  private int waitingBytes;
  private @Nullable End end;
  private boolean posted;
  private boolean paused;
  private boolean held;
  private boolean over;
  private @Nullable PeerRequest request;

  RequestRun(Serial thread, Consumer consumer, WaitingBytes allWaiting) {
    this.thread = thread;
    this.consumer = consumer;
    this.allWaiting = allWaiting;
  }

  /** The stream is open; it may have delivered already. */
  void start(PeerRequest opened) {
    synchronized (lock) {
      request = opened;
      if (over) {
        opened.cancel();
      } else if (paused) {
        opened.pause();
      }
    }
  }

  @Override
  public void onBytes(byte[] data, int offset, int length) {
    synchronized (lock) {
      if (over) {
        return;
      }
      append(data, offset, length);
      waitingBytes += length;
      long all = allWaiting.add(length);
      boolean isMuch =
          waitingBytes >= HIGH_BYTES || (all >= ALL_HIGH_BYTES && waitingBytes >= SMALL_BYTES);
      if (isMuch) {
        pause();
      }
      post();
    }
  }

  private void append(byte[] data, int offset, int length) {
    Block last = waiting.isEmpty() ? null : waiting.getLast();
    if (last == null && length < WaitingBytes.BLOCK_BYTES / 2) {
      // Most often all there is: an array of its own costs less than a large one does.
      Block only = new Block(Arrays.copyOfRange(data, offset, offset + length));
      only.length = length;
      waiting.add(only);
      return;
    }
    int done = 0;
    while (done < length) {
      if (last == null || last.room() == 0) {
        last = new Block(allWaiting.takeArray());
        waiting.add(last);
      }
      int count = Math.min(length - done, last.room());
      last.append(data, offset + done, count);
      done += count;
    }
  }

  @Override
  public void onEnd() {
    ended(new End.Finished());
  }

  @Override
  public void onReset(long code) {
    ended(new End.Reset(code));
  }

  @Override
  public void onLost(String why) {
    ended(new End.Lost(why));
  }

  private void ended(End how) {
    synchronized (lock) {
      if (!over && end == null) {
        end = how;
        post();
      }
    }
  }

  private void post() {
    if (!posted) {
      posted = true;
      thread.execute(this::deliver);
    }
  }

  private void deliver() {
    List<Block> blocks;
    End how;
    synchronized (lock) {
      posted = false;
      if (over) {
        return;
      }
      blocks = waiting;
      waiting = new ArrayList<>();
      how = end;
    }
    consumer.take(this, blocks, how);
    int bytes = 0;
    for (Block block : blocks) {
      bytes += block.length();
      allWaiting.giveBack(block.bytes());
    }
    synchronized (lock) {
      if (over) {
        return;
      }
      allWaiting.add(-bytes);
      waitingBytes -= bytes;
      if (!held && waitingBytes <= LOW_BYTES) {
        unpause();
      }
    }
  }

  private void pause() {
    if (!paused) {
      paused = true;
      if (request != null) {
        request.pause();
      }
    }
  }

  private void unpause() {
    if (paused) {
      paused = false;
      if (request != null) {
        request.resume();
      }
    }
  }

  /** Stops reading until {@link #release}. */
  void hold() {
    synchronized (lock) {
      held = true;
      pause();
    }
  }

  /** Reads again, unless too much waits. */
  void release() {
    synchronized (lock) {
      held = false;
      if (!over && waitingBytes <= LOW_BYTES) {
        unpause();
      }
    }
  }

  /** Nothing more is wanted of it. */
  void cancel() {
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      allWaiting.add(-waitingBytes);
      waiting.clear();
      if (request != null && end == null) {
        request.cancel();
      }
    }
  }
}
