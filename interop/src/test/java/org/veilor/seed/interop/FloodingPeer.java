package org.veilor.seed.interop;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;
import org.veilor.seed.node.config.PeerText;

/** An endpoint that writes frames of gossip by hand, as fast as they are taken. */
final class FloodingPeer implements AutoCloseable {
  private final IrohEndpoint endpoint;
  private final PeerConnection connection;
  private final OutputStream out;

  /** Connects to a daemon and opens a stream of a topic. */
  FloodingPeer(SecretKey key, Daemon to, TopicId topic) throws IOException {
    endpoint =
        IrohEndpoint.builder(key)
            .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
            .start();
    connection =
        endpoint
            .connect(PeerText.parse(to.target()), GossipLimits.ALPN)
            .orTimeout(100, TimeUnit.SECONDS)
            .join();
    connection.onStream(stream -> stream.onLoop(() -> stream.listen(new Swallow())));
    out =
        new BlockingStream(connection.openUnidirectional().orTimeout(100, TimeUnit.SECONDS).join())
            .output();
    out.write(FrameWriter.header(topic));
  }

  /** Reads what comes, and forgets it. */
  private static final class Swallow implements StreamListener {
    private final byte[] buffer = new byte[8192];

    @Override
    public void onReadable(PeerStream stream) {
      int count = stream.read(buffer, 0, buffer.length);
      while (count > 0) {
        count = stream.read(buffer, 0, buffer.length);
      }
    }
  }

  /** Says something to everybody in the topic; waits until the daemon takes it. */
  void say(byte[] content) throws IOException {
    say(content, new DeliveryScope.Swarm(0));
  }

  /** Says something that is not to be passed on; gossip delivers it however often it comes. */
  void tell(byte[] content) throws IOException {
    say(content, new DeliveryScope.Neighbors());
  }

  private void say(byte[] content, DeliveryScope scope) throws IOException {
    Message message = new Message.Gossip(Blake3Hasher.hash(content), content, scope);
    write(FrameWriter.message(message).orElseThrow());
  }

  /** Writes bytes, whatever they are. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Waits until the daemon has closed the connection. */
  void awaitClosed() {
    connection.closed().orTimeout(100, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
