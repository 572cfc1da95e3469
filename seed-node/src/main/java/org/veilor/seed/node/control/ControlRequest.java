package org.veilor.seed.node.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param method upper case
 * @param path without query
 * @param query every value of every parameter
 * @param body the JSON body; an empty object where there is none
 */
public record ControlRequest(
    String method, String path, Map<String, List<String>> query, JsonNode body) {
  /** The first value of a parameter, or null. */
  public @Nullable String parameter(String name) {
    List<String> values = query.get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }
}
