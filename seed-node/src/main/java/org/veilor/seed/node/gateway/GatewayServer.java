package org.veilor.seed.node.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.Config.GatewayAddress;

/**
 * The HTTP gateway: HTTP/1.1 and h2c on a TCP address or a Unix socket. A few event loops read and
 * write; whatever may wait for a disk, a database or a peer does so on virtual threads.
 */
public final class GatewayServer implements AutoCloseable {
  static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(GatewayLimits.LOW_WATER_BYTES, GatewayLimits.HIGH_WATER_BYTES);

  /** How long a connection that we have closed on our side is listened to. */
  static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int MAX_LOOPS = 4;

  private final GatewaySettings settings;
  private final GatewayMetrics metrics = new GatewayMetrics();
  private final DefaultChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final EventLoopGroup loops;
  private final ExecutorService workers;
  private final Exchange.Context exchanges;
  private final GatewayRequests requests;
  private @Nullable Channel listener;
  private volatile boolean draining;

  private GatewayServer(GatewaySettings settings, GatewayContent content, GatewayPages pages) {
    this.settings = settings;
    int count = Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors());
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loops = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("gateway", true), io);
    workers = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("gateway-", 0).factory());
    exchanges = new Exchange.Context(metrics, workers, settings, this::isDraining);
    requests = new GatewayRequests(content, pages, exchanges);
    var _ = Errors.answer(500, "loads its classes here and not on an event loop");
  }

  /**
   * Listens. A Unix socket that a dead process left is replaced; it gets mode 0660, for a proxy of
   * the same group.
   *
   * @throws IOException where the address cannot be bound
   */
  public static GatewayServer start(
      GatewaySettings settings, GatewayContent content, GatewayPages pages) throws IOException {
    GatewayServer server = new GatewayServer(settings, content, pages);
    boolean bound = false;
    try {
      server.bind();
      bound = true;
      return server;
    } finally {
      if (!bound) {
        server.shutDown();
      }
    }
  }

  private void bind() throws IOException {
    boolean epoll = Epoll.isAvailable();
    switch (settings.listen()) {
      case GatewayAddress.Off() ->
          throw new IllegalArgumentException("the gateway is off and cannot be started");
      case GatewayAddress.Tcp(InetSocketAddress address) -> {
        ServerBootstrap bootstrap =
            bootstrap(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
        bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
        bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        listener = bind(bootstrap, address);
      }
      case GatewayAddress.Unix(Path path) -> {
        Files.deleteIfExists(path);
        SocketAddress address =
            epoll ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
        listener =
            bind(
                bootstrap(
                    epoll
                        ? EpollServerDomainSocketChannel.class
                        : NioServerDomainSocketChannel.class),
                address);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
      }
    }
  }

  private ServerBootstrap bootstrap(Class<? extends ServerChannel> type) {
    return new ServerBootstrap()
        .group(loops)
        .channel(type)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, 16384))
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                accept(channel);
              }
            });
  }

  private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      String text =
          address instanceof InetSocketAddress tcp
              ? org.veilor.seed.node.config.Addresses.format(tcp)
              : address.toString();
      throw new IOException(
          "the gateway cannot listen on " + text + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    return bound.channel();
  }

  private void accept(Channel channel) {
    connections.add(channel);
    channel.pipeline().addLast(new ConnectionWatch(this));
    if (metrics.connected() > settings.maxConnections()) {
      metrics.rejectedConnection();
      channel.pipeline().addLast(new RejectedConnection());
    } else {
      channel.pipeline().addLast(new Http1Connection(this));
    }
  }

  /** Where it listens; for a Unix socket an unresolved address without a port. */
  public InetSocketAddress address() {
    Channel open = listener;
    return open != null && open.localAddress() instanceof InetSocketAddress address
        ? address
        : InetSocketAddress.createUnresolved("localhost", 0);
  }

  /** The base of all addresses, as people write it: {@code http://…} or {@code unix:…}. */
  public String url() {
    return settings.listen() instanceof GatewayAddress.Unix(Path path)
        ? "unix:" + path
        : "http://" + org.veilor.seed.node.config.Addresses.format(address());
  }

  /** Writes what the gateway has counted. */
  public void metrics(PrometheusText text) {
    metrics.write(text);
  }

  GatewayMetrics metrics() {
    return metrics;
  }

  GatewaySettings settings() {
    return settings;
  }

  GatewayRequests requests() {
    return requests;
  }

  Exchange.Context exchanges() {
    return exchanges;
  }

  boolean isDraining() {
    return draining;
  }

  /** How often a connection looks at the clock. */
  long tickNanos() {
    GatewaySettings.Timeouts t = settings.timeouts();
    long shortest =
        Stream.of(t.head(), t.idle(), t.slowClient())
            .mapToLong(Duration::toNanos)
            .min()
            .orElse(TimeUnit.SECONDS.toNanos(1));
    return Math.clamp(shortest / 4, TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(1));
  }

  /**
   * Takes no new connections, tells clients not to send more requests on the old ones, and waits
   * until what is being answered is complete.
   *
   * @return whether all was complete in time
   */
  public boolean drain(Duration atMost) {
    draining = true;
    closeListener();
    long deadline = System.nanoTime() + atMost.toNanos();
    for (Channel channel : connections) {
      channel.eventLoop().execute(() -> drain(channel));
    }
    while (metrics.connections() > 0 && System.nanoTime() < deadline) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return metrics.running() == 0;
  }

  private static void drain(Channel channel) {
    Http1Connection http1 = channel.pipeline().get(Http1Connection.class);
    if (http1 != null) {
      http1.drain();
      return;
    }
    ChannelHandlerContext http2 = channel.pipeline().context(Http2Connection.class);
    if (http2 != null && http2.handler() instanceof Http2Connection connection) {
      connection.drain(http2);
    }
  }

  private void closeListener() {
    Channel open = listener;
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
  }

  private void shutDown() {
    workers.shutdown();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Closes at once; what is being answered is cut. Call {@link #drain} before. */
  @Override
  public void close() throws IOException {
    draining = true;
    closeListener();
    connections.forEach(Http1Exchange::resetAndClose);
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    workers.shutdown();
    try {
      if (!workers.awaitTermination(1, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    requests.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    if (settings.listen() instanceof GatewayAddress.Unix(Path path)) {
      Files.deleteIfExists(path);
    }
  }
}
