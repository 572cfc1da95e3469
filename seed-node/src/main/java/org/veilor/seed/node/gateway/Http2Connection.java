package org.veilor.seed.node.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP/2 connection behind its codec: closes it when it has been idle, or when all is over. */
final class Http2Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

  private final GatewayServer server;
  private int streams;
  private long sinceNanos = System.nanoTime();
  private boolean closing;

  Http2Connection(GatewayServer server) {
    this.server = server;
  }

  /** A stream of the connection has begun to be answered. */
  void streamOpened() {
    streams++;
  }

  /** It is over. */
  void streamClosed() {
    streams--;
    sinceNanos = System.nanoTime();
  }

  /** Looks at the clock, every now and then. */
  void tick(ChannelHandlerContext context, long nowNanos) {
    if (streams == 0 && nowNanos - sinceNanos > server.settings().timeouts().idle().toNanos()) {
      drain(context);
    }
  }

  /** Sends GOAWAY and closes when the streams that are open have ended (RFC 9113 section 6.8). */
  void drain(ChannelHandlerContext context) {
    if (!closing) {
      closing = true;
      var _ = context.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message); // frames of the connection that nobody needs
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("an HTTP/2 connection of the gateway failed", cause);
    var _ = context.close();
  }
}
