package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Channels of the files that are being read, least recently used first.
 *
 * <p>A channel is borrowed for one read and kept open afterwards, as long as the limit allows; so
 * any number of blobs can be in flight with a bounded number of descriptors. More than the limit
 * are open only while more threads than that are reading at the same moment.
 *
 * @param <K> names a file in one state; two states of a file are two keys
 */
public final class OpenFiles<K> implements AutoCloseable {
  /** Opens the file of a key and checks that it is the one meant. */
  @FunctionalInterface
  public interface Opener<K> {
    FileChannel open(K key) throws IOException;
  }

  /** Reads from a borrowed channel. */
  @FunctionalInterface
  public interface Reading {
    int read(FileChannel channel) throws IOException;
  }

  private static final class Entry {
    private final FileChannel channel;
    private int borrowers = 1;
    private boolean forgotten;

    private Entry(FileChannel channel) {
      this.channel = channel;
    }
  }

  private static final int MAX_ATTEMPTS = 3;

  private final int limit;
  private final Opener<K> opener;
  private final Map<K, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /**
   * Creates the collection.
   *
   * @param limit channels that stay open
   */
  public OpenFiles(int limit, Opener<K> opener) {
    this.limit = limit;
    this.opener = opener;
  }

  /**
   * Lends the channel of {@code key}, opening it when needed, to {@code reading}.
   *
   * <p>The channel of an interrupted thread is closed by the JDK, also under other threads; they
   * try again with a new one.
   */
  public int read(K key, Reading reading) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Entry entry = borrow(key);
      try {
        return reading.read(entry.channel);
      } catch (ClosedChannelException e) {
        forget(key);
        if (attempt == MAX_ATTEMPTS || Thread.currentThread().isInterrupted() || isClosed()) {
          throw e;
        }
      } finally {
        giveBack(entry);
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private Entry borrow(K key) throws IOException {
    synchronized (this) {
      Entry known = entries.get(key);
      if (known != null) {
        known.borrowers++;
        return known;
      }
    }
    Entry opened = new Entry(opener.open(key));
    synchronized (this) {
      Entry raced = entries.get(key);
      if (closed || raced != null) {
        opened.forgotten = true;
        return opened;
      }
      entries.put(key, opened);
      makeRoom();
      return opened;
    }
  }

  private void makeRoom() throws IOException {
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() > limit && oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entry.borrowers == 0) {
        oldest.remove();
        entry.channel.close();
      }
    }
  }

  private synchronized void giveBack(Entry entry) throws IOException {
    entry.borrowers--;
    if (entry.borrowers == 0 && entry.forgotten) {
      entry.channel.close();
    } else if (entries.size() > limit) {
      makeRoom();
    }
  }

  /** Closes the channel of {@code key} as soon as nobody reads from it. */
  public synchronized void forget(K key) throws IOException {
    Entry entry = entries.remove(key);
    if (entry != null) {
      entry.forgotten = true;
      if (entry.borrowers == 0) {
        entry.channel.close();
      }
    }
  }

  /** Number of channels that are open now, those of superseded readers not counted. */
  public synchronized int size() {
    return entries.size();
  }

  /** Closes all channels; those that are being read, after that read. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    for (Entry entry : entries.values()) {
      entry.forgotten = true;
      if (entry.borrowers == 0) {
        entry.channel.close();
      }
    }
    entries.clear();
  }
}
