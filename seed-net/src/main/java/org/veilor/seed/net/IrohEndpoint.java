package org.veilor.seed.net;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionEvent;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.EndpointConfig;
import org.veilor.seed.quic.endpoint.EndpointEvent;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.TlsIdentity;

/**
 * An iroh endpoint: an Ed25519 key that can be dialled and dials others.
 *
 * <pre>{@code
 * IrohEndpoint endpoint =
 *     IrohEndpoint.builder(SecretKey.of(seed))
 *         .bind(new InetSocketAddress("0.0.0.0", 4471))
 *         .accept("my/protocol/1", connection -> connection.onStream(...))
 *         .start();
 * }</pre>
 *
 * <p>One UDP socket for each address family serves both roles, as peers expect (transport.md §6.2).
 */
public final class IrohEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IrohEndpoint.class);
  private static final String RESET_KEY_CONTEXT = "veilor-seed 2026-11-21 stateless reset key";

  /** How long {@link #close} waits for peers to hear the goodbye. */
  private static final Duration DRAIN_TIME = Duration.ofMillis(300);

  private final SecretKey secretKey;
  private final EventLoopGroup group;
  private final EndpointLoop loop;
  private final List<UdpSocket> sockets;
  private final boolean isEpoll;
  private final TransportConfig dialTransport;
  private final Map<String, ProtocolHandler> protocols;
  private final @Nullable QlogFolder qlog;

  /** Only touched on the event loop. */
  private final Map<Connection, PeerConnection> connections = new HashMap<>();

  private final Map<Connection, CompletableFuture<PeerConnection>> dialling = new HashMap<>();

  private IrohEndpoint(Builder builder) throws IOException {
    this.secretKey = builder.secretKey;
    this.protocols = Map.copyOf(builder.protocols);
    this.dialTransport = builder.dialTransport == null ? builder.transport : builder.dialTransport;
    this.isEpoll = builder.allowEpoll && Epoll.isAvailable();
    this.qlog = builder.qlogFolder == null ? null : new QlogFolder(builder.qlogFolder);
    var threads = new DefaultThreadFactory("seed-net", true);
    this.group =
        new MultiThreadIoEventLoopGroup(
            1, threads, isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    EventLoop eventLoop = group.next();
    SecureRandom random = new SecureRandom();
    QuicEndpoint quic = new QuicEndpoint(builder.config(), random::nextBytes);
    if (qlog != null) {
      quic.observeWith(qlog::observe);
    }
    this.loop = new EndpointLoop(eventLoop, quic, event -> onEvent(event));
    List<UdpSocket> bound = new ArrayList<>();
    try {
      for (InetSocketAddress address : builder.addresses) {
        bound.add(UdpSocket.bind(group, isEpoll, address, loop));
      }
    } catch (IOException e) {
      bound.forEach(UdpSocket::close);
      if (qlog != null) {
        qlog.close();
      }
      var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
    this.sockets = List.copyOf(bound);
    // Waited for: whoever dials at once finds somebody who hears.
    eventLoop.submit(() -> sockets.forEach(loop::add)).syncUninterruptibly();
  }

  /** Begins an endpoint with this identity. */
  public static Builder builder(SecretKey secretKey) {
    return new Builder(secretKey);
  }

  /** This endpoint's id. */
  public EndpointId id() {
    return secretKey.id();
  }

  /** The addresses that the sockets are bound to, with their real ports. */
  public List<InetSocketAddress> boundAddresses() {
    return sockets.stream().map(UdpSocket::localAddress).toList();
  }

  /**
   * Dials a peer at all its IP addresses at the same time; the first that proves to be it wins.
   *
   * @return completed with the connection, or exceptionally with a {@link
   *     ConnectionClosedException}
   */
  public CompletableFuture<PeerConnection> connect(EndpointAddr peer, String alpn) {
    CompletableFuture<PeerConnection> result = new CompletableFuture<>();
    if (peer.id().equals(id())) {
      result.completeExceptionally(
          new ConnectionClosedException("an endpoint does not dial itself"));
      return result;
    }
    List<InetSocketAddress> addresses = addresses(peer);
    loop.execute(null, () -> dial(peer.id(), addresses, alpn, result));
    return result;
  }

  private static List<InetSocketAddress> addresses(EndpointAddr peer) {
    return peer.ipAddrs().stream()
        .map(ip -> new InetSocketAddress(ip.address().toInetAddress(), ip.port()))
        .toList();
  }

  /**
   * Whether anything at all came from the addresses of a peer that is being dialled: if not, nobody
   * is there; if so and no connection comes of it, it is no endpoint.
   */
  public CompletableFuture<Boolean> hears(EndpointAddr peer) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    loop.execute(null, () -> answer.complete(addresses(peer).stream().anyMatch(loop::hears)));
    return answer;
  }

  private void dial(
      EndpointId peer,
      List<InetSocketAddress> addresses,
      String alpn,
      CompletableFuture<PeerConnection> result) {
    List<NetworkPath> paths = loop.pathsTo(addresses);
    if (paths.isEmpty()) {
      result.completeExceptionally(
          new ConnectionClosedException(
              "no usable address of " + peer.shortText() + " is known; ask for a new ticket"));
      return;
    }
    Connection connection =
        loop.quic()
            .connect(
                paths,
                peer.toBytes(),
                List.of(alpn.getBytes(StandardCharsets.UTF_8)),
                dialTransport,
                loop.nowNanos());
    dialling.put(connection, result);
    addresses.forEach(loop::dials);
    var _ =
        result.whenComplete(
            (dialled, failure) -> loop.execute(null, () -> addresses.forEach(loop::dialled)));
  }

  /** Runs something on the event loop. */
  public void onLoop(Runnable action) {
    loop.execute(null, action);
  }

  /**
   * Runs something on the event loop after a while; never, once the endpoint is closed: what is
   * returned is done then. May be cancelled.
   */
  public Future<?> onLoopAfter(long delayNanos, Runnable action) {
    return loop.schedule(delayNanos, action);
  }

  /** Figures; waits a moment for the event loop. */
  public EndpointCounters counters() {
    CompletableFuture<EndpointCounters> counters = new CompletableFuture<>();
    loop.execute(
        null,
        () ->
            counters.complete(
                new EndpointCounters(
                    loop.quic().stats(),
                    loop.receivedDatagrams,
                    loop.receivedBytes,
                    loop.sentDatagrams,
                    loop.sentTrains,
                    loop.sentBytes,
                    isEpoll)));
    return counters.orTimeout(5, TimeUnit.SECONDS).join();
  }

  /** The established connections; waits a moment for the event loop. */
  public List<ConnectionReport> connections() {
    CompletableFuture<List<ConnectionReport>> reports = new CompletableFuture<>();
    loop.execute(
        null,
        () -> reports.complete(connections.values().stream().map(PeerConnection::report).toList()));
    return reports.orTimeout(5, TimeUnit.SECONDS).join();
  }

  /** Connections whose qlog could not be written, or not to its end; 0 where none is written. */
  public long qlogFailures() {
    return qlog == null ? 0 : qlog.failures();
  }

  private void onEvent(EndpointEvent event) {
    Connection connection = event.connection();
    if (event.event() instanceof ConnectionEvent.Established established) {
      onEstablished(connection, established);
      return;
    }
    PeerConnection peer = connections.get(connection);
    if (event.event() instanceof ConnectionEvent.Closed(TerminationCause cause)) {
      connections.remove(connection);
      CompletableFuture<PeerConnection> dial = dialling.remove(connection);
      if (dial != null) {
        dial.completeExceptionally(new ConnectionClosedException(cause));
      }
    }
    if (peer != null) {
      peer.dispatch(event.event());
    }
  }

  private void onEstablished(Connection connection, ConnectionEvent.Established established) {
    EndpointId remote;
    try {
      remote = EndpointId.of(established.peerKey());
    } catch (MalformedException e) {
      // TLS has verified a signature with this key, so it is a point on the curve.
      throw new IllegalStateException("a verified key that is no key", e);
    }
    String alpn = new String(established.alpn(), StandardCharsets.UTF_8);
    PeerConnection peer = new PeerConnection(loop, connection, remote, alpn);
    connections.put(connection, peer);
    CompletableFuture<PeerConnection> dial = dialling.remove(connection);
    ProtocolHandler handler = protocols.get(alpn);
    if (dial != null) {
      dial.complete(peer);
    } else if (handler != null) {
      handler.onConnection(peer);
    } else {
      // TLS only agrees on protocols of our list (RFC 7301), so this cannot come from outside.
      throw new IllegalStateException("no handler for ALPN " + alpn);
    }
  }

  /** Says goodbye on every connection, gives the words a moment to leave, and frees everything. */
  @Override
  public void close() {
    CompletableFuture<Void> told = new CompletableFuture<>();
    loop.execute(
        null,
        () -> {
          loop.quic().closeAll(0, "", loop.nowNanos());
          told.complete(null);
        });
    try {
      told.get(1, TimeUnit.SECONDS);
      Thread.sleep(connectionsAtClose() ? DRAIN_TIME.toMillis() : 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the event loop did not say goodbye in time", e);
    }
    abort();
  }

  /** Goes away without a word, as a killed process does: for tests of what peers make of it. */
  void abort() {
    sockets.forEach(UdpSocket::close);
    if (qlog != null) {
      loop.execute(null, qlog::flush);
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    if (qlog != null) {
      qlog.close();
    }
  }

  private boolean connectionsAtClose() {
    return counters().quic().connections() > 0;
  }

  /** How an endpoint is put together. */
  public static final class Builder {
    private final SecretKey secretKey;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final Map<String, ProtocolHandler> protocols = new LinkedHashMap<>();
    private TransportConfig transport = TransportConfig.defaults();
    private @Nullable TransportConfig dialTransport;
    private int maxConnections = 1024;
    private boolean allowEpoll = true;
    private @Nullable Path qlogFolder;

    private Builder(SecretKey secretKey) {
      this.secretKey = secretKey;
    }

    /** Listens there; without any call on every IPv4 and IPv6 address with a port of its own. */
    public Builder bind(InetSocketAddress address) {
      addresses.add(address);
      return this;
    }

    /** Accepts a protocol; the first accepted is the most wanted where a peer offers several. */
    public Builder accept(String alpn, ProtocolHandler handler) {
      protocols.put(alpn, handler);
      return this;
    }

    /** Other limits and timeouts. */
    public Builder transport(TransportConfig config) {
      transport = config;
      return this;
    }

    /** Other limits for the connections that this endpoint dials than for those it accepts. */
    public Builder dialTransport(TransportConfig config) {
      dialTransport = config;
      return this;
    }

    /** Connections at once; more are refused. */
    public Builder maxConnections(int count) {
      maxConnections = count;
      return this;
    }

    /**
     * Writes a qlog of every connection into this folder, which is made if it is not there: files
     * that qvis loads, within {@link QlogLimits}. Off unless called.
     */
    public Builder qlogFolder(Path folder) {
      qlogFolder = folder;
      return this;
    }

    /** Uses NIO even where epoll is there: for tests of the fallback. */
    public Builder withoutEpoll() {
      allowEpoll = false;
      return this;
    }

    /**
     * Binds and starts.
     *
     * @throws IOException if an address cannot be bound or the folder of qlogs not be written to,
     *     with a sentence that says which and what to do
     */
    public IrohEndpoint start() throws IOException {
      if (addresses.isEmpty()) {
        addresses.add(any(Inet4Address.ofLiteral("0.0.0.0")));
        addresses.add(any(InetAddress.ofLiteral("::")));
      }
      return new IrohEndpoint(this);
    }

    private static InetSocketAddress any(InetAddress address) {
      return new InetSocketAddress(address, 0);
    }

    private EndpointConfig config() {
      byte[] seed = secretKey.toBytes();
      byte[] resetKey =
          Blake3Hasher.derivingKey(RESET_KEY_CONTEXT)
              .update(seed, 0, seed.length)
              .finish()
              .toBytes();
      int handshakes = Math.max(64, maxConnections);
      return new EndpointConfig(
          new TlsIdentity(seed),
          protocols.keySet().stream().map(a -> a.getBytes(StandardCharsets.UTF_8)).toList(),
          List.of(
              CipherSuite.TLS_AES_128_GCM_SHA256,
              CipherSuite.TLS_AES_256_GCM_SHA384,
              CipherSuite.TLS_CHACHA20_POLY1305_SHA256),
          resetKey,
          transport,
          maxConnections,
          handshakes,
          handshakes / 4);
    }
  }
}
