package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.gossip.protocol.FrameReader;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;
import org.veilor.seed.quic.connection.TransportConfig;

/** A peer that writes bytes by hand, and reads them or not. */
final class RawPeer implements AutoCloseable {
  /** A stream that the node opened. */
  static final class Incoming implements StreamListener {
    final PeerStream stream;
    final List<FrameReader.Event> events = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> first = new CompletableFuture<>();
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final FrameReader reader = new FrameReader();
    private final boolean reads;

    Incoming(PeerStream stream, boolean reads) {
      this.stream = stream;
      this.reads = reads;
    }

    @Override
    public void onReadable(PeerStream s) {
      byte[] buffer = new byte[8192];
      for (int count = 1; reads && count > 0; ) {
        count = s.read(buffer, 0, buffer.length);
        if (count > 0) {
          events.addAll(reader.read(buffer, 0, count));
        } else if (count == PeerStream.END) {
          ended.complete(null);
        }
      }
      if (events.size() >= 2 || !reads) {
        first.complete(null);
      }
    }

    List<Message> messages() {
      List<Message> messages = new ArrayList<>();
      for (FrameReader.Event event : events) {
        if (event instanceof FrameReader.Event.Received(Message message, int _)) {
          messages.add(message);
        }
      }
      return messages;
    }
  }

  final IrohEndpoint endpoint;
  final PeerConnection connection;
  private final List<Incoming> incoming = new ArrayList<>();

  private RawPeer(IrohEndpoint endpoint, PeerConnection connection, boolean reads) {
    this.endpoint = endpoint;
    this.connection = connection;
    connection.onStream(stream -> onStream(stream, reads));
  }

  private synchronized void onStream(PeerStream stream, boolean reads) {
    Incoming each = new Incoming(stream, reads);
    incoming.add(each);
    stream.listen(each);
    notifyAll();
  }

  /** Connects to a node. */
  static RawPeer connect(int keyNumber, EndpointAddr to, boolean reads) throws IOException {
    TransportConfig defaults = TransportConfig.defaults();
    IrohEndpoint endpoint =
        IrohEndpoint.builder(TestNode.key(keyNumber))
            .bind(TestNode.loopback())
            .transport(defaults.withStreams(defaults.streams().withWindows(16_384, 16_384)))
            .accept(GossipLimits.ALPN, connection -> {})
            .start();
    PeerConnection connection =
        endpoint.connect(to, GossipLimits.ALPN).orTimeout(40, SECONDS).join();
    return new RawPeer(endpoint, connection, reads);
  }

  /** The index-th stream that the node opened. */
  synchronized Incoming incoming(int index) throws InterruptedException {
    long end = System.nanoTime() + SECONDS.toNanos(40);
    while (incoming.size() <= index) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError("only " + incoming.size() + " streams were opened");
      }
      wait(millis);
    }
    return incoming.get(index);
  }

  /** Opens a stream and writes bytes, in one piece. */
  PeerStream write(byte[]... parts) {
    PeerStream stream = connection.openUnidirectional().orTimeout(40, SECONDS).join();
    more(stream, parts);
    return stream;
  }

  void more(PeerStream stream, byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    stream.onLoop(() -> stream.write(all.toByteArray(), 0, all.size()));
  }

  /** Opens a stream of a topic with a message. */
  PeerStream send(TopicId topic, Message message) {
    return write(FrameWriter.header(topic), FrameWriter.message(message).orElseThrow());
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
