package org.veilor.seed.gossip.announcement;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * The bytes in which a node keeps a {@link GateState}. Sequences are written as differences, so an
 * issuer takes some 100 bytes. What is read is checked like what comes from outside: a damaged file
 * is malformed and nothing worse.
 */
public final class GateStateCodec {
  private static final int VERSION = 1;

  /** An id, two times, and two windows without sequences. */
  private static final int MIN_ISSUER_BYTES = EndpointId.LENGTH + 6;

  private GateStateCodec() {}

  /** The bytes of a state. */
  public static byte[] encode(GateState state) {
    PostcardWriter out = new PostcardWriter().writeU8(VERSION).writeVarint(state.issuers().size());
    for (GateState.Issuer issuer : state.issuers()) {
      out.writeFixed(issuer.id().toBytes())
          .writeVarint(issuer.latestIssuedAtMillis())
          .writeVarint(issuer.lastCatalogue() + 1);
      write(issuer.sequences(), out);
      write(issuer.forgets(), out);
    }
    return out.toBytes();
  }

  private static void write(GateState.Sequences sequences, PostcardWriter out) {
    out.writeVarint(sequences.floor() + 1).writeVarint(sequences.above().size());
    long last = sequences.floor();
    for (long sequence : sequences.above()) {
      out.writeVarint(sequence - last);
      last = sequence;
    }
  }

  /**
   * Reads the bytes of a state.
   *
   * @throws MalformedException if they are damaged or of another version; a gate then has to begin
   *     with {@link GateState#NEW}
   */
  public static GateState decode(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(bytes);
    if (in.readU8() != VERSION) {
      throw in.malformed("another version");
    }
    int count = in.readCount(in.remaining(), MIN_ISSUER_BYTES);
    List<GateState.Issuer> issuers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      EndpointId id = EndpointId.of(in.readFixed(EndpointId.LENGTH));
      long latest = BodyCodec.readNumber(in);
      long lastCatalogue = readPlusOne(in);
      issuers.add(
          new GateState.Issuer(id, latest, readSequences(in), lastCatalogue, readSequences(in)));
    }
    if (in.remaining() > 0) {
      throw in.malformed("something follows the state");
    }
    return new GateState(issuers);
  }

  /** A number that may be -1; up to 2^63 - 1, which is written as 2^63. */
  private static long readPlusOne(PostcardReader in) throws MalformedException {
    long written = in.readU64();
    if (written < 0 && written != Long.MIN_VALUE) {
      throw in.malformed("a number of 2^63 or more");
    }
    return written - 1;
  }

  private static GateState.Sequences readSequences(PostcardReader in) throws MalformedException {
    long floor = readPlusOne(in);
    int count = in.readCount(AnnouncementLimits.REMEMBERED_FORGETS, 1);
    List<Long> above = new ArrayList<>(count);
    long last = floor;
    for (int i = 0; i < count; i++) {
      long sequence = last + in.readU64();
      if (sequence <= last) {
        throw in.malformed("sequences that do not grow");
      }
      above.add(sequence);
      last = sequence;
    }
    return new GateState.Sequences(floor, above);
  }
}
