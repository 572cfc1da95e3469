package org.veilor.seed.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/** Any bytes on the control socket: each whole request has an answer, and none is a bug. */
class ControlFuzzTest {
  /** Counts the requests that reach the connection. */
  private static final class Counter extends ChannelInboundHandlerAdapter {
    private int requests;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      requests++;
      context.fireChannelRead(message);
    }
  }

  @FuzzTest
  void eachRequestHasAnAnswer(byte[] input) {
    Counter counter = new Counter();
    Semaphore permits = new Semaphore(1);
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new HttpServerCodec(),
            new HttpObjectAggregator(ControlLimits.MAX_BODY_BYTES),
            counter,
            new ControlConnection(ControlFuzzTest::echo, Runnable::run, permits));
    channel.writeInbound(Unpooled.wrappedBuffer(input));
    StringBuilder answers = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      answers.append(out.toString(StandardCharsets.UTF_8));
      out.release();
    }
    assertThat(counter.requests == 0 || answers.indexOf("HTTP/1.1 ") == 0).isTrue();
    assertThat(answers.indexOf("internal error")).isNegative();
    assertThat(permits.availablePermits()).isEqualTo(1);
    channel.finishAndReleaseAll();
  }

  private static void echo(ControlRequest request, ControlAnswer answer)
      throws IOException, ControlException {
    String path = request.path();
    if (path.isEmpty()) {
      throw new ControlException(ControlException.Kind.USAGE, "no path");
    }
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("path", path).put("q", request.parameter("q")).set("body", request.body());
    if (path.startsWith("/lines")) {
      answer.line(node);
      answer.line(node);
    } else {
      answer.json(node);
    }
  }
}
