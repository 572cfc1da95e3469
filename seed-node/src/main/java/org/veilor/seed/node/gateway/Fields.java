package org.veilor.seed.node.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one header section, in order; names compare without case (RFC 9110 section 5.1).
 * Not for many threads.
 */
final class Fields {
  private record Line(String name, String value) {}

  private final List<Line> lines = new ArrayList<>();

  /** Adds a field line. */
  Fields add(String name, String value) {
    lines.add(new Line(name, value));
    return this;
  }

  /** Replaces all lines of that name by one. */
  Fields set(String name, String value) {
    remove(name);
    return add(name, value);
  }

  /** Adds a field line unless there is one of that name. */
  Fields addIfAbsent(String name, String value) {
    return has(name) ? this : add(name, value);
  }

  /** Removes all lines of that name. */
  Fields remove(String name) {
    lines.removeIf(line -> line.name().equalsIgnoreCase(name));
    return this;
  }

  /** Whether there is a line of that name. */
  boolean has(String name) {
    return first(name) != null;
  }

  /** The value of the first line of that name, or null. */
  @Nullable String first(String name) {
    for (Line line : lines) {
      if (line.name().equalsIgnoreCase(name)) {
        return line.value();
      }
    }
    return null;
  }

  /** The values of all lines of that name. */
  List<String> all(String name) {
    List<String> values = new ArrayList<>();
    for (Line line : lines) {
      if (line.name().equalsIgnoreCase(name)) {
        values.add(line.value());
      }
    }
    return values;
  }

  /** All values of that name as one list (RFC 9110 section 5.3), or null where there is none. */
  @Nullable String combined(String name) {
    List<String> values = all(name);
    return values.isEmpty() ? null : String.join(", ", values);
  }

  /** Whether the comma-separated list of that name has this token, without case. */
  boolean hasToken(String name, String token) {
    for (String value : all(name)) {
      for (String element : value.split(",", -1)) {
        if (element.strip().equalsIgnoreCase(token)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Number of lines. */
  int size() {
    return lines.size();
  }

  /** Every line in order. */
  void forEach(BiConsumer<String, String> consumer) {
    lines.forEach(line -> consumer.accept(line.name(), line.value()));
  }

  @Override
  public String toString() {
    return lines.toString();
  }
}
