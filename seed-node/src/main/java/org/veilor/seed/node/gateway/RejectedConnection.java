package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/** A connection beyond the limit: is told so, whatever it asks for, and closed. */
final class RejectedConnection extends ChannelInboundHandlerAdapter {
  private static final String BODY =
      "{\"error\":\"overloaded\",\"reason\":\"too many connections are open\",\"cure\":\"try again in"
          + " a moment\"}\n";

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
    String answer =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nCache-Control: no-store\r\n"
            + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
            + BODY.length()
            + "\r\n\r\n"
            + BODY;
    var _ =
        context
            .writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), answer))
            .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
