package org.veilor.seed.quic.crypto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Reads the vectors in src/test/resources/vectors. */
public final class TestVectors {
  /** The recorded handshakes with a real iroh endpoint. */
  public static final List<String> RECORDED_HANDSHAKES =
      List.of(
          "iroh-client-java-server-1301",
          "iroh-client-java-server-1302",
          "iroh-client-java-server-1303",
          "java-client-1301-iroh-server",
          "java-client-1301-nst-iroh-server",
          "java-client-1302-iroh-server",
          "java-client-1303-iroh-server");

  private TestVectors() {}

  /** Bytes of hex digits, white space ignored. */
  public static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
  }

  /** Bytes of a .hex resource. */
  public static byte[] hexFile(String path) {
    return hex(new String(read(path), StandardCharsets.US_ASCII));
  }

  /** A text in a recorded handshake, at a JSON pointer. */
  public static String recordedText(String name, String pointer) {
    return recordedHandshake(name).at(pointer).asText();
  }

  /** A recorded handshake. */
  static JsonNode recordedHandshake(String name) {
    try {
      return new ObjectMapper().readTree(read("tls/" + name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(String path) {
    try (InputStream in = TestVectors.class.getResourceAsStream("/vectors/" + path)) {
      return Objects.requireNonNull(in, path).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
