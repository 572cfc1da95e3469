package org.veilor.seed.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One table of a TOML file, read key by key. Every getter notes its key as known, so that {@link
 * #finish} can name the unknown ones; mistakes are collected and a default is returned, so that one
 * run finds all of them.
 */
final class TomlTable {
  private final ObjectNode node;
  private final String path;
  private final TomlProblems problems;
  private final Set<String> known = new LinkedHashSet<>();

  TomlTable(ObjectNode node, String path, TomlProblems problems) {
    this.node = node;
    this.path = path;
    this.problems = problems;
  }

  /** A text, or null where the key is missing. */
  @Nullable String text(String key) {
    JsonNode value = get(key);
    if (value == null || value.isTextual()) {
      return value == null ? null : value.textValue();
    }
    wrongType(key, "a text in quotes", value);
    return null;
  }

  /** A text converted; the converter's complaint becomes the problem. */
  <T> T text(String key, T otherwise, Function<String, T> convert) {
    String text = text(key);
    if (text == null) {
      return otherwise;
    }
    try {
      return convert.apply(text);
    } catch (IllegalArgumentException e) {
      problem(key, String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  /** A list of texts, each converted. */
  <T> List<T> texts(String key, List<T> otherwise, Function<String, T> convert) {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isArray()) {
      wrongType(key, "a list of texts such as [\"…\", \"…\"]", value);
      return otherwise;
    }
    List<T> result = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isTextual()) {
        wrongType(key, "a list of texts", item);
        return otherwise;
      }
      try {
        result.add(convert.apply(item.textValue()));
      } catch (IllegalArgumentException e) {
        problem(key, String.valueOf(e.getMessage()));
      }
    }
    return result;
  }

  /** A whole number within bounds. */
  int number(String key, int otherwise, int min, int max) {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isIntegralNumber()) {
      wrongType(key, "a whole number", value);
      return otherwise;
    }
    if (!value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
      problem(key, value.asText() + " is not between " + min + " and " + max);
      return otherwise;
    }
    return value.intValue();
  }

  /** A size in bytes; a bare whole number is bytes too. */
  long size(String key, long otherwise) {
    return text(key, otherwise, Quantities::sizeBytes);
  }

  /** A duration within bounds. */
  Duration duration(String key, Duration otherwise, Duration min, Duration max) {
    return text(
        key,
        otherwise,
        text -> {
          Duration value = Quantities.duration(text);
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                "'"
                    + text
                    + "' is not between "
                    + Quantities.formatDuration(min)
                    + " and "
                    + Quantities.formatDuration(max));
          }
          return value;
        });
  }

  /** One of the words of an enum, in lower case. */
  <E extends Enum<E>> E word(String key, Class<E> type, E otherwise) {
    return text(
        key,
        otherwise,
        text -> {
          List<String> words = new ArrayList<>();
          for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
              return constant;
            }
            words.add(word);
          }
          throw new IllegalArgumentException(
              "'" + text + "' is not one of " + String.join(", ", words) + hint(text, words));
        });
  }

  /** The tables of an array of tables. */
  List<TomlTable> tables(String key) {
    JsonNode value = get(key);
    List<TomlTable> result = new ArrayList<>();
    if (value == null) {
      return result;
    }
    if (!value.isArray()) {
      problem(key, "must be written as [[" + key + "]], once for each");
      return result;
    }
    for (JsonNode item : value) {
      if (item instanceof ObjectNode table) {
        result.add(new TomlTable(table, at(key) + "[" + result.size() + "]", problems));
      } else {
        wrongType(key, "a list of tables", item);
      }
    }
    return result;
  }

  /** A table; an empty one where the key is missing. */
  TomlTable table(String key) {
    JsonNode value = get(key);
    if (value instanceof ObjectNode table) {
      return new TomlTable(table, at(key), problems);
    }
    if (value != null) {
      problem(key, "must be a table, written as [" + key + "]");
    }
    return new TomlTable(node.objectNode(), at(key), problems);
  }

  /** Reports a problem of a key. */
  void problem(String key, String what) {
    problems.add(at(key), what);
  }

  /** Reports every key that nobody asked for. */
  void finish() {
    node.fieldNames()
        .forEachRemaining(key -> {
          if (!known.contains(key)) {
            problem(key, "unknown key" + hint(key, known));
          }
        });
  }

  private static String hint(String word, java.util.Collection<String> known) {
    String nearest = Suggestions.nearest(word, known);
    return nearest != null
        ? "; did you mean '" + nearest + "'?"
        : "; known here: " + String.join(", ", known);
  }

  private @Nullable JsonNode get(String key) {
    known.add(key);
    return node.get(key);
  }

  private void wrongType(String key, String expected, JsonNode value) {
    problem(
        key,
        "must be "
            + expected
            + ", not "
            + switch (value.getNodeType()) {
              case STRING -> "a text";
              case NUMBER -> "the number " + value.asText();
              case BOOLEAN -> value.asText();
              case ARRAY -> "a list";
              case OBJECT -> "a table";
              default -> "a date";
            });
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
