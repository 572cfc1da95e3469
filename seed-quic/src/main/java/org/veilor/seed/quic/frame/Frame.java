package org.veilor.seed.quic.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * A frame, RFC 9000 §19 and RFC 9221. Numbers are variable-length integers, in {@code [0, 2^62)}.
 *
 * <p>The surprising choice: the data of CRYPTO, STREAM and DATAGRAM frames that were read is a
 * slice of the packet and valid only during the call that delivers it; whoever keeps it copies it.
 */
@SuppressWarnings(
    "ArrayRecordComponent") // equality by content is defined where a record has an array
public sealed interface Frame {
  /** The frame type on the wire, flags included. */
  long type();

  /** RFC 9000 §13.2.1: all frames other than ACK, PADDING, and CONNECTION_CLOSE. */
  default boolean isAckEliciting() {
    return true;
  }

  /** RFC 9000 §9.1: PATH_CHALLENGE, PATH_RESPONSE, NEW_CONNECTION_ID and PADDING. */
  default boolean isProbing() {
    return false;
  }

  /** A run of {@code length} PADDING frames. */
  record Padding(int length) implements Frame {
    @Override
    public long type() {
      return 0x00;
    }

    @Override
    public boolean isAckEliciting() {
      return false;
    }

    @Override
    public boolean isProbing() {
      return true;
    }
  }

  /** Only wants an acknowledgement. */
  record Ping() implements Frame {
    @Override
    public long type() {
      return 0x01;
    }
  }

  /**
   * Packets received.
   *
   * @param largest the largest packet number acknowledged
   * @param ackDelay as on the wire: microseconds divided by 2^ack_delay_exponent
   * @param ranges pairs (smallest, largest), inclusive, newest first, with gaps between them
   * @param ecn the ECN counts, if the frame carries any
   */
  record Ack(long largest, long ackDelay, long[] ranges, @Nullable EcnCounts ecn) implements Frame {
    @Override
    public long type() {
      return ecn == null ? 0x02 : 0x03;
    }

    @Override
    public boolean isAckEliciting() {
      return false;
    }

    /** The number of ranges. */
    public int rangeCount() {
      return ranges.length / 2;
    }

    /** The smallest packet number of range {@code index}; range 0 is the newest. */
    public long smallestOf(int index) {
      return ranges[2 * index];
    }

    /** The largest packet number of range {@code index}. */
    public long largestOf(int index) {
      return ranges[2 * index + 1];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ack that
          && largest == that.largest
          && ackDelay == that.ackDelay
          && Arrays.equals(ranges, that.ranges)
          && (ecn == null ? that.ecn == null : ecn.equals(that.ecn));
    }

    @Override
    public int hashCode() {
      return Long.hashCode(largest) * 31 + Arrays.hashCode(ranges);
    }

    @Override
    public String toString() {
      return "Ack[delay " + ackDelay + ", ranges " + Arrays.toString(ranges) + ", " + ecn + "]";
    }
  }

  /** The sender abandons its sending half. */
  record ResetStream(long streamId, long errorCode, long finalSize) implements Frame {
    @Override
    public long type() {
      return 0x04;
    }
  }

  /** The receiver does not want more of a stream. */
  record StopSending(long streamId, long errorCode) implements Frame {
    @Override
    public long type() {
      return 0x05;
    }
  }

  /** TLS handshake bytes of the packet's encryption level. */
  record Crypto(long offset, ByteBuffer data) implements Frame {
    @Override
    public long type() {
      return 0x06;
    }
  }

  /** A token for the Initial of a later connection; never empty. */
  record NewToken(byte[] token) implements Frame {
    @Override
    public long type() {
      return 0x07;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof NewToken that && Arrays.equals(token, that.token);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(token);
    }
  }

  /**
   * Bytes of a stream. The type says how it is written: always with length, with offset unless 0.
   */
  record Stream(long streamId, long offset, ByteBuffer data, boolean fin) implements Frame {
    @Override
    public long type() {
      return 0x0a | (offset > 0 ? 0x04 : 0) | (fin ? 0x01 : 0);
    }
  }

  /** Credit for the whole connection, in bytes from its beginning. */
  record MaxData(long max) implements Frame {
    @Override
    public long type() {
      return 0x10;
    }
  }

  /** Credit for one stream, in bytes from its beginning. */
  record MaxStreamData(long streamId, long max) implements Frame {
    @Override
    public long type() {
      return 0x11;
    }
  }

  /** Credit for streams of one kind, counted from the beginning of the connection. */
  record MaxStreams(boolean bidirectional, long max) implements Frame {
    @Override
    public long type() {
      return bidirectional ? 0x12 : 0x13;
    }
  }

  /** The sender has data but no credit of the connection beyond {@code limit}. */
  record DataBlocked(long limit) implements Frame {
    @Override
    public long type() {
      return 0x14;
    }
  }

  /** The sender has data but no credit of the stream beyond {@code limit}. */
  record StreamDataBlocked(long streamId, long limit) implements Frame {
    @Override
    public long type() {
      return 0x15;
    }
  }

  /** The sender would open a stream but may only have {@code limit}. */
  record StreamsBlocked(boolean bidirectional, long limit) implements Frame {
    @Override
    public long type() {
      return bidirectional ? 0x16 : 0x17;
    }
  }

  /** Another connection id of the sender, with its stateless reset token of 16 bytes. */
  record NewConnectionId(long sequence, long retirePriorTo, ConnectionId id, byte[] token)
      implements Frame {
    @Override
    public long type() {
      return 0x18;
    }

    @Override
    public boolean isProbing() {
      return true;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof NewConnectionId that
          && sequence == that.sequence
          && retirePriorTo == that.retirePriorTo
          && id.equals(that.id)
          && Arrays.equals(token, that.token);
    }

    @Override
    public int hashCode() {
      return id.hashCode();
    }
  }

  /** The sender will not use this connection id of the receiver any more. */
  record RetireConnectionId(long sequence) implements Frame {
    @Override
    public long type() {
      return 0x19;
    }
  }

  /** Eight bytes to be echoed, big-endian in {@code data}. */
  record PathChallenge(long data) implements Frame {
    @Override
    public long type() {
      return 0x1a;
    }

    @Override
    public boolean isProbing() {
      return true;
    }
  }

  /** The echo of a PATH_CHALLENGE. */
  record PathResponse(long data) implements Frame {
    @Override
    public long type() {
      return 0x1b;
    }

    @Override
    public boolean isProbing() {
      return true;
    }
  }

  /** QUIC or TLS ends the connection; {@code frameType} is 0 if no frame is to blame. */
  record ConnectionClose(long code, long frameType, String reason) implements Frame {
    @Override
    public long type() {
      return 0x1c;
    }

    @Override
    public boolean isAckEliciting() {
      return false;
    }
  }

  /** The application ends the connection. */
  record ApplicationClose(long code, String reason) implements Frame {
    @Override
    public long type() {
      return 0x1d;
    }

    @Override
    public boolean isAckEliciting() {
      return false;
    }
  }

  /** The server confirms the handshake. */
  record HandshakeDone() implements Frame {
    @Override
    public long type() {
      return 0x1e;
    }
  }

  /** An unreliable message, RFC 9221; written with length. */
  record Datagram(ByteBuffer data) implements Frame {
    @Override
    public long type() {
      return 0x31;
    }
  }
}
