package org.veilor.seed.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What real providers were asked and answered, {@code vectors/live-requests.json}. */
final class RecordedRequests {
  private RecordedRequests() {}

  static JsonNode load() {
    try (var in = RecordedRequests.class.getResourceAsStream("/vectors/live-requests.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The request of a case; long ones are recorded as a beginning and a byte that fills them. */
  static String requestHex(JsonNode each) {
    if (each.has("request_hex")) {
      return each.path("request_hex").asText();
    }
    String prefix = each.path("request_prefix_hex").asText();
    int left = each.path("request_len").asInt() - prefix.length() / 2;
    return prefix + each.path("request_fill").asText().repeat(left);
  }
}
