package org.veilor.seed.net;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionEvent;
import org.veilor.seed.quic.connection.ConnectionStats;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.stream.StreamEvent;
import org.veilor.seed.quic.stream.Streams;

/** A connection to a peer that has proved its endpoint id. */
public final class PeerConnection {
  private static final int MIN_SWEEP_STREAMS = 64;

  private final EndpointLoop loop;
  private final Connection connection;
  private final EndpointId remoteId;
  private final ExporterSecret exporter;
  private final String alpn;
  private final Map<Long, PeerStream> streams = new HashMap<>();
  private int sweepAtStreams = MIN_SWEEP_STREAMS;
  private final List<PeerStream> unclaimed = new ArrayList<>();
  private final ArrayDeque<CompletableFuture<PeerStream>> waitingBidirectional = new ArrayDeque<>();
  private final ArrayDeque<CompletableFuture<PeerStream>> waitingUnidirectional =
      new ArrayDeque<>();
  private final CompletableFuture<TerminationCause> closed = new CompletableFuture<>();
  private @Nullable Consumer<PeerStream> streamHandler;
  private @Nullable Consumer<byte[]> datagramHandler;

  /**
   * Streams the peer opened that wait for a handler; the QUIC limit on open streams bounds them.
   */
  PeerConnection(EndpointLoop loop, Connection connection, EndpointId remoteId, String alpn) {
    this.loop = loop;
    this.connection = connection;
    this.remoteId = remoteId;
    this.alpn = alpn;
    this.exporter = connection.exporter();
  }

  /** Who the peer is: the key it proved to hold. */
  public EndpointId remoteId() {
    return remoteId;
  }

  /** The protocol agreed on. */
  public String alpn() {
    return alpn;
  }

  /**
   * Key material that both ends of this connection can derive, and nobody else (RFC 8446 §7.5). Any
   * thread.
   *
   * @param label ASCII, which says what it is for
   * @param context anything; may be empty
   */
  public byte[] exportKeyingMaterial(String label, byte[] context, int lengthBytes) {
    return exporter.export(label, context, lengthBytes);
  }

  /** Whether this side dialled. */
  public boolean isDialled() {
    return connection.isClient();
  }

  /** Where the peer is at present. On the event loop. */
  public InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  /** Figures. On the event loop. */
  public ConnectionStats stats() {
    return connection.stats();
  }

  /** How it stands. On the event loop. */
  ConnectionReport report() {
    return new ConnectionReport(remoteId, remoteAddress(), alpn, isDialled(), stats());
  }

  /** Whether streams still work. On the event loop. */
  public boolean isOpen() {
    return connection.isOpen();
  }

  /** Bytes written to streams and not yet acknowledged by the peer. On the event loop. */
  public long bufferedSendBytes() {
    return connection.streams().bufferedSendBytes();
  }

  /** Smoothed round trip of the path in use (RFC 9002 §5.3). On the event loop. */
  public long smoothedRttNanos() {
    return connection.smoothedRttNanos();
  }

  /** Sets who gets the streams that the peer opens, those it has opened already included. */
  public void onStream(Consumer<PeerStream> handler) {
    onLoop(() -> {
      streamHandler = handler;
      List<PeerStream> waiting = List.copyOf(unclaimed);
      unclaimed.clear();
      waiting.forEach(handler);
    });
  }

  /** Sets who gets the unreliable datagrams of the peer. */
  public void onDatagram(Consumer<byte[]> handler) {
    onLoop(() -> {
      datagramHandler = handler;
      deliverDatagrams();
    });
  }

  /** Opens a stream both sides can send on; waits while the peer allows no more streams. */
  public CompletableFuture<PeerStream> openBidirectional() {
    return open(true, waitingBidirectional);
  }

  /** Opens a stream only this side can send on. */
  public CompletableFuture<PeerStream> openUnidirectional() {
    return open(false, waitingUnidirectional);
  }

  private CompletableFuture<PeerStream> open(
      boolean bidirectional, ArrayDeque<CompletableFuture<PeerStream>> waiting) {
    CompletableFuture<PeerStream> opened = new CompletableFuture<>();
    onLoop(() -> {
      waiting.add(opened);
      openWaiting(bidirectional, waiting);
    });
    return opened;
  }

