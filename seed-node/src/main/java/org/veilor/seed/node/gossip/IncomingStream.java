package org.veilor.seed.node.gossip;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.gossip.protocol.FrameReader;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;

/** A stream that a peer sends on. Streams are read independently, whatever happens to others. */
final class IncomingStream implements StreamListener {
  /** Who gets what is read. */
  interface Sink {
    /** Runs something in one turn of the network. */
    void inTurn(Runnable action);

    /**
     * A message came.
     *
     * @param sizeBytes of its frame
     */
    void onMessage(TopicId topic, Message message, int sizeBytes);

    /**
     * The stream breaks the protocol.
     *
     * @param isOver whether it has ended anyway
     */
    void onMalformed(String reason, boolean isOver);
  }

  private final Sink sink;
  private final byte[] buffer;
  private final FrameReader reader = new FrameReader();
  private @Nullable TopicId topic;

  /** The buffer is shared by all streams of an event loop. */
  IncomingStream(Sink sink, byte[] buffer) {
    this.sink = sink;
    this.buffer = buffer;
  }

  @Override
  public void onReadable(PeerStream stream) {
    sink.inTurn(() -> readAll(stream));
  }

  private void readAll(PeerStream stream) {
    while (stream.connection().isOpen()) {
      int count = stream.read(buffer, 0, buffer.length);
      if (count > 0) {
        take(reader.read(buffer, 0, count));
        continue;
      }
      if (count == PeerStream.END) {
        onEnd();
      }
      return; // a reset means nothing, as with Rust nodes
    }
  }

  private void take(List<FrameReader.Event> events) {
    for (FrameReader.Event event : events) {
      switch (event) {
        case FrameReader.Event.Header(TopicId read) -> topic = read;
        case FrameReader.Event.Received(Message message, int sizeBytes) -> {
          if (topic != null) {
            sink.onMessage(topic, message, sizeBytes);
          }
        }
        case FrameReader.Event.Failed(boolean _, String reason) -> sink.onMalformed(reason, false);
      }
    }
  }

  private void onEnd() {
    switch (reader.end()) {
      case COMPLETE, AFTER_FAILURE -> {}
      case BEFORE_HEADER -> sink.onMalformed("a stream ended before its topic", true);
      case INSIDE_FRAME -> sink.onMalformed("a stream ended inside a frame", true);
    }
  }
}
