package org.veilor.seed.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.AddressText;

/**
 * One UDP socket on the event loop.
 *
 * <p>With epoll, trains of equal datagrams cross the kernel in one system call in both directions
 * (GSO, GRO); they cost a seventh of single datagrams (docs/decisions/udp.md). Elsewhere NIO does.
 */
final class UdpSocket {
  private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);

  /** A GRO train as large as the kernel makes them. */
  private static final int RECEIVE_BUFFER_BYTES = 1 << 16;

  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int HIGH_WATER_BYTES = 1 << 20;
  private static final int LOW_WATER_BYTES = 1 << 19;
  private static final int READS_PER_TURN = 16;

  /** Linux: the IPv6 socket takes no IPv4, so that each family has a socket of its own. */
  private static final IntegerUnixChannelOption IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  /** Linux: never fragment, and let probes of larger sizes through (RFC 8899 §4.4). */
  private static final IntegerUnixChannelOption IP_MTU_DISCOVER =
      new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0, 10);

  private static final IntegerUnixChannelOption IPV6_MTU_DISCOVER =
      new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23);

  private static final int PMTUDISC_PROBE = 3;

  private static final int PAGE_BYTES = 1 << 13;
  private static final int CHUNK_SHIFT = 7; // chunks of 2^7 pages: 1 MiB

  /**
   * Trains up to 64 KiB come and go thousands of times a second, on few threads. Netty's adaptive
   * allocator gave a tenth of them fresh, zeroed memory outside its pool.
   */
  private static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 2, PAGE_BYTES, CHUNK_SHIFT, 64, 64, true);

  private final Channel channel;
  private final Handler handler;
  private final InetSocketAddress localAddress;
  private final boolean segmentsInKernel;

  private UdpSocket(Channel channel, Handler handler, boolean segmentsInKernel) {
    this.channel = channel;
    this.handler = handler;
    this.localAddress = (InetSocketAddress) channel.localAddress();
    this.segmentsInKernel = segmentsInKernel;
  }

  /** Who gets what comes in; called on the event loop. */
  interface Receiver {
    /** One datagram, in a buffer that may be overwritten. */
    void onDatagram(UdpSocket socket, InetSocketAddress from, byte[] bytes, int length);

    /** No more for now. */
    void onReadComplete();

    /** There is room in the socket's queue again. */
    void onWritable();
  }

  /**
   * Binds.
   *
   * @throws IOException with a sentence that names the address and the cure
   */
  static UdpSocket bind(
      EventLoopGroup group, boolean epoll, InetSocketAddress address, Receiver receiver)
      throws IOException {
    boolean isIpv6 = address.getAddress() instanceof Inet6Address;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .option(ChannelOption.ALLOCATOR, ALLOCATOR)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(LOW_WATER_BYTES, HIGH_WATER_BYTES))
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(RECEIVE_BUFFER_BYTES)
                    .maxMessagesPerRead(READS_PER_TURN));
    boolean segments = false;
    Handler handler = new Handler(receiver);
    bootstrap.handler(handler);
    if (epoll) {
      segments = EpollDatagramChannel.isSegmentedDatagramPacketSupported();
      bootstrap
          // The family by name: Netty would open an IPv6 socket for IPv4 addresses too, and then
          // 0.0.0.0 and [::] cannot share a port.
          .channelFactory(() ->
              new EpollDatagramChannel(
                  isIpv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET))
          .option(EpollChannelOption.UDP_GRO, true)
          .option(isIpv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, PMTUDISC_PROBE);
      if (isIpv6) {
        bootstrap.option(IPV6_V6ONLY, 1);
      }
    } else {
      bootstrap.channel(NioDatagramChannel.class);
    }
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on UDP "
              + AddressText.of(address)
              + ": "
              + reason(bound.cause())
              + "; stop the program that uses it or choose another address or port",
          bound.cause());
    }
    return new UdpSocket(bound.channel(), handler, segments);
  }

  /**
   * From now on the receiver is told what comes in; what came before is dropped, since nobody could
   * have answered it. To be called on the event loop.
   */
  void listen() {
    handler.socket = this;
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  InetSocketAddress localAddress() {
    return localAddress;
  }

  boolean isIpv6() {
    return localAddress.getAddress() instanceof Inet6Address;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /** Datagrams of at most this many bytes together go out in one system call. */
  int maxTrainSegments() {
    return segmentsInKernel ? EndpointLoop.MAX_SEGMENTS : 1;
  }

  /** Queues datagrams of equal size; {@link #flush} sends them. */
  void write(byte[] bytes, int length, int segmentBytes, InetSocketAddress to) {
    ByteBuf buffer = channel.alloc().directBuffer(length).writeBytes(bytes, 0, length);
    if (segmentBytes < length) {
      var _ =
          channel.write(
              new SegmentedDatagramPacket(buffer, segmentBytes, to), channel.voidPromise());
    } else {
      var _ = channel.write(new DatagramPacket(buffer, to), channel.voidPromise());
    }
  }

  void flush() {
    channel.flush();
  }

  void close() {
    channel.close().awaitUninterruptibly();
  }

  private static final class Handler extends ChannelInboundHandlerAdapter {
    private final Receiver receiver;
    private final byte[] bytes = new byte[RECEIVE_BUFFER_BYTES];
    private @Nullable UdpSocket socket;

    Handler(Receiver receiver) {
      this.receiver = receiver;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      DatagramPacket packet = (DatagramPacket) message;
      try {
        UdpSocket receivedOn = socket;
        int length = packet.content().readableBytes();
        if (receivedOn != null && length > 0 && length <= bytes.length) {
          packet.content().readBytes(bytes, 0, length);
          receiver.onDatagram(receivedOn, packet.sender(), bytes, length);
        }
      } finally {
        packet.release();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      receiver.onReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      receiver.onWritable();
    }

    /** A peer's port is closed, a route is gone: QUIC finds out by itself (RFC 9000 §14.2.1). */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof IOException) {
        log.debug("UDP {}: {}", context.channel().localAddress(), cause.getMessage());
      } else {
        log.error("a bug on the event loop of UDP {}", context.channel().localAddress(), cause);
      }
    }
  }
}
