package org.veilor.seed.gossip.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Takes the bytes of one stream in slices of any length and yields its topic, then its messages
 * (iroh-gossip {@code net/util.rs:114-154, 336-392}).
 *
 * <p>It holds one incomplete frame at most. A length is checked before anything is allocated, and
 * what is allocated is never more than {@link GossipLimits#MAX_RECEIVED_FRAME_BYTES}. One thread
 * may use a reader at a time.
 */
public final class FrameReader {
  /** What the bytes mean. */
  public sealed interface Event {
    /** The topic of all messages of this stream; always the first event, unless it fails. */
    record Header(TopicId topic) implements Event {}

    /**
     * A message.
     *
     * @param sizeBytes of its frame, with the length in front
     */
    record Received(Message message, int sizeBytes) implements Event {}

    /**
     * The last event: this stream breaks the protocol, and further bytes of it are ignored. Do not
     * stop a Rust node's stream because of it, which would silence that node in all topics; ignore
     * the stream, or close the connection.
     *
     * @param beforeHeader whether not even the topic is known
     */
    record Failed(boolean beforeHeader, String reason) implements Event {}
  }

  /** What the end of a stream means. */
  public enum End {
    /** Nothing is missing. An incomplete length counts as nothing, as with Rust nodes. */
    COMPLETE,
    /** There never was a topic: a Rust node would read no more of the connection. */
    BEFORE_HEADER,
    /** The last frame is incomplete; the messages before it count. */
    INSIDE_FRAME,
    /** It has failed before. */
    AFTER_FAILURE
  }

  private static final byte[] NOTHING = new byte[0];

  private final byte[] lengthBytes = new byte[FrameWriter.LENGTH_BYTES];
  private int lengthFilled;
  private int frameLength;
  private byte[] frame = NOTHING;
  private int frameFilled;
  private boolean headerRead;
  private boolean failed;

  /** Creates the reader of a new stream. */
  public FrameReader() {}

  /** Reads a slice; the array can be used again afterwards. */
  public List<Event> read(byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    List<Event> events = new ArrayList<>();
    int position = offset;
    int end = offset + length;
    while (position < end && !failed) {
      if (lengthFilled < lengthBytes.length) {
        lengthBytes[lengthFilled++] = data[position++];
        if (lengthFilled == lengthBytes.length) {
          startFrame(events);
        }
      } else {
        position += readBody(data, position, end - position, events);
      }
    }
    return events;
  }

  private void startFrame(List<Event> events) {
    int declared = 0;
    for (byte part : lengthBytes) {
      declared = declared << 8 | (part & 0xff);
    }
    if (declared < 0 || declared > GossipLimits.MAX_RECEIVED_FRAME_BYTES) {
      fail("a frame of " + Integer.toUnsignedString(declared) + " bytes", events);
      return;
    }
    frameLength = declared;
    if (declared == 0) {
      fail("an empty frame", events);
    }
  }

  /** A frame that lies in the slice as a whole is not copied. */
  private int readBody(byte[] data, int offset, int available, List<Event> events) {
    if (frameFilled == 0 && available >= frameLength) {
      finishFrame(data, offset, events);
      return frameLength;
    }
    if (frameFilled == 0) {
      frame = new byte[frameLength];
    }
    int taken = Math.min(available, frameLength - frameFilled);
    System.arraycopy(data, offset, frame, frameFilled, taken);
    frameFilled += taken;
    if (frameFilled == frameLength) {
      byte[] whole = frame;
      frame = NOTHING;
      finishFrame(whole, 0, events);
    }
    return taken;
  }

  private void finishFrame(byte[] data, int offset, List<Event> events) {
    lengthFilled = 0;
    frameFilled = 0;
    if (!headerRead) {
      readHeader(data, offset, events);
      return;
    }
    try {
      Message message = MessageCodec.decode(data, offset, frameLength);
      events.add(new Event.Received(message, FrameWriter.LENGTH_BYTES + frameLength));
    } catch (MalformedException e) {
      fail("a message is malformed " + e.getMessage(), events);
    }
  }

  /** What follows the topic in the header frame is ignored. */
  private void readHeader(byte[] data, int offset, List<Event> events) {
    if (frameLength < TopicId.LENGTH) {
      fail("a header of " + frameLength + " bytes", events);
      return;
    }
    byte[] topic = new byte[TopicId.LENGTH];
    System.arraycopy(data, offset, topic, 0, topic.length);
    headerRead = true;
    events.add(new Event.Header(TopicId.of(topic)));
  }

  private void fail(String reason, List<Event> events) {
    failed = true;
    frame = NOTHING;
    events.add(new Event.Failed(!headerRead, reason));
  }

  /** What it means if the stream ends here. */
  public End end() {
    if (failed) {
      return End.AFTER_FAILURE;
    }
    if (!headerRead) {
      return End.BEFORE_HEADER;
    }
    return lengthFilled == lengthBytes.length ? End.INSIDE_FRAME : End.COMPLETE;
  }
}
