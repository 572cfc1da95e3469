package org.veilor.seed.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.store.meta.MetaException;

/**
 * The values of rows: one byte with the version of the encoding, then fixed fields, big-endian,
 * then texts with a length of two bytes.
 */
final class Rows {
  /** Version of all encodings here, and of the database as a whole. */
  static final byte VERSION = 1;

  private static final int IDENTITY_BYTES = 5 * Long.BYTES;

  private static final int EVERYBODY = 1;
  private static final int CLAIMED = 2;

  private Rows() {}

  /** The row of a blob. */
  record BlobRow(
      long sizeBytes,
      @Nullable Sha256 sha256,
      BlobRecord.Place place,
      BlobRecord.Outboard outboard) {
    long outboardBytes() {
      return new BaoTree(sizeBytes).outboardBytes();
    }

    BlobRow inDatabase() {
      return new BlobRow(sizeBytes, sha256, BlobRecord.Place.DATABASE, outboard);
    }
  }

  private static byte[] digest(@Nullable Sha256 sha256) {
    return sha256 == null ? new byte[Sha256.LENGTH] : sha256.toBytes();
  }

  /** Zeros stand for a digest that nobody asked for. */
  private static @Nullable Sha256 digest(ByteBuffer in) {
    byte[] bytes = getBytes(in, Sha256.LENGTH);
    return Arrays.equals(bytes, new byte[Sha256.LENGTH]) ? null : Sha256.of(bytes);
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Short.MAX_VALUE) {
      throw new IllegalArgumentException("a text of " + bytes.length + " bytes");
    }
    return bytes;
  }

  private static void putText(ByteBuffer out, byte[] text) {
    out.putShort((short) text.length).put(text);
  }

  private static String getText(ByteBuffer in) {
    return new String(getBytes(in, in.getShort()), StandardCharsets.UTF_8);
  }

  private static byte[] getBytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private interface Decoding<T> {
    T decode(ByteBuffer in);
  }

  private static <T> T decoded(String kind, byte[] value, Decoding<T> decoding)
      throws MetaException {
    ByteBuffer in = ByteBuffer.wrap(value);
    if (value.length > 0 && value[0] > VERSION) {
      throw new MetaException(MetaException.Kind.NEWER, "a row of " + kind + " is newer");
    }
    try {
      if (in.get() == VERSION) {
        T row = decoding.decode(in);
        if (!in.hasRemaining()) {
          return row;
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
      throw new MetaException(MetaException.Kind.DAMAGED, "a row of " + kind + " is malformed", e);
    }
    throw new MetaException(MetaException.Kind.DAMAGED, "a row of " + kind + " is malformed");
  }

  private static long size(long sizeBytes) {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("a size of " + sizeBytes + " bytes");
    }
    return sizeBytes;
  }

  private static byte code(BlobRecord.Place place) {
    return switch (place) {
      case IN_PLACE -> 0;
      case DATABASE -> 1;
    };
  }

  private static BlobRecord.Place place(byte code) {
    return switch (code) {
      case 0 -> BlobRecord.Place.IN_PLACE;
      case 1 -> BlobRecord.Place.DATABASE;
      default -> throw new IllegalArgumentException("no place: " + code);
    };
  }

  private static byte code(BlobRecord.Outboard outboard) {
    return switch (outboard) {
      case NOT_NEEDED -> 0;
      case DATABASE -> 1;
      case FILE -> 2;
    };
  }

  private static BlobRecord.Outboard outboard(byte code) {
    return switch (code) {
      case 0 -> BlobRecord.Outboard.NOT_NEEDED;
      case 1 -> BlobRecord.Outboard.DATABASE;
      case 2 -> BlobRecord.Outboard.FILE;
      default -> throw new IllegalArgumentException("no outboard: " + code);
    };
  }

  static byte[] encode(BlobRow row) {
    return ByteBuffer.allocate(1 + Long.BYTES + 2 + Sha256.LENGTH)
        .put(VERSION)
        .putLong(row.sizeBytes)
        .put(code(row.place))
        .put(code(row.outboard))
        .put(digest(row.sha256))
        .array();
  }

  static BlobRow blob(byte[] value) throws MetaException {
    return decoded(
        "blob",
        value,
        in -> {
          long sizeBytes = size(in.getLong());
          BlobRecord.Place place = place(in.get());
          BlobRecord.Outboard outboard = outboard(in.get());
          Sha256 sha256 = digest(in);
          return new BlobRow(sizeBytes, sha256, place, outboard);
        });
  }

  static byte[] encode(PathRecord row) {
    byte[] service = text(row.service());
    FileIdentity identity = row.identity();
    ByteBuffer out =
        ByteBuffer.allocate(
            1
                + IDENTITY_BYTES
                + Hash.LENGTH
                + Sha256.LENGTH
                + Long.BYTES
                + Short.BYTES
                + service.length);
    out.put(VERSION)
        .putLong(identity.device())
        .putLong(identity.inode())
        .putLong(identity.sizeBytes())
        .putLong(identity.modifiedNanos())
        .putLong(identity.changedNanos())
        .put(row.hash().toBytes())
        .put(digest(row.sha256()))
        .putLong(row.seededAtMillis());
    putText(out, service);
    return out.array();
  }

  static PathRecord path(Path path, byte[] value) throws MetaException {
    return decoded(
        "path",
        value,
        in -> {
          FileIdentity identity =
              new FileIdentity(
                  in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
          Hash hash = Hash.of(getBytes(in, Hash.LENGTH));
          Sha256 sha256 = digest(in);
          long seededAtMillis = in.getLong();
          return new PathRecord(getText(in), path, identity, hash, sha256, seededAtMillis);
        });
  }

  /** Whose a path is, and how large its file. */
  record PathSize(String service, long sizeBytes) {}

  /** What is counted of the row of a path; the rest is skipped, since a start reads all of them. */
  static PathSize pathSize(byte[] value) throws MetaException {
    return decoded(
        "path",
        value,
        in -> {
          in.position(in.position() + 2 * Long.BYTES);
          long sizeBytes = in.getLong();
          int rest = 3 * Long.BYTES + Hash.LENGTH + Sha256.LENGTH;
          in.position(in.position() + rest);
          return new PathSize(getText(in), sizeBytes);
        });
  }

  static byte[] encode(CollectionRecord row) {
    byte[] service = text(row.service());
    ByteBuffer out =
        ByteBuffer.allocate(
            1 + 2 * Hash.LENGTH + Integer.BYTES + 2 * Long.BYTES + Short.BYTES + service.length);
    out.put(VERSION)
        .put(row.hash().toBytes())
        .put(row.metadataHash().toBytes())
        .putInt(row.files())
        .putLong(row.sizeBytes())
        .putLong(row.storedAtMillis());
    putText(out, service);
    return out.array();
  }

  static CollectionRecord collection(Path folder, byte[] value) throws MetaException {
    return decoded(
        "collection",
        value,
        in -> {
          Hash hash = Hash.of(getBytes(in, Hash.LENGTH));
          Hash metadataHash = Hash.of(getBytes(in, Hash.LENGTH));
          int files = in.getInt();
          long sizeBytes = size(in.getLong());
          long storedAtMillis = in.getLong();
          return new CollectionRecord(
              getText(in), folder, hash, metadataHash, files, sizeBytes, storedAtMillis);
        });
  }

  /** Tickets of one blob. */
  static byte[] encode(List<BlobTicket> tickets) {
    List<byte[]> all = tickets.stream().map(BlobTicket::toBytes).toList();
    int length = 2 + all.stream().mapToInt(ticket -> Short.BYTES + ticket.length).sum();
    ByteBuffer out = ByteBuffer.allocate(length).put(VERSION).put((byte) all.size());
    all.forEach(ticket -> putText(out, ticket));
    return out.array();
  }

  static List<BlobTicket> tickets(Hash hash, byte[] value) throws MetaException {
    return decoded(
        "ticket",
        value,
        in -> {
          List<BlobTicket> tickets = new ArrayList<>();
          for (int count = in.get(); count > 0; count--) {
            tickets.add(ticket(hash, getBytes(in, in.getShort())));
          }
          return List.copyOf(tickets);
        });
  }

  private static BlobTicket ticket(Hash hash, byte[] bytes) {
    try {
      BlobTicket ticket = BlobTicket.ofBytes(bytes);
      if (ticket.content().hash().equals(hash)) {
        return ticket;
      }
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e);
    }
    throw new IllegalArgumentException("a ticket of another blob");
  }

  static byte[] encode(Audience row) {
    ByteBuffer out = ByteBuffer.allocate(3 + row.services().size() * Hash.LENGTH);
    int flags = (row.everybody() ? EVERYBODY : 0) | (row.isClaimed() ? CLAIMED : 0);
    out.put(VERSION).put((byte) flags).put((byte) row.services().size());
    row.services().forEach(mark -> out.put(mark.toBytes()));
    return out.array();
  }

  static Audience audience(byte[] value) throws MetaException {
    return decoded(
        "audience",
        value,
        in -> {
          int flags = in.get();
          Set<Hash> marks = new HashSet<>();
          for (int count = in.get(); count > 0; count--) {
            marks.add(Hash.of(getBytes(in, Hash.LENGTH)));
          }
          return new Audience((flags & EVERYBODY) != 0, marks, (flags & CLAIMED) != 0);
        });
  }

  static byte[] encode(Refusal row) {
    byte[] service = text(row.service());
    byte[] why = text(row.why());
    ByteBuffer out =
        ByteBuffer.allocate(1 + Long.BYTES + 2 * Short.BYTES + service.length + why.length);
    out.put(VERSION).putLong(row.atMillis());
    putText(out, service);
    putText(out, why);
    return out.array();
  }

  static Refusal refusal(Path path, byte[] value) throws MetaException {
    return decoded(
        "refusal",
        value,
        in -> {
          long atMillis = in.getLong();
          return new Refusal(getText(in), path, getText(in), atMillis);
        });
  }
}
