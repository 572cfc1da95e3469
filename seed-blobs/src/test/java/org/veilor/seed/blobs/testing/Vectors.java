package org.veilor.seed.blobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/** Reads the vector files; see {@code vectors/ORIGIN.md}. */
public final class Vectors {
  private static final JsonNode BLOBS = read("blobs.json");

  private Vectors() {}

  /** The vectors of the blobs protocol. */
  public static JsonNode blobs() {
    return BLOBS;
  }

  /** A vector file as JSON. */
  public static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + name))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The elements of an array. */
  public static List<JsonNode> list(JsonNode array) {
    List<JsonNode> out = new ArrayList<>();
    array.forEach(out::add);
    return out;
  }

  /** The blob of all vectors: byte i is i % 251. */
  public static byte[] pattern(int length) {
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      out[i] = (byte) (i % 251);
    }
    return out;
  }

  /** Bytes of a hex text. */
  public static byte[] hex(String text) {
    try {
      return Hex.decodeLower(text);
    } catch (MalformedException e) {
      throw new AssertionError(text, e);
    }
  }

  /** Boundaries; those above 2^53 are texts. */
  public static ChunkRanges ranges(JsonNode boundaries) {
    long[] out = new long[boundaries.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Long.parseUnsignedLong(boundaries.get(i).asText());
    }
    return ChunkRanges.ofBoundaries(out);
  }
}
