package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.gateway.RequestHeadParser.Parsed;

/**
 * One HTTP/1 connection: takes one request at a time and leaves later ones where they are until it
 * is answered, so that answers to pipelined requests cannot mix. Switches to HTTP/2 where the
 * client begins with its preface or asks for h2c in its first request.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

  /** Where the connection stands. */
  enum State {
    /** Waits for a head. From BUSY or the start; to BUSY, LINGER. */
    HEAD,
    /** A request is being answered. From HEAD; to HEAD, LINGER. */
    BUSY,
    /** Our side is closed, what comes is thrown away. From HEAD or BUSY; ends with the channel. */
    LINGER
  }

  private final GatewayServer server;
  private final HeadScanner scanner = new HeadScanner();
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf pending;
  private @Nullable Http1Exchange current;
  private State state = State.HEAD;
  private boolean first = true;
  private long bodyLeftBytes;
  private long lingeredBytes;
  private long sinceNanos = System.nanoTime();

  Http1Connection(GatewayServer server) {
    this.server = server;
  }

  Channel channel() {
    return context().channel();
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext here = context;
    if (here == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return here;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (state == State.LINGER) {
      lingeredBytes += data.readableBytes();
      data.release();
      if (lingeredBytes > GatewayLimits.MAX_LINGER_BYTES) {
        var _ = here.close();
      }
      return;
    }
    ByteBuf bytes = pending;
    if (bytes == null) {
      pending = data;
      if (state == State.HEAD && !first && bodyLeftBytes == 0) {
        sinceNanos = System.nanoTime(); // from now on the head has its time
      }
    } else {
      pending =
          bytes.isReadable()
              ? here.alloc()
                  .buffer(bytes.readableBytes() + data.readableBytes())
                  .writeBytes(bytes)
                  .writeBytes(data)
              : data.retain();
      bytes.release();
      data.release();
    }
    advance();
  }

  /** Takes the next request where there is a whole one and none is being answered. */
  private void advance() {
    ByteBuf bytes = pending;
    if (bytes == null) {
      return;
    }
    int body = (int) Math.min(bodyLeftBytes, bytes.readableBytes());
    bytes.skipBytes(body);
    bodyLeftBytes -= body;
    if (state == State.BUSY) {
      if (bytes.readableBytes() > GatewayLimits.MAX_PIPELINED_BYTES) {
        channel().config().setAutoRead(false);
      }
    } else if (state == State.HEAD && bodyLeftBytes == 0) {
      head(bytes);
    }
    ByteBuf left = pending;
    if (left != null && !left.isReadable()) {
      left.release();
      pending = null;
    }
  }

  private void head(ByteBuf bytes) {
    int length = scanner.scan(bytes);
    if (length == HeadScanner.BARE_LINE_FEED) {
      refuse(400, "a line ends with a line feed alone");
    } else if (length > GatewayLimits.MAX_HEAD_BYTES
        || (length < 0 && bytes.readableBytes() > GatewayLimits.MAX_HEAD_BYTES)) {
      if (scanner.hasLine()) {
        refuse(431, "the header section is longer than 16 KiB");
      } else {
        refuse(414, "the address is longer than 4096 bytes");
      }
    } else if (length >= 0) {
      Parsed parsed =
          RequestHeadParser.parse(ByteBufUtil.getBytes(bytes, bytes.readerIndex(), length));
      switch (parsed) {
        case Parsed.Bad(int status, String reason) -> refuse(status, reason);
        case Parsed.Http2Preface() -> {
          if (first) {
            switchToHttp2();
          } else {
            refuse(400, "the preface of HTTP/2 stands in the middle of a connection");
          }
        }
        case Parsed.Good(RequestHead head) -> {
          bytes.skipBytes(length);
          scanner.reset();
          request(head);
        }
      }
    }
  }

  private void request(RequestHead head) {
    boolean upgrade = first && H2c.asksFor(head);
    first = false;
    if (upgrade) {
      H2c.upgrade(this, context(), server, head);
    } else {
      answer(head);
    }
  }

  /** Answers over HTTP/1.1. */
  void answer(RequestHead head) {
    state = State.BUSY;
    bodyLeftBytes = head.bodyBytes();
    Http1Exchange exchange = new Http1Exchange(server.exchanges(), head, this);
    current = exchange;
    server.requests().handle(exchange);
    if (current == exchange) {
      advance();
    } // else it is answered already, and what is left has its turn after this
  }

  /** Answers what is no request, and closes. */
  private void refuse(int status, String reason) {
    server.metrics().malformedRequest();
    state = State.BUSY;
    RequestHead head =
        new RequestHead("GET", "(malformed)", RequestHead.Version.HTTP_1_1, new Fields(), 0, false);
    Http1Exchange exchange = new Http1Exchange(server.exchanges(), head, this);
    current = exchange;
    exchange.route("malformed");
    exchange.send(Errors.answer(status, reason));
  }

  private void switchToHttp2() {
    ByteBuf preface = takePending();
    ChannelHandlerContext here = context();
    H2c.addHandlers(here.pipeline(), here.name(), server);
    here.pipeline().remove(this);
    if (preface != null) {
      here.pipeline().fireChannelRead(preface);
    }
  }

  /** What has come and is not read; the caller's from now on. */
  @Nullable ByteBuf takePending() {
    ByteBuf taken = pending;
    pending = null;
    return taken;
  }

  /** The answer of that exchange is with the kernel. */
  void answered(Http1Exchange exchange, boolean keepAlive) {
    if (current != exchange) {
      return;
    }
    current = null;
    exchange.finish(true);
    sinceNanos = System.nanoTime();
    if (!keepAlive || server.isDraining()) {
      linger();
      return;
    }
    state = State.HEAD;
    channel().config().setAutoRead(true);
    ByteBuf left = pending;
    if (left != null && left.isReadable()) {
      // not at once: a long row of pipelined requests would become a deep stack
      channel().eventLoop().execute(this::advance);
    }
  }

  /**
   * Closes our side only. If the socket were closed with bytes unread, the kernel would reset the
   * connection and the client could lose the answer (RFC 9112 section 9.6).
   */
  private void linger() {
    state = State.LINGER;
    ByteBuf unread = takePending();
    if (unread != null) {
      unread.release();
    }
    if (channel() instanceof DuplexChannel duplex && duplex.isActive()) {
      var _ = duplex.shutdownOutput();
      duplex.config().setAutoRead(true);
    } else {
      var _ = channel().close();
    }
  }

  /** Closes the connection where no request is being answered. */
  void drain() {
    if (state == State.HEAD) {
      linger();
    }
  }

  /** Looks at the clock, every now and then. */
  void tick(long nowNanos) {
    GatewaySettings.Timeouts timeouts = server.settings().timeouts();
    long age = nowNanos - sinceNanos;
    if (state == State.LINGER && age > GatewayServer.LINGER_NANOS) {
      var _ = channel().close();
    } else if (state == State.HEAD) {
      boolean begun = pending != null || bodyLeftBytes > 0 || first;
      if (begun && age > timeouts.head().toNanos()) {
        server.metrics().headTimeout();
        if (pending == null && bodyLeftBytes == 0) {
          var _ = channel().close();
        } else {
          refuse(408, "the request did not become complete in time");
        }
      } else if (age > timeouts.idle().toNanos()) {
        var _ = channel().close();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext here) {
    Http1Exchange exchange = current;
    if (exchange != null) {
      exchange.changed();
    }
    here.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext here) {
    Http1Exchange exchange = current;
    current = null;
    if (exchange != null) {
      exchange.finish(false);
    }
    ByteBuf unread = takePending();
    if (unread != null) {
      unread.release();
    }
    here.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
    LOG.debug("a connection of the gateway failed", cause);
    var _ = here.close();
  }
}
