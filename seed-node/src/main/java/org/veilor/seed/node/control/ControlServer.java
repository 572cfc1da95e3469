package org.veilor.seed.node.control;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/1.1 with JSON over a Unix socket. One event loop reads and writes; every request runs on a
 * virtual thread, as many at once as a semaphore allows.
 */
public final class ControlServer implements AutoCloseable {
  private final Path socket;
  private final EventLoopGroup loops;
  private final Channel listener;
  private final DefaultChannelGroup connections;
  private final ExecutorService requests;

  private ControlServer(
      Path socket,
      EventLoopGroup loops,
      Channel listener,
      DefaultChannelGroup connections,
      ExecutorService requests) {
    this.socket = socket;
    this.loops = loops;
    this.listener = listener;
    this.connections = connections;
    this.requests = requests;
  }

  /**
   * Listens; a socket that a dead process left is replaced, so the caller must hold the state's
   * lock.
   *
   * @throws IOException where the socket cannot be made
   */
  public static ControlServer start(Path socket, ControlHandler handler) throws IOException {
    boolean epoll = Epoll.isAvailable();
    Files.deleteIfExists(socket);
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("control", true), io);
    DefaultChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ExecutorService requests =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("control-", 0).factory());
    Semaphore permits = new Semaphore(ControlLimits.MAX_REQUESTS);
    Class<? extends ServerChannel> type =
        epoll ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
    SocketAddress address =
        epoll ? new DomainSocketAddress(socket.toFile()) : UnixDomainSocketAddress.of(socket);
    ChannelInitializer<Channel> pipeline =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            if (connections.size() >= ControlLimits.MAX_CONNECTIONS) {
              var _ = channel.close();
              return;
            }
            connections.add(channel);
            HttpDecoderConfig limits =
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(ControlLimits.MAX_HEADER_BYTES)
                    .setMaxHeaderSize(ControlLimits.MAX_HEADER_BYTES);
            channel
                .pipeline()
                .addLast(new HttpServerCodec(limits))
                .addLast(new HttpObjectAggregator(ControlLimits.MAX_BODY_BYTES))
                .addLast(new ControlConnection(handler, requests, permits));
          }
        };
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loops)
              .channel(type)
              .childHandler(pipeline)
              .bind(address)
              .syncUninterruptibly()
              .channel();
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return new ControlServer(socket, loops, listener, connections, requests);
    } catch (IOException | RuntimeException e) {
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    } catch (Exception e) {
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close().syncUninterruptibly();
    requests.shutdown();
    try {
      if (!requests.awaitTermination(2, TimeUnit.SECONDS)) {
        requests.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    Files.deleteIfExists(socket);
  }
}
