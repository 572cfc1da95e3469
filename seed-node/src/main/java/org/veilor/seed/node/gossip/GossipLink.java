package org.veilor.seed.node.gossip;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/**
 * One connection and the streams that we send on: one for each topic, opened with the first message
 * (gossip.md §1.2). A stream that the peer stops is opened anew; a Rust node would never send
 * again. On the event loop.
 */
final class GossipLink {
  private static final Logger log = LoggerFactory.getLogger(GossipLink.class);

  private final PeerConnection connection;
  private final GossipCounters counters;

  /** What to do when there is room again. */
  private final Runnable onWritable;

  /** Those used last come last. */
  private final LinkedHashMap<TopicId, Outgoing> streams = new LinkedHashMap<>(16, 0.75f, true);

  private long heardNanos;
  private boolean hasSpoken;
  private long receivedDatagrams;
  private long silenceNanos;
  private long checkedNanos;

  GossipLink(
      PeerConnection connection, GossipCounters counters, Runnable onWritable, long nowNanos) {
    this.connection = connection;
    this.counters = counters;
    this.onWritable = onWritable;
    this.heardNanos = nowNanos;
    this.checkedNanos = nowNanos;
  }

  PeerConnection connection() {
    return connection;
  }

  /** A frame came. */
  void heard(long nowNanos) {
    heardNanos = nowNanos;
    hasSpoken = true;
  }

  /** Whether any frame came. */
  boolean hasSpoken() {
    return hasSpoken;
  }

  /** When the last frame came, or the connection. */
  long heardNanos() {
    return heardNanos;
  }

  /**
   * For how long there was no datagram at all; to be asked regularly. A pause of our own, in which
   * nobody asked, does not count.
   */
  long silenceNanos(long checkNanos, long nowNanos) {
    long received = connection.stats().receivedDatagrams();
    if (received != receivedDatagrams) {
      receivedDatagrams = received;
      silenceNanos = 0;
    } else {
      silenceNanos += Math.min(nowNanos - checkedNanos, 2 * checkNanos);
    }
    checkedNanos = nowNanos;
    return silenceNanos;
  }

  void close(String reason) {
    connection.close(0, reason);
  }

  /** Ends our streams: another connection is used from now on. */
  void retire() {
    streams.values().forEach(Outgoing::finish);
    streams.clear();
  }

  /** Writes what can be written now; answers whether anything could. */
  boolean send(SendQueue queue) {
    if (queue.isEmpty() || !connection.isOpen()) {
      return false;
    }
    Batch batch =
        new Batch(NetworkLimits.MAX_UNACKNOWLEDGED_BYTES - connection.bufferedSendBytes());
    boolean any = queue.offer(batch::take);
    batch.touched.values().forEach(Outgoing::flush);
    return any;
  }

  /** What one call of {@link #send} writes. */
  private final class Batch {
    private final Map<TopicId, Outgoing> touched = new LinkedHashMap<>();
    private long roomBytes;
    private boolean isFull;

    Batch(long roomBytes) {
      this.roomBytes = roomBytes;
    }

    /** Messages of one topic stay in order: once one does not go, its stream takes no other. */
    boolean take(SendQueue.Entry entry) {
      isFull |= roomBytes < entry.frame().length;
      if (isFull) {
        return false;
      }
      Outgoing out = touched.get(entry.topic());
      if (out == null) {
        out = stream(entry.topic());
        touched.put(entry.topic(), out);
      }
      if (!out.take(entry)) {
        return false;
      }
      roomBytes -= entry.frame().length;
      if (entry.farewell() != null) {
        out.finish();
        streams.remove(entry.topic(), out);
        touched.remove(entry.topic());
      }
      return true;
    }
  }

  private Outgoing stream(TopicId topic) {
    Outgoing known = streams.get(topic);
    if (known != null && !known.isDead()) {
      return known;
    }
    if (known == null && streams.size() >= NetworkLimits.MAX_OPEN_STREAMS) {
      Outgoing eldest = streams.pollFirstEntry().getValue();
      eldest.finish();
    }
    Outgoing fresh = new Outgoing(topic);
    streams.put(topic, fresh);
    fresh.open();
    return fresh;
  }

  /** A stream of ours. */
  private final class Outgoing implements StreamListener {
    private final TopicId topic;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final List<CompletableFuture<Void>> farewells = new ArrayList<>(1);
    private @Nullable PeerStream stream;
    private boolean hasMessages;
    private boolean isBlocked;
    private boolean isFinished;

    Outgoing(TopicId topic) {
      this.topic = topic;
    }

    void open() {
      var _ =
          connection
              .openUnidirectional()
              .whenComplete((opened, failure) -> {
                if (failure == null) {
                  onOpened(opened);
                } else {
                  log.debug("no stream for a topic: {}", failure.getMessage());
                }
              });
    }

    private void onOpened(PeerStream opened) {
      stream = opened;
      opened.listen(this);
      pending.writeBytes(FrameWriter.header(topic));
      if (isFinished) {
        finish(); // it was given up while the peer allowed no more streams
      } else {
        onWritable.run();
      }
    }

    /** Whether it was opened and takes no more. */
    boolean isDead() {
      PeerStream opened = stream;
      return opened != null && opened.writableBytes() < 0;
    }

    /** Takes a message, if the stream is open and has room. */
    boolean take(SendQueue.Entry entry) {
      PeerStream opened = stream;
      if (opened == null || isBlocked) {
        return false;
      }
      byte[] frame = entry.frame();
      if (opened.writableBytes() < pending.size() + frame.length) {
        isBlocked = true;
        return false;
      }
      pending.writeBytes(frame);
      hasMessages = true;
      count(entry);
      CompletableFuture<Void> farewell = entry.farewell();
      if (farewell != null) {
        farewells.add(farewell);
      }
      if (pending.size() >= NetworkLimits.MAX_WRITE_BYTES) {
        flush();
      }
      return true;
    }

    private void count(SendQueue.Entry entry) {
      (entry.isData() ? counters.dataSent : counters.controlSent).increment();
      (entry.isData() ? counters.dataSentBytes : counters.controlSentBytes)
          .add(entry.frame().length - FrameWriter.LENGTH_BYTES);
    }

    /** The header alone is not written: a Rust node would wait for what follows. */
    void flush() {
      isBlocked = false;
      if (hasMessages) {
        write();
      }
    }

    private void write() {
      PeerStream opened = stream;
      if (opened != null && pending.size() > 0) {
        byte[] bytes = pending.toByteArray();
        pending.reset();
        hasMessages = false;
        if (opened.writableBytes() >= bytes.length) { // it may have been stopped meanwhile
          opened.write(bytes, 0, bytes.length);
        }
      }
    }

    /** Never without a header: a Rust node would read nothing more of the connection. */
    void finish() {
      isFinished = true;
      write();
      PeerStream opened = stream;
      if (opened != null) {
        opened.finish();
      }
    }

    private void end() {
      streams.remove(topic, this);
      farewells.forEach(farewell -> farewell.complete(null));
      farewells.clear();
    }

    @Override
    public void onWritable(PeerStream s) {
      onWritable.run();
    }

    @Override
    public void onStopped(PeerStream s, long code) {
      counters.stopped.increment();
      end();
    }

    @Override
    public void onFinished(PeerStream s) {
      end();
    }

    @Override
    public void onConnectionClosed(PeerStream s) {
      end();
    }
  }
}
