package org.veilor.seed.blobs.protocol;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * The wire form of requests: a type byte, then the body. Only a Push has a length before its body.
 * Trailing bytes of a body are ignored, as in iroh-blobs.
 */
public final class RequestCodec {
  /** The type byte of a Get. */
  public static final int GET = 0;

  /** The type byte of an Observe. */
  public static final int OBSERVE = 1;

  /** The type byte of a Push. */
  public static final int PUSH = 8;

  /** The type byte of a GetMany. */
  public static final int GET_MANY = 9;

  private RequestCodec() {}

  /** The bytes that open a stream; for a Push without the data. */
  public static byte[] encode(Request request) {
    PostcardWriter out = new PostcardWriter();
    switch (request) {
      case Request.Get get -> encodeGet(get, out.writeU8(GET));
      case Request.GetMany many -> encodeGetMany(many, out.writeU8(GET_MANY));
      case Request.Observe observe -> {
        out.writeU8(OBSERVE).writeFixed(observe.hash().toBytes());
        ChunkRangesCodec.encodeDeltas(observe.ranges(), out);
      }
      case Request.Push push -> {
        PostcardWriter body = new PostcardWriter();
        encodeGet(push.get(), body);
        out.writeU8(PUSH).writeBytes(body.toBytes());
      }
    }
    return out.toBytes();
  }

  private static void encodeGet(Request.Get get, PostcardWriter out) {
    out.writeFixed(get.hash().toBytes());
    get.ranges().encode(out);
  }

  private static void encodeGetMany(Request.GetMany many, PostcardWriter out) {
    out.writeVarint(many.hashes().size());
    many.hashes().forEach(hash -> out.writeFixed(hash.toBytes()));
    many.ranges().encode(out);
  }

  /** Whether a request can start with this byte; 2 to 7 are reserved. */
  public static boolean isKnownType(int type) {
    return type == GET || type == OBSERVE || type == PUSH || type == GET_MANY;
  }

  /**
   * Reads the body of a request, for a Push behind its length.
   *
   * @param type a known type byte
   * @throws MalformedException if it is truncated, not canonical, or above a limit
   */
  public static Request decodeBody(int type, byte[] body, int offset, int length)
      throws MalformedException {
    PostcardReader in = new PostcardReader(body, offset, length);
    return switch (type) {
      case GET -> decodeGet(in);
      case GET_MANY -> decodeGetMany(in);
      case OBSERVE ->
          new Request.Observe(
              readHash(in), ChunkRangesCodec.decodeDeltas(in, BlobsLimits.MAX_BOUNDARIES));
      case PUSH -> new Request.Push(decodeGet(in));
      default -> throw in.malformed("unknown type of request");
    };
  }

  private static Request.Get decodeGet(PostcardReader in) throws MalformedException {
    return new Request.Get(readHash(in), ChunkRangesSequence.decode(in));
  }

  private static Request.GetMany decodeGetMany(PostcardReader in) throws MalformedException {
    int count = in.readCount(BlobsLimits.MAX_REQUEST_BYTES / Hash.LENGTH, Hash.LENGTH);
    List<Hash> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hashes.add(readHash(in));
    }
    return new Request.GetMany(hashes, ChunkRangesSequence.decode(in));
  }

  private static Hash readHash(PostcardReader in) throws MalformedException {
    return Hash.of(in.readFixed(Hash.LENGTH));
  }
}
