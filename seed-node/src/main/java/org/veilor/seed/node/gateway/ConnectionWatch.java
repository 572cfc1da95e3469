package org.veilor.seed.node.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/**
 * First in every pipeline: counts the connection, looks at the clock for it, and cuts a client that
 * takes nothing. Progress is what the kernel has taken, also of a file in the middle of sendfile.
 */
final class ConnectionWatch extends ChannelInboundHandlerAdapter {
  private final GatewayServer server;
  private @Nullable ScheduledFuture<?> ticks;
  private @Nullable Object lastMessage;
  private long lastProgress;
  private long lastChangeNanos;
  private long lastTickNanos = System.nanoTime();

  ConnectionWatch(GatewayServer server) {
    this.server = server;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    long tick = server.tickNanos();
    ticks =
        context
            .executor()
            .scheduleWithFixedDelay(() -> tick(context), tick, tick, TimeUnit.NANOSECONDS);
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ScheduledFuture<?> running = ticks;
    if (running != null) {
      running.cancel(false);
      ticks = null;
      server.metrics().disconnected();
    }
    context.fireChannelInactive();
  }

  private void tick(ChannelHandlerContext context) {
    long now = System.nanoTime();
    boolean late = now - lastTickNanos > 4 * server.tickNanos();
    lastTickNanos = now;
    if (late) {
      return; // this thread was held up: what the client did meanwhile has not been looked at yet
    }
    Channel channel = context.channel();
    if (isStuck(channel, now)) {
      server.metrics().cut(Cut.SLOW_CLIENT);
      Http1Exchange.resetAndClose(channel);
      return;
    }
    Http1Connection http1 = channel.pipeline().get(Http1Connection.class);
    if (http1 != null) {
      http1.tick(now);
      return;
    }
    ChannelHandlerContext http2 = channel.pipeline().context(Http2Connection.class);
    if (http2 != null && http2.handler() instanceof Http2Connection connection) {
      connection.tick(http2, now);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same message, not one like it
  private boolean isStuck(Channel channel, long nowNanos) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    Object message = buffer == null ? null : buffer.current();
    long progress = buffer == null || message == null ? 0 : buffer.currentProgress();
    if (message == null || message != lastMessage || progress != lastProgress) {
      lastMessage = message;
      lastProgress = progress;
      lastChangeNanos = nowNanos;
      return false;
    }
    return nowNanos - lastChangeNanos > server.settings().timeouts().slowClient().toNanos();
  }
}
