package org.veilor.seed.node.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.gateway.RequestHeadParser.Parsed;

/** One stream of HTTP/2: one request, one answer (RFC 9113 section 8). */
final class Http2Stream extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Stream.class);

  private final GatewayServer server;
  private final Http2Connection connection;
  private @Nullable Http2Exchange exchange;
  private long bodyBytes;

  Http2Stream(GatewayServer server, Http2Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    connection.streamOpened();
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof Http2HeadersFrame headers && exchange == null) {
        request(context, headers.headers());
      } else if (message instanceof Http2DataFrame data) {
        bodyBytes += data.initialFlowControlledBytes();
        if (bodyBytes > GatewayLimits.MAX_DRAINED_BODY_BYTES) {
          var _ = context.close();
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void request(ChannelHandlerContext context, Http2Headers headers) {
    Fields fields = new Fields();
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      if (field.getKey().length() > 0 && field.getKey().charAt(0) != ':') {
        fields.add(field.getKey().toString(), field.getValue().toString());
      }
    }
    Parsed parsed =
        RequestHeadParser.http2(
            text(headers.method()), text(headers.path()), text(headers.authority()), fields);
    switch (parsed) {
      case Parsed.Good(RequestHead head) -> {
        Http2Exchange started = new Http2Exchange(server.exchanges(), head, context.channel());
        exchange = started;
        server.requests().handle(started);
      }
      case Parsed.Bad(int status, String reason) -> {
        server.metrics().malformedRequest();
        RequestHead head =
            new RequestHead("GET", "(malformed)", RequestHead.Version.HTTP_2, fields, 0, true);
        Http2Exchange started = new Http2Exchange(server.exchanges(), head, context.channel());
        exchange = started;
        started.route("malformed");
        started.send(Errors.answer(status, reason));
      }
      case Parsed.Http2Preface() -> throw new IllegalStateException("no preface in a stream");
    }
  }

  private static @Nullable String text(@Nullable CharSequence sequence) {
    return sequence == null ? null : sequence.toString();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Http2Exchange started = exchange;
    if (started != null) {
      started.changed();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.streamClosed();
    Http2Exchange started = exchange;
    if (started != null) {
      started.finish(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a stream of the gateway failed", cause);
    var _ = context.close();
  }
}