  private void openWaiting(
      boolean bidirectional, ArrayDeque<CompletableFuture<PeerStream>> waiting) {
    while (!waiting.isEmpty()) {
      if (!connection.isOpen()) {
        waiting.poll().completeExceptionally(new ConnectionClosedException(cause()));
        continue;
      }
      long id = connection.streams().open(bidirectional);
      if (id < 0) {
        return;
      }
      waiting.poll().complete(newStream(id));
    }
  }

  /**
   * A stream may end without an event, with its last read or when our reset is acknowledged: those
   * are swept out when the table has doubled.
   */
  private PeerStream newStream(long id) {
    if (streams.size() >= sweepAtStreams) {
      streams.keySet().removeIf(each -> streams().isClosed(each));
      sweepAtStreams = Math.max(MIN_SWEEP_STREAMS, 2 * streams.size());
    }
    PeerStream stream = new PeerStream(this, id);
    streams.put(id, stream);
    return stream;
  }

  /** Streams in the table; for tests. */
  int heldStreams() {
    return streams.size();
  }

  private @Nullable TerminationCause cause() {
    return closed.getNow(null);
  }

  /** Sends an unreliable datagram; false if the peer takes none of that size. On the event loop. */
  public boolean sendDatagram(byte[] payload) {
    boolean queued = connection.sendDatagram(payload);
    touch();
    return queued;
  }

  /** Closes the connection and tells the peer. */
  public void close(long code, String reason) {
    onLoop(() -> connection.close(code, reason, loop.nowNanos()));
  }

  /** Completed when the connection is over, with the reason. */
  public CompletableFuture<TerminationCause> closed() {
    return closed;
  }

  /** Runs something on the event loop, then sends what it produced. */
  public void onLoop(Runnable action) {
    loop.execute(connection, action);
  }

  void touch() {
    loop.touch(connection);
  }

  Streams streams() {
    return connection.streams();
  }

  void dispatch(ConnectionEvent event) {
    switch (event) {
      case ConnectionEvent.Established _, ConnectionEvent.Migrated _ -> {}
      case ConnectionEvent.OfStream(StreamEvent streamEvent) -> dispatch(streamEvent);
      case ConnectionEvent.DatagramsReadable _ -> deliverDatagrams();
      case ConnectionEvent.Closed(TerminationCause cause) -> onClosed(cause);
    }
  }

  private void dispatch(StreamEvent event) {
    switch (event) {
      case StreamEvent.Opened(long id) -> onOpened(id);
      case StreamEvent.StreamsAvailable(boolean bidirectional) ->
          openWaiting(bidirectional, bidirectional ? waitingBidirectional : waitingUnidirectional);
      case StreamEvent.Readable(long id) -> toStream(id, event);
      case StreamEvent.ResetByPeer(long id, long _) -> toStream(id, event);
      case StreamEvent.Writable(long id) -> toStream(id, event);
      case StreamEvent.Stopped(long id, long _) -> toStream(id, event);
      case StreamEvent.Finished(long id) -> toStream(id, event);
    }
  }

  private void onOpened(long id) {
    PeerStream stream = newStream(id);
    Consumer<PeerStream> handler = streamHandler;
    if (handler == null) {
      unclaimed.add(stream);
    } else {
      handler.accept(stream);
    }
  }

  private void toStream(long id, StreamEvent event) {
    PeerStream stream = streams.get(id);
    if (stream == null) {
      return;
    }
    stream.dispatch(event);
    if (streams().isClosed(id)) {
      streams.remove(id);
    }
  }

  private void deliverDatagrams() {
    Consumer<byte[]> handler = datagramHandler;
    if (handler == null) {
      return;
    }
    for (byte[] payload = connection.readDatagram();
        payload != null;
        payload = connection.readDatagram()) {
      handler.accept(payload);
    }
  }

  private void onClosed(TerminationCause cause) {
    closed.complete(cause);
    openWaiting(true, waitingBidirectional);
    openWaiting(false, waitingUnidirectional);
    List<PeerStream> open = List.copyOf(streams.values());
    streams.clear();
    unclaimed.clear();
    open.forEach(PeerStream::onConnectionClosed);
  }
}
