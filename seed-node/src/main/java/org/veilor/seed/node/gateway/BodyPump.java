package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/**
 * Carries a body from its sources to a client, on a virtual thread of its own. It holds one piece
 * in memory: while the client does not read, nothing is read from the source, whose own flow
 * control then holds back the peers. It gives up on clients that take nothing and on sources that
 * yield nothing for too long.
 */
final class BodyPump implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(BodyPump.class);

  private final Exchange exchange;
  private final Answer answer;
  private final byte[] piece = new byte[GatewayLimits.PIECE_BYTES];
  private long sentBytes;

  BodyPump(Exchange exchange, Answer answer) {
    this.exchange = exchange;
    this.answer = answer;
  }

  @Override
  public void run() {
    Body body = answer.body();
    try {
      PatientReader patience = new PatientReader(exchange);
      if (!exchange.isOpen()) {
        throw new TransferStoppedException(Cut.CLIENT_GONE, "the client has gone");
      }
      exchange.writeHead(answer.status(), answer.fields(), body.lengthBytes(), true);
      for (Piece next : body.pieces()) {
        send(next, patience);
      }
      if (body.lengthBytes() >= 0 && sentBytes != body.lengthBytes()) {
        throw new EOFException(sentBytes + " bytes came instead of " + body.lengthBytes());
      }
      awaitWritten(exchange.writeEnd(true));
    } catch (TransferStoppedException e) {
      LOG.debug("{} cut: {}", exchange.head().target(), e.getMessage());
      exchange.cut(e.why());
    } catch (IOException e) {
      LOG.info("{} cut after {} bytes: {}", exchange.head().target(), sentBytes, e.getMessage());
      exchange.cut(Cut.FAILED);
    } catch (RuntimeException e) {
      LOG.error("a bug while sending {}", exchange.head().target(), e);
      exchange.cut(Cut.FAILED);
    } finally {
      body.onRelease().run();
    }
  }

  private void send(Piece next, PatientReader patience)
      throws IOException, TransferStoppedException {
    switch (next) {
      case Piece.Bytes(ByteBuffer bytes) -> write(Unpooled.wrappedBuffer(bytes), patience);
      case Piece.FilePart(FileChannel file, ByteRange range) -> sendFile(file, range, patience);
      case Piece.Stream(ByteSource source) -> {
        try (source) {
          sendStream(source, patience);
        }
      }
    }
  }

  private void sendFile(FileChannel file, ByteRange range, PatientReader patience)
      throws IOException, TransferStoppedException {
    long position = range.first();
    while (position < range.until()) {
      int length = (int) Math.min(GatewayLimits.PIECE_BYTES, range.until() - position);
      ByteBuf data = exchange.channel().alloc().directBuffer(length);
      int count = data.writeBytes(file, position, length);
      if (count <= 0) {
        data.release();
        throw new EOFException("the file has become shorter");
      }
      write(data, patience);
      position += count;
    }
  }

  private void sendStream(ByteSource source, PatientReader patience)
      throws IOException, TransferStoppedException {
    int count = patience.read(source, piece, 0, piece.length);
    while (count >= 0) {
      write(exchange.channel().alloc().directBuffer(count).writeBytes(piece, 0, count), patience);
      // read only what the client has room for, so that its slowness reaches the source
      patience.awaitWritable();
      count = patience.read(source, piece, 0, piece.length);
    }
  }

  private void write(ByteBuf data, PatientReader patience) throws TransferStoppedException {
    int length = data.readableBytes();
    boolean writable = false;
    try {
      patience.awaitWritable();
      writable = true;
    } finally {
      if (!writable) {
        data.release();
      }
    }
    var _ = exchange.write(data);
    exchange.flush();
    sentBytes += length;
    exchange.context().metrics().sent(answer.source(), length);
  }

  private void awaitWritten(ChannelFuture end) throws TransferStoppedException {
    Thread thread = Thread.currentThread();
    end.addListener(_ -> LockSupport.unpark(thread));
    long limitNanos = exchange.context().settings().timeouts().slowClient().toNanos();
    long mark = exchange.channel().bytesBeforeUnwritable();
    long startNanos = System.nanoTime();
    while (!end.isDone()) {
      LockSupport.parkNanos(this, limitNanos);
      long now = exchange.channel().bytesBeforeUnwritable();
      if (now != mark) {
        mark = now;
        startNanos = System.nanoTime();
      }
      if (!end.isDone() && System.nanoTime() - startNanos >= limitNanos) {
        throw new TransferStoppedException(Cut.SLOW_CLIENT, "the client leaves the last bytes");
      }
    }
    if (!end.isSuccess()) {
      throw new TransferStoppedException(Cut.CLIENT_GONE, "the client has gone");
    }
  }
}
