package org.veilor.seed.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the control API: takes requests off the event loop and writes the answers. */
final class ControlConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ControlHandler handler;
  private final Executor requests;
  private final Semaphore permits;

  ControlConnection(ControlHandler handler, Executor requests, Semaphore permits) {
    this.handler = handler;
    this.requests = requests;
    this.permits = permits;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest http) {
    Answer answer = new Answer(context, HttpUtil.isKeepAlive(http));
    byte[] body = ByteBufUtil.getBytes(http.content());
    QueryStringDecoder query = new QueryStringDecoder(http.uri());
    boolean bad = http.decoderResult().isFailure();
    String method = http.method().name();
    if (!permits.tryAcquire()) {
      answer.error(
          new ControlException(
              ControlException.Kind.BUSY, "too many requests at once; try again in a moment"));
      return;
    }
    try {
      requests.execute(() -> {
        try {
          if (bad) {
            throw new ControlException(ControlException.Kind.USAGE, "the request is not HTTP");
          }
          work(new ControlRequest(method, query.path(), query.parameters(), parse(body)), answer);
        } catch (ControlException e) {
          answer.error(e);
        } catch (IllegalArgumentException e) {
          answer.error(
              new ControlException(
                  ControlException.Kind.USAGE, "the address is malformed: " + e.getMessage()));
        } finally {
          permits.release();
        }
      });
    } catch (RejectedExecutionException e) {
      permits.release();
      answer.error(new ControlException(ControlException.Kind.BUSY, "the daemon is stopping"));
    }
  }

  private static JsonNode parse(byte[] body) throws ControlException {
    if (body.length == 0) {
      return JSON.createObjectNode();
    }
    try {
      JsonNode node = JSON.readTree(body);
      if (node instanceof ObjectNode) {
        return node;
      }
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.USAGE, "the body is not JSON: " + firstLine(e.getMessage()));
    }
    throw new ControlException(ControlException.Kind.USAGE, "the body must be a JSON object");
  }

  private static String firstLine(@org.jspecify.annotations.Nullable String text) {
    return String.valueOf(text).lines().findFirst().orElse("");
  }

  private void work(ControlRequest request, Answer answer) {
    try {
      handler.handle(request, answer);
      answer.end();
    } catch (ControlException e) {
      answer.error(e);
    } catch (IOException e) {
      // The disk failed, or the client has gone, which then cannot be told.
      LOG.debug("{} {} failed", request.method(), request.path(), e);
      answer.error(
          new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("a bug in {} {}", request.method(), request.path(), e);
      answer.error(
          new ControlException(
              ControlException.Kind.FAILED,
              "internal error; the log of the daemon has more: " + e));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection of the control API failed", cause);
    var _ = context.close();
  }

  /** Writes one answer; lines are sent in pieces, each waited for. */
  private static final class Answer implements ControlAnswer {
    private final ChannelHandlerContext context;
    private final boolean keepAlive;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean streaming;
    private boolean ended;

    Answer(ChannelHandlerContext context, boolean keepAlive) {
      this.context = context;
      this.keepAlive = keepAlive;
    }

    @Override
    public void json(JsonNode value) throws IOException {
      full(HttpResponseStatus.OK, value);
    }

    @Override
    public void line(JsonNode value) throws IOException {
      waiting.write(JSON.writeValueAsBytes(value));
      waiting.write('\n');
      if (waiting.size() >= ControlLimits.FLUSH_BYTES) {
        flush();
      }
    }

    @Override
    public void flush() throws IOException {
      if (!streaming) {
        streaming = true;
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/x-ndjson");
        HttpUtil.setTransferEncodingChunked(head, true);
        HttpUtil.setKeepAlive(head, keepAlive);
        var _ = context.write(head);
      }
      if (waiting.size() > 0) {
        ByteBuf bytes = Unpooled.wrappedBuffer(waiting.toByteArray());
        waiting.reset();
        await(context.writeAndFlush(new DefaultHttpContent(bytes)));
      }
    }

    private static void await(ChannelFuture future) throws IOException {
      future.awaitUninterruptibly();
      if (!future.isSuccess()) {
        throw new IOException("the client has gone", future.cause());
      }
    }

    void end() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      flush();
      finish(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }

    void error(ControlException e) {
      ObjectNode node = JSON.createObjectNode();
      node.put("error", e.getMessage());
      node.put("kind", e.kind().word());
      try {
        if (streaming || waiting.size() > 0) {
          line(node);
          end();
        } else if (!ended) {
          full(HttpResponseStatus.valueOf(e.kind().status()), node);
        }
      } catch (IOException gone) {
        LOG.debug("an error could not be told, the client has gone", gone);
      }
    }

    private void full(HttpResponseStatus status, JsonNode value) throws JsonProcessingException {
      ended = true;
      byte[] body =
          (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n")
              .getBytes(java.nio.charset.StandardCharsets.UTF_8);
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
      HttpUtil.setContentLength(response, body.length);
      HttpUtil.setKeepAlive(response, keepAlive);
      finish(context.writeAndFlush(response));
    }

    private void finish(ChannelFuture future) {
      if (!keepAlive) {
        future.addListener(ChannelFutureListener.CLOSE);
      }
    }
  }
}
