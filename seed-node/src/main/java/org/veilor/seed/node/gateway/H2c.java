package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.AsciiString;
import org.veilor.seed.node.gateway.RequestHead.Version;

/**
 * How a cleartext connection becomes HTTP/2: with prior knowledge, or by {@code Upgrade: h2c} in
 * the first request (RFC 7540 section 3.2). Only in the first one, because a later one could stand
 * behind requests that are not answered yet. Netty's upgrade does the rest.
 */
final class H2c {
  private H2c() {}

  /** Whether a request asks for it properly; else it is answered as if it had not asked. */
  static boolean asksFor(RequestHead head) {
    Fields fields = head.fields();
    return head.version() == Version.HTTP_1_1
        && head.bodyBytes() == 0
        && (head.isGet() || head.isHead())
        && fields.hasToken("Upgrade", "h2c")
        && fields.hasToken("Connection", "Upgrade")
        && fields.hasToken("Connection", "HTTP2-Settings")
        && fields.all("HTTP2-Settings").size() == 1;
  }

  /** Adds what HTTP/2 needs behind the handler of that name. */
  static void addHandlers(ChannelPipeline pipeline, String name, GatewayServer server) {
    Http2Connection guard = new Http2Connection(server);
    pipeline.addAfter(name, "h2", codec(server));
    pipeline.addAfter("h2", "h2-streams", streams(server, guard));
    pipeline.addAfter("h2-streams", "h2-guard", guard);
  }

  private static Http2FrameCodec codec(GatewayServer server) {
    return Http2FrameCodecBuilder.forServer()
        .initialSettings(
            new Http2Settings()
                .maxConcurrentStreams(GatewayLimits.MAX_STREAMS)
                .maxHeaderListSize(GatewayLimits.MAX_HEAD_BYTES)
                .initialWindowSize(GatewayLimits.MAX_DRAINED_BODY_BYTES))
        .gracefulShutdownTimeoutMillis(server.settings().timeouts().slowClient().toMillis())
        .build();
  }

  private static Http2MultiplexHandler streams(GatewayServer server, Http2Connection guard) {
    return new Http2MultiplexHandler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel stream) {
            stream.config().setWriteBufferWaterMark(GatewayServer.WATER_MARK);
            stream.pipeline().addLast(new Http2Stream(server, guard));
          }
        });
  }

  /** Answers 101 and goes on with HTTP/2, or answers over HTTP/1.1 where that fails. */
  static void upgrade(
      Http1Connection connection,
      ChannelHandlerContext context,
      GatewayServer server,
      RequestHead head) {
    ChannelPipeline pipeline = context.pipeline();
    ChannelHandler encoder = new HttpResponseEncoder();
    Http2Connection guard = new Http2Connection(server);
    HttpServerUpgradeHandler upgrade =
        new HttpServerUpgradeHandler(
            _ -> {
              pipeline.remove(encoder);
              pipeline.remove(Fallback.class);
              pipeline.remove(connection);
            },
            protocol ->
                AsciiString.contentEqualsIgnoreCase("h2c", protocol)
                    ? new Http2ServerUpgradeCodec(codec(server), streams(server, guard), guard)
                    : null);
    Fallback fallback = new Fallback(connection, head, encoder, upgrade);
    pipeline.addAfter(context.name(), "h2c-none", fallback);
    pipeline.addAfter(context.name(), "h2c", upgrade);
    pipeline.addAfter(context.name(), "h2c-encoder", encoder);
    // in two parts: Netty looks only at requests that it puts together itself
    context.fireChannelRead(request(head));
    context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    if (pipeline.context(connection) == null) {
      ByteBuf early = connection.takePending();
      if (early != null) {
        pipeline.fireChannelRead(early);
      }
    }
  }

  private static HttpRequest request(RequestHead head) {
    HttpRequest request =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(head.method()), head.target());
    head.fields().forEach((name, value) -> request.headers().add(name, value));
    request.headers().set(HttpConversionUtil.ExtensionHeaderNames.SCHEME.text(), "http");
    return request;
  }

  /** Gets the request where Netty could not upgrade. */
  private static final class Fallback extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Http1Connection connection;
    private final RequestHead head;
    private final ChannelHandler encoder;
    private final ChannelHandler upgrade;

    Fallback(
        Http1Connection connection,
        RequestHead head,
        ChannelHandler encoder,
        ChannelHandler upgrade) {
      this.connection = connection;
      this.head = head;
      this.encoder = encoder;
      this.upgrade = upgrade;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      context.pipeline().remove(encoder);
      context.pipeline().remove(upgrade);
      context.pipeline().remove(this);
      connection.answer(head);
    }
  }
}
