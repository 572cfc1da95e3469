package org.veilor.seed.gossip.protocol;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The frames of a stream: a length as four bytes, big endian, then that many bytes (iroh-gossip
 * {@code net/util.rs:380}). A stream begins with the header frame; write it together with the first
 * message, because a Rust node reads nothing else of the connection until it has the header.
 */
public final class FrameWriter {
  /** Bytes of a length. */
  public static final int LENGTH_BYTES = 4;

  private FrameWriter() {}

  /** The first frame of a stream, 36 bytes. */
  public static byte[] header(TopicId topic) {
    return frame(topic.toBytes());
  }

  /**
   * The frame of a message.
   *
   * @return nothing if the message takes more than {@link GossipLimits#MAX_SENT_FRAME_BYTES}: a
   *     Rust node that tried to pass it on would fall silent
   */
  public static Optional<byte[]> message(Message message) {
    byte[] payload = MessageCodec.encode(message);
    return payload.length > GossipLimits.MAX_SENT_FRAME_BYTES
        ? Optional.empty()
        : Optional.of(frame(payload));
  }

  private static byte[] frame(byte[] payload) {
    return ByteBuffer.allocate(LENGTH_BYTES + payload.length)
        .putInt(payload.length)
        .put(payload)
        .array();
  }
}
