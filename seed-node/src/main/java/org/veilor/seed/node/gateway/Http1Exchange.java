package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.veilor.seed.node.gateway.RequestHead.Version;

/** An answer over HTTP/1.1 (RFC 9112): with a length, in chunks, or until the connection ends. */
final class Http1Exchange extends Exchange {
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Http1Connection connection;
  private volatile boolean chunked;
  private volatile boolean keepAlive;
  private boolean corked; // of the event loop

  Http1Exchange(Context context, RequestHead head, Http1Connection connection) {
    super(context, head);
    this.connection = connection;
  }

  /** A file that the regions of several ranges share; whoever opened it closes it. */
  private static final class SharedFileRegion extends DefaultFileRegion {
    SharedFileRegion(FileChannel file, ByteRange range) {
      super(file, range.first(), range.lengthBytes());
    }

    @Override
    protected void deallocate() {
      // not ours to close
    }
  }

  @Override
  Channel channel() {
    return connection.channel();
  }

  @Override
  boolean sendsFiles() {
    return true;
  }

  @Override
  void writeHead(int status, Fields fields, long lengthBytes, boolean hasBody) {
    boolean old = head().version() == Version.HTTP_1_0;
    boolean unknown = hasBody && lengthBytes < 0;
    chunked = unknown && !old;
    keepAlive = head().keepAlive() && !(unknown && old) && !context().draining().getAsBoolean();
    StringBuilder text = new StringBuilder(512);
    text.append("HTTP/1.1 ").append(status).append(' ');
    text.append(HttpResponseStatus.valueOf(status).reasonPhrase()).append("\r\n");
    fields.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    if (chunked) {
      text.append("Transfer-Encoding: chunked\r\n");
    } else if (lengthBytes >= 0 && status != 304 && status != 204) {
      text.append("Content-Length: ").append(lengthBytes).append("\r\n");
    }
    if (!fields.has("Date")) {
      text.append("Date: ").append(HttpDate.now()).append("\r\n");
    }
    if (!keepAlive) {
      text.append("Connection: close\r\n");
    } else if (old) {
      text.append("Connection: keep-alive\r\n");
    }
    text.append("\r\n");
    ByteBuf head = channel().alloc().directBuffer(text.length());
    head.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    var _ = channel().write(head);
  }

  @Override
  ChannelFuture write(ByteBuf data) {
    if (!chunked) {
      return channel().write(data);
    }
    if (!data.isReadable()) {
      return channel().write(data); // an empty chunk would be the last one
    }
    ByteBuf size = channel().alloc().directBuffer(16);
    ByteBufUtil.writeAscii(size, Integer.toHexString(data.readableBytes()) + "\r\n");
    ByteBuf end = Unpooled.wrappedBuffer(LAST_CHUNK, 1, 2);
    return channel().write(Unpooled.wrappedBuffer(size, data, end));
  }

  @Override
  ChannelFuture writeFile(FileChannel file, ByteRange range) {
    if (chunked) {
      throw new IllegalStateException("a file has a length");
    }
    cork(true);
    return channel().write(new SharedFileRegion(file, range));
  }

  /** While corked, the kernel waits for full packets: the head need not go in one of its own. */
  private void cork(boolean on) {
    if (on != corked && channel() instanceof EpollSocketChannel tcp && tcp.isOpen()) {
      corked = on;
      tcp.config().setTcpCork(on);
    }
  }

  @Override
  ChannelFuture writeEnd(boolean hasBody) {
    ByteBuf end = chunked ? Unpooled.wrappedBuffer(LAST_CHUNK) : Unpooled.EMPTY_BUFFER;
    ChannelFuture written = channel().writeAndFlush(end);
    written.addListener(future -> {
      if (future.isSuccess()) {
        cork(false);
        connection.answered(this, keepAlive);
      } else {
        // for instance a file that has become shorter under sendfile
        abort();
      }
    });
    return written;
  }

  /** Resets the connection: without a length, its end would look like that of the answer. */
  @Override
  void abort() {
    resetAndClose(channel());
    finish(false);
  }

  /** On the channel's loop, since elsewhere it may close between the question and the option. */
  static void resetAndClose(Channel channel) {
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(() -> resetAndClose(channel));
      return;
    }
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    var _ = channel.close();
  }
}
