package org.veilor.seed.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.endpoint.EndpointEvent;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.path.NetworkPath;

/**
 * Drives the QUIC state machine on one event loop: datagrams and timeouts in, datagrams and events
 * out. The only writer of all protocol state.
 */
final class EndpointLoop implements UdpSocket.Receiver {
  private static final Logger log = LoggerFactory.getLogger(EndpointLoop.class);

  /** Datagrams in one train: the kernel takes 64, and 64 KiB. */
  static final int MAX_SEGMENTS = 44;

  private static final int TRANSMIT_BUFFER_BYTES = 1 << 16;

  /** Trains sent in one turn before others get the loop again. */
  private static final int MAX_TRAINS_PER_TURN = 8;

  /** Who is told of events. */
  interface Listener {
    void onEvent(EndpointEvent event);
  }

  private final EventLoop loop;
  private final QuicEndpoint quic;
  private final Listener listener;
  private final Map<InetSocketAddress, UdpSocket> sockets = new HashMap<>();
  private final byte[] transmitBuffer = new byte[TRANSMIT_BUFFER_BYTES];

  /** Addresses that are being dialled, and whether anything came from there; on the loop only. */
  private final Map<InetSocketAddress, Boolean> dialled = new HashMap<>();

  private int maxSegments = MAX_SEGMENTS;
  private boolean isTurnQueued;
  private boolean isInTurn;
  private @Nullable ScheduledFuture<?> timer;
  private long timerNanos = Long.MAX_VALUE;

  /** Datagrams and bytes of all sockets; on the loop only. */
  long receivedDatagrams;

  long receivedBytes;
  long sentDatagrams;
  long sentTrains;
  long sentBytes;

  EndpointLoop(EventLoop loop, QuicEndpoint quic, Listener listener) {
    this.loop = loop;
    this.quic = quic;
    this.listener = listener;
  }

  /** Sends through a socket, and hears what comes there. On the loop only. */
  void add(UdpSocket socket) {
    sockets.put(socket.localAddress(), socket);
    maxSegments = Math.min(maxSegments, socket.maxTrainSegments());
    socket.listen();
  }

  List<UdpSocket> sockets() {
    return List.copyOf(sockets.values());
  }

  long nowNanos() {
    return System.nanoTime();
  }

  QuicEndpoint quic() {
    return quic;
  }

  /** Runs an action on the loop; what it makes a connection say goes out afterwards. */
  void execute(@Nullable Connection connection, Runnable action) {
    if (loop.inEventLoop()) {
      runThenTurn(connection, action);
      return;
    }
    try {
      loop.execute(() -> runThenTurn(connection, action));
    } catch (RejectedExecutionException e) {
      log.debug("the endpoint is closed; an action came too late");
    }
  }

  /** Runs an action on the loop after a while; never, once the endpoint is closed. */
  Future<?> schedule(long delayNanos, Runnable action) {
    try {
      return loop.schedule(() -> runThenTurn(null, action), delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the endpoint is closed; a timer came too late");
      return CompletableFuture.completedFuture(null);
    }
  }

  private void runThenTurn(@Nullable Connection connection, Runnable action) {
    action.run();
    if (connection != null) {
      quic.touch(connection);
    }
    queueTurn();
  }

  void touch(Connection connection) {
    quic.touch(connection);
    queueTurn();
  }

  /** At the end of what runs now, so that many small actions share one turn. */
  private void queueTurn() {
    if (!isTurnQueued && !isInTurn) {
      isTurnQueued = true;
      loop.execute(this::turn);
    }
  }

  @Override
  public void onDatagram(UdpSocket socket, InetSocketAddress from, byte[] bytes, int length) {
    receivedDatagrams++;
    receivedBytes += length;
    if (!dialled.isEmpty()) {
      dialled.replace(from, true);
    }
    quic.handleDatagram(
        new NetworkPath(socket.localAddress(), from), 0, bytes, 0, length, nowNanos());
  }

  /** From now on it is noticed whether anything comes from there. */
  void dials(InetSocketAddress address) {
    dialled.putIfAbsent(address, false);
  }

  /** The dial is over. */
  void dialled(InetSocketAddress address) {
    dialled.remove(address);
  }

  /** Whether anything came from an address that is being dialled. */
  boolean hears(InetSocketAddress address) {
    return dialled.getOrDefault(address, false);
  }

  @Override
  public void onReadComplete() {
    turn();
  }

  @Override
  public void onWritable() {
    queueTurn();
  }

  /** Tells what happened and sends what is to be sent, until both are exhausted. */
  private void turn() {
    isTurnQueued = false;
    isInTurn = true;
    boolean more;
    try {
      int trains = 0;
      dispatchEvents();
      Transmit transmit = nextTransmit();
      while (transmit != null) {
        send(transmit);
        trains++;
        dispatchEvents();
        transmit = trains < MAX_TRAINS_PER_TURN ? nextTransmit() : null;
      }
      more = trains >= MAX_TRAINS_PER_TURN;
      if (trains > 0) {
        sockets.values().forEach(UdpSocket::flush);
      }
    } finally {
      isInTurn = false;
    }
    if (more) {
      queueTurn();
    } else {
      scheduleTimer();
    }
  }

  private @Nullable Transmit nextTransmit() {
    for (UdpSocket socket : sockets.values()) {
      if (!socket.isWritable()) {
        return null; // onWritable brings us back
      }
    }
    return quic.nextTransmit(transmitBuffer, maxSegments, nowNanos());
  }

  private void dispatchEvents() {
    for (EndpointEvent event = quic.nextEvent(); event != null; event = quic.nextEvent()) {
      try {
        listener.onEvent(event);
      } catch (RuntimeException e) {
        // A protocol's bug costs its connection, not the endpoint.
        log.error("a protocol failed on {}", event.connection().remoteAddress(), e);
        event.connection().close(0, "internal error", nowNanos());
        quic.touch(event.connection());
      }
    }
  }

  private void send(Transmit transmit) {
    send(transmit.networkPath(), transmit);
    for (NetworkPath copy : transmit.copies()) {
      send(copy, transmit);
    }
  }

  private void send(NetworkPath path, Transmit transmit) {
    UdpSocket socket = sockets.get(path.local());
    if (socket == null) {
      throw new IllegalStateException("no socket at " + path.local());
    }
    int segments = (transmit.length() + transmit.segmentBytes() - 1) / transmit.segmentBytes();
    sentDatagrams += segments;
    sentTrains++;
    sentBytes += transmit.length();
    socket.write(transmitBuffer, transmit.length(), transmit.segmentBytes(), path.remote());
  }

  /** Only an earlier deadline touches the timer; a later one is seen when the timer fires. */
  private void scheduleTimer() {
    long next = quic.nextTimeoutNanos();
    if (next >= timerNanos) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerNanos = next;
    long delay = Math.max(0, next - nowNanos());
    timer = loop.schedule(this::onTimer, delay, TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    timerNanos = Long.MAX_VALUE;
    quic.handleTimeout(nowNanos());
    turn();
  }

  /** Paths from our sockets to these addresses, one for each address whose family we have. */
  List<NetworkPath> pathsTo(List<InetSocketAddress> remotes) {
    List<NetworkPath> paths = new ArrayList<>();
    for (InetSocketAddress remote : remotes) {
      boolean isIpv6 = remote.getAddress() instanceof Inet6Address;
      for (UdpSocket socket : sockets.values()) {
        if (socket.isIpv6() == isIpv6) {
          paths.add(new NetworkPath(socket.localAddress(), remote));
          break;
        }
      }
    }
    return paths;
  }
}
