package org.veilor.seed.node.gateway;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Piece;
import org.veilor.seed.node.gateway.Answer.Source;
import org.veilor.seed.store.Sha256;

/**
 * A blob as HTTP sees it, and the answers it gives: whole, a part, several parts, or the news that
 * the client has it already.
 *
 * @param sizeBytes -1 where it is not known, which only an answer without a body can bear
 * @param sha256 where known
 * @param type its media type; null where nobody has looked
 * @param immutable whether the address stands for these bytes forever
 * @param name for saving, or null
 */
record Representation(
    Hash hash,
    long sizeBytes,
    @Nullable Sha256 sha256,
    @Nullable String type,
    boolean immutable,
    @Nullable String name) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String FOREVER = "public, max-age=31536000, immutable";

  /** The strong entity tag: the BLAKE3 hash. */
  static String etag(Hash hash) {
    return "\"" + hash + "\"";
  }

  /** 304 for a client that has this blob. */
  static Answer notModified(Hash hash) {
    Fields fields = new Fields().add("ETag", etag(hash)).add("Accept-Ranges", "bytes");
    return new Answer(304, fields, Body.ofLength(-1), Source.GATEWAY);
  }

  /** Which bytes a request asks for. */
  RangeField.Selection select(RequestHead head) {
    // RFC 9110 section 14.2: a server MUST ignore a Range header field received with a request
    // method that is unrecognized or for which range handling is not defined, which is only GET
    return head.isGet() && Preconditions.rangeHolds(head.fields(), etag(hash))
        ? RangeField.select(head.fields().all("Range"), sizeBytes)
        : new RangeField.Selection.Whole();
  }

  /**
   * Answers with what was selected.
   *
   * @param piece makes the bytes of one range
   * @param onRelease when they are no longer needed; not called for 416
   */
  Answer answer(
      RangeField.Selection selection,
      Source source,
      Function<ByteRange, List<Piece>> piece,
      Runnable onRelease) {
    Fields fields = fields();
    return switch (selection) {
      case RangeField.Selection.Unsatisfiable(String reason) ->
          Errors.unsatisfiable(sizeBytes, reason);
      case RangeField.Selection.Whole() -> {
        typed(fields);
        List<Piece> pieces = sizeBytes <= 0 ? List.of() : piece.apply(new ByteRange(0, sizeBytes));
        yield new Answer(200, fields, new Body(pieces, sizeBytes, onRelease), source);
      }
      case RangeField.Selection.Parts(List<ByteRange> ranges) when ranges.size() == 1 -> {
        ByteRange range = ranges.getFirst();
        typed(fields).add("Content-Range", range.contentRange(sizeBytes));
        yield new Answer(
            206, fields, new Body(piece.apply(range), range.lengthBytes(), onRelease), source);
      }
      case RangeField.Selection.Parts(List<ByteRange> ranges) ->
          multipart(fields, ranges, source, piece, onRelease);
    };
  }

  /** multipart/byteranges, RFC 9110 section 14.6. */
  private Answer multipart(
      Fields fields,
      List<ByteRange> ranges,
      Source source,
      Function<ByteRange, List<Piece>> piece,
      Runnable onRelease) {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    String boundary = HexFormat.of().formatHex(random);
    List<Piece> pieces = new ArrayList<>();
    long lengthBytes = 0;
    for (ByteRange range : ranges) {
      byte[] head =
          ("\r\n--"
                  + boundary
                  + (type == null ? "" : "\r\nContent-Type: " + type)
                  + "\r\nContent-Range: "
                  + range.contentRange(sizeBytes)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      pieces.add(Piece.Bytes.of(head));
      pieces.addAll(piece.apply(range));
      lengthBytes += head.length + range.lengthBytes();
    }
    byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    pieces.add(Piece.Bytes.of(end));
    fields.add("Content-Type", "multipart/byteranges; boundary=" + boundary);
    return new Answer(206, fields, new Body(pieces, lengthBytes + end.length, onRelease), source);
  }

  private Fields typed(Fields fields) {
    if (type != null) {
      fields.add("Content-Type", type);
      if (!ContentTypes.isShown(type)) {
        fields.add("Content-Disposition", "attachment" + fileName());
      }
    }
    return fields;
  }

  /** RFC 6266 with the encoding of RFC 8187. */
  private String fileName() {
    if (name == null) {
      return "";
    }
    StringBuilder out = new StringBuilder("; filename*=UTF-8''");
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      if (HttpText.isAlpha(c) || HttpText.isDigit(c) || "-._~".indexOf(c) >= 0) {
        out.append((char) c);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }

  private Fields fields() {
    Fields fields =
        new Fields()
            .add("ETag", etag(hash))
            .add("Accept-Ranges", "bytes")
            .add("Cache-Control", immutable ? FOREVER : "no-cache")
            .add("X-Content-Type-Options", "nosniff")
            .add("Content-Security-Policy", "default-src 'none'; sandbox");
    if (sha256 != null) {
      // RFC 9530 section 3; the value is a byte sequence of RFC 8941 section 3.3.5
      String digest = Base64.getEncoder().encodeToString(sha256.toBytes());
      fields.add("Repr-Digest", "sha-256=:" + digest + ":");
    }
    return fields;
  }
}
