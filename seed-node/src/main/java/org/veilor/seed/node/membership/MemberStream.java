package org.veilor.seed.node.membership;

import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/** Joins a {@link MemberExchange} to its stream. On the event loop. */
final class MemberStream implements StreamListener {
  private static final Logger LOG = LoggerFactory.getLogger(MemberStream.class);

  /** Code of a stream that was refused; says nothing of why. */
  private static final long REFUSED = 1;

  private static final int READ_BYTES = 1024;

  private final MemberExchange exchange;
  private final Consumer<Set<ServiceKey.Group>> proved;
  private byte[] toWrite = new byte[0];
  private int written;
  private boolean isWriting;
  private boolean isOver;

  /**
   * An exchange that has begun.
   *
   * @param proved told once at most, of what the other one proved
   */
  MemberStream(MemberExchange exchange, Consumer<Set<ServiceKey.Group>> proved) {
    this.exchange = exchange;
    this.proved = proved;
  }

  /** Sends all that this side has to say. */
  void say(PeerStream stream, byte[] message) {
    toWrite = message;
    isWriting = true;
    onWritable(stream);
  }

  @Override
  public void onWritable(PeerStream stream) {
    int room = isWriting ? Math.min(stream.writableBytes(), toWrite.length - written) : 0;
    if (room > 0) {
      stream.write(toWrite, written, room); // nobody else has the array
      written += room;
    }
    if (isWriting && written == toWrite.length) {
      isWriting = false;
      stream.finish();
    }
  }

  @Override
  public void onReadable(PeerStream stream) {
    byte[] buffer = new byte[READ_BYTES];
    while (!isOver) {
      int count = stream.read(buffer, 0, buffer.length);
      if (count == 0) {
        return;
      }
      if (count > 0) {
        take(stream, exchange.received(buffer, 0, count, System.nanoTime()));
      } else if (count == PeerStream.END) {
        isOver = true;
        take(stream, exchange.ended(System.nanoTime()));
      } else {
        isOver = true;
        proved.accept(Set.of());
      }
    }
  }

  /** Looks at the time. */
  void checkTime(PeerStream stream) {
    take(stream, exchange.at(System.nanoTime()));
  }

  private void take(PeerStream stream, MemberExchange.Output output) {
    switch (output) {
      case MemberExchange.Output.Wait _ -> {}
      case MemberExchange.Output.Answer(byte[] message, var members) -> {
        proved.accept(members);
        say(stream, message);
      }
      case MemberExchange.Output.Done(var members) -> proved.accept(members);
      case MemberExchange.Output.Refuse(String why) -> {
        LOG.debug("a proof from {} is refused: {}", stream.connection().remoteId(), why);
        isOver = true;
        isWriting = false;
        stream.stopSending(REFUSED);
        stream.reset(REFUSED);
        proved.accept(Set.of());
      }
    }
  }

  @Override
  public void onConnectionClosed(PeerStream stream) {
    if (!isOver) {
      isOver = true;
      proved.accept(Set.of());
    }
  }

  /** What the other end of a connection has to prove. */
  static MembershipProof proofOf(PeerStream stream, EndpointId self) {
    byte[] exporter =
        stream
            .connection()
            .exportKeyingMaterial(
                MembershipProof.EXPORTER_LABEL, new byte[0], MembershipProof.EXPORTER_BYTES);
    return new MembershipProof(stream.connection().remoteId(), self, exporter);
  }
}
