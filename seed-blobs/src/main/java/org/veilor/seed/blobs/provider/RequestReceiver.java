package org.veilor.seed.blobs.provider;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;

/**
 * Collects the bytes of a request until it can be read: for a Push until its body is complete, for
 * all others until the end of the stream. The buffer grows with what has arrived, never by what was
 * announced.
 */
final class RequestReceiver {
  private static final int INITIAL_BYTES = 256;
  private static final int NO_TYPE = -1;
  private static final int MAX_LENGTH_BYTES = 10;

  /** What the bytes so far are. */
  sealed interface Outcome {
    /** Not complete. */
    record Incomplete() implements Outcome {}

    /** A request. */
    record Complete(Request request) implements Outcome {}

    /** No request. */
    record Malformed() implements Outcome {}
  }

  private int type = NO_TYPE;
  private byte[] body = new byte[INITIAL_BYTES];
  private int bodyLength;

  Outcome onData(byte[] data, int offset, int length, boolean fin) {
    int position = offset;
    if (type == NO_TYPE && length > 0) {
      type = data[position++] & 0xff;
    }
    if (type == NO_TYPE) {
      return fin ? new Outcome.Malformed() : new Outcome.Incomplete();
    }
    if (!RequestCodec.isKnownType(type)) {
      return new Outcome.Malformed();
    }
    int taken = append(data, position, offset + length - position);
    if (type == RequestCodec.PUSH) {
      return push(fin);
    }
    if (taken < offset + length - position) {
      return new Outcome.Malformed();
    }
    return fin ? decode(0, bodyLength) : new Outcome.Incomplete();
  }

  /** Takes bytes up to the limit; a Push has its length before the body and data behind it. */
  private int append(byte[] data, int offset, int length) {
    int lengthBytes = type == RequestCodec.PUSH ? MAX_LENGTH_BYTES : 0;
    int limit = BlobsLimits.MAX_REQUEST_BYTES + lengthBytes;
    int taken = Math.min(length, limit - bodyLength);
    if (bodyLength + taken > body.length) {
      body = Arrays.copyOf(body, Math.min(limit, Math.max(2 * body.length, bodyLength + taken)));
    }
    System.arraycopy(data, offset, body, bodyLength, taken);
    bodyLength += taken;
    return taken;
  }

  private Outcome push(boolean fin) {
    int lengthBytes = 0;
    while (lengthBytes < bodyLength && body[lengthBytes] < 0) {
      lengthBytes++;
    }
    lengthBytes++;
    if (lengthBytes > MAX_LENGTH_BYTES) {
      return new Outcome.Malformed();
    }
    if (lengthBytes > bodyLength) {
      return fin ? new Outcome.Malformed() : new Outcome.Incomplete();
    }
    Long announced = announcedLength(lengthBytes);
    if (announced == null) {
      return new Outcome.Malformed();
    }
    int available = bodyLength - lengthBytes;
    // A stream that ends early is read as far as it goes, like the real provider does.
    return available >= announced || fin
        ? decode(lengthBytes, (int) Math.min(available, announced))
        : new Outcome.Incomplete();
  }

  private @Nullable Long announcedLength(int lengthBytes) {
    try {
      long length = new PostcardReader(body, 0, lengthBytes).readU64();
      return length < 0 || length > BlobsLimits.MAX_REQUEST_BYTES ? null : length;
    } catch (MalformedException e) {
      return null;
    }
  }

  private Outcome decode(int offset, int length) {
    byte[] complete = body;
    body = new byte[0]; // the session lives on while it answers, the request's bytes need not
    try {
      return new Outcome.Complete(RequestCodec.decodeBody(type, complete, offset, length));
    } catch (MalformedException e) {
      return new Outcome.Malformed();
    }
  }
}
