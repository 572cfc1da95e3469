package org.veilor.seed.gossip.announcement;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/** The postcard form of bodies: an enum of five variants. */
final class BodyCodec {
  private static final int MIN_BLOB_BYTES = Hash.LENGTH + 2;

  private BodyCodec() {}

  static void encode(Body body, PostcardWriter out) {
    switch (body) {
      case Body.Provide provide -> {
        provide.addr().encode(out.writeVarint(0));
        out.writeVarint(provide.blobs().size());
        for (Body.Blob blob : provide.blobs()) {
          out.writeFixed(blob.content().hash().toBytes());
          blob.content().format().encode(out);
          out.writeVarint(blob.sizeBytes());
        }
      }
      case Body.Withdraw withdraw -> writeHashes(withdraw.hashes(), out.writeVarint(1));
      case Body.Catalogue catalogue -> {
        out.writeVarint(2).writeFixed(catalogue.root().toBytes());
        out.writeVarint(catalogue.generation())
            .writeVarint(catalogue.entries())
            .writeVarint(catalogue.sizeBytes());
        catalogue.addr().encode(out);
      }
      case Body.Forget forget -> {
        writeHashes(forget.hashes(), out.writeVarint(3));
        out.writeVarint(forget.untilMillis());
      }
      case Body.Query query -> writeHashes(query.hashes(), out.writeVarint(4));
    }
  }

  private static void writeHashes(List<Hash> hashes, PostcardWriter out) {
    out.writeVarint(hashes.size());
    hashes.forEach(hash -> out.writeFixed(hash.toBytes()));
  }

  static Body decode(PostcardReader in) throws MalformedException {
    return switch (in.readVariant(5)) {
      case 0 -> new Body.Provide(readAddr(in), readBlobs(in));
      case 1 -> new Body.Withdraw(readHashes(in));
      case 2 ->
          new Body.Catalogue(
              readHash(in), readNumber(in), readNumber(in), readNumber(in), readAddr(in));
      case 3 -> new Body.Forget(readHashes(in), readNumber(in));
      default -> new Body.Query(readHashes(in));
    };
  }

  /** A number below 2^63. */
  static long readNumber(PostcardReader in) throws MalformedException {
    long number = in.readU64();
    if (number < 0) {
      throw in.malformed("a number of 2^63 or more");
    }
    return number;
  }

  private static EndpointAddr readAddr(PostcardReader in) throws MalformedException {
    EndpointAddr addr = EndpointAddr.decode(in);
    if (!Body.isWithinLimits(addr)) {
      throw in.malformed("too many or too long addresses");
    }
    return addr;
  }

  private static List<Body.Blob> readBlobs(PostcardReader in) throws MalformedException {
    int count = readCount(in, AnnouncementLimits.MAX_BLOBS, MIN_BLOB_BYTES);
    List<Body.Blob> blobs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      HashAndFormat content = new HashAndFormat(readHash(in), BlobFormat.decode(in));
      blobs.add(new Body.Blob(content, readNumber(in)));
    }
    return blobs;
  }

  private static List<Hash> readHashes(PostcardReader in) throws MalformedException {
    int count = readCount(in, AnnouncementLimits.MAX_HASHES, Hash.LENGTH);
    List<Hash> hashes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hashes.add(readHash(in));
    }
    return hashes;
  }

  private static int readCount(PostcardReader in, int max, int minElementBytes)
      throws MalformedException {
    int count = in.readCount(max, minElementBytes);
    if (count == 0) {
      throw in.malformed("an empty list");
    }
    return count;
  }

  private static Hash readHash(PostcardReader in) throws MalformedException {
    return Hash.of(in.readFixed(Hash.LENGTH));
  }
}
