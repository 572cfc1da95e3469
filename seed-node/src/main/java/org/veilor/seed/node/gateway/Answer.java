package org.veilor.seed.node.gateway;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * A complete answer: what is sent, and whom it came from.
 *
 * @param fields without those of the framing (Content-Length, Transfer-Encoding, Connection, Date)
 * @param source for the figures
 */
record Answer(int status, Fields fields, Body body, Source source) {
  /** Where the bytes come from. */
  enum Source {
    /** Made here: pages and errors. */
    GATEWAY,
    /** A file or blob that is here. */
    LOCAL,
    /** A download that runs. */
    DOWNLOAD,
    /** The service's own server. */
    UPSTREAM
  }

  /**
   * The bytes of an answer.
   *
   * @param lengthBytes of all pieces together; -1 where it is not known before the end
   * @param onRelease run once, when no byte is needed any more
   */
  record Body(List<Piece> pieces, long lengthBytes, Runnable onRelease) {
    Body {
      pieces = List.copyOf(pieces);
    }

    static Body of(byte[] bytes) {
      return new Body(List.of(Piece.Bytes.of(bytes)), bytes.length, () -> {});
    }

    /** No pieces, but the length that there would be (an answer to HEAD). */
    static Body ofLength(long lengthBytes) {
      return new Body(List.of(), lengthBytes, () -> {});
    }
  }

  /** Some bytes of a body. */
  sealed interface Piece {
    /** In memory. */
    record Bytes(ByteBuffer bytes) implements Piece {
      static Bytes of(byte[] bytes) {
        return new Bytes(ByteBuffer.wrap(bytes));
      }
    }

    /** A part of a file; the body's release closes it. */
    record FilePart(FileChannel file, ByteRange range) implements Piece {}

    /** From a source that is read while it is sent, to its end; closed after that. */
    record Stream(ByteSource bytes) implements Piece {}
  }
}
