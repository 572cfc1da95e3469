package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.channels.FileChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An answer on a stream of HTTP/2. */
final class Http2Exchange extends Exchange {
  private final Channel stream;
  private volatile @Nullable ChannelFuture headOnly;

  Http2Exchange(Context context, RequestHead head, Channel stream) {
    super(context, head);
    this.stream = stream;
  }

  @Override
  Channel channel() {
    return stream;
  }

  @Override
  boolean sendsFiles() {
    return false;
  }

  @Override
  void writeHead(int status, Fields fields, long lengthBytes, boolean hasBody) {
    Http2Headers headers = new DefaultHttp2Headers().status(Integer.toString(status));
    fields.forEach((name, value) -> headers.add(name.toLowerCase(Locale.ROOT), value));
    if (lengthBytes >= 0 && status != 304 && status != 204) {
      headers.setLong("content-length", lengthBytes);
    }
    if (!fields.has("Date")) {
      headers.set("date", HttpDate.now());
    }
    ChannelFuture written = stream.write(new DefaultHttp2HeadersFrame(headers, !hasBody));
    if (!hasBody) {
      headOnly = written;
      written.addListener(future -> ended(future.isSuccess()));
    }
  }

  @Override
  ChannelFuture write(ByteBuf data) {
    return stream.write(new DefaultHttp2DataFrame(data, false));
  }

  @Override
  ChannelFuture writeFile(FileChannel file, ByteRange range) {
    throw new IllegalStateException("files must be put into frames");
  }

  @Override
  ChannelFuture writeEnd(boolean hasBody) {
    ChannelFuture alone = headOnly;
    if (alone != null) {
      stream.flush();
      return alone;
    }
    ChannelFuture written =
        stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
    written.addListener(future -> ended(future.isSuccess()));
    return written;
  }

  /** A client that still sends a body is told to stop (RFC 9113 section 8.1). */
  private void ended(boolean complete) {
    finish(complete);
    if (stream.isOpen()) {
      var _ = stream.close();
    }
  }

  @Override
  void abort() {
    if (stream.isActive()) {
      var _ = stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    }
    finish(false);
  }
}
