package org.veilor.seed.node.config;

import java.util.HashMap;
import java.util.Map;

/**
 * Where each key of a TOML text stands. Jackson reads TOML into a tree first and forgets the lines,
 * so that a second, much simpler pass finds them: it knows tables, arrays of tables, keys, strings
 * and nesting, and nothing of values. It runs on texts that Jackson has already accepted.
 */
final class TomlLines {
  private final Map<String, Integer> lineOfKey = new HashMap<>();
  private final Map<String, Integer> arrayLengths = new HashMap<>();
  private String table = "";
  private int depth;
  private String openString = "";

  private TomlLines() {}

  /** Reads the text. */
  static TomlLines of(String text) {
    TomlLines lines = new TomlLines();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      lines.line(line, ++number);
    }
    return lines;
  }

  /**
   * The line of a key such as {@code endpoint.listen} or {@code service[1].name}; where the key
   * itself is not found the line of the table around it, else 1.
   */
  int lineOf(String key) {
    for (String at = key; !at.isEmpty(); at = parent(at)) {
      Integer line = lineOfKey.get(at);
      if (line != null) {
        return line;
      }
    }
    return 1;
  }

  private static String parent(String key) {
    int dot = key.lastIndexOf('.');
    return dot < 0 ? "" : key.substring(0, dot);
  }

  private void line(String line, int number) {
    String text = line.strip();
    boolean statement = depth == 0 && openString.isEmpty();
    if (statement && text.startsWith("[[")) {
      String name = clean(text.substring(2, Math.max(2, text.indexOf("]]"))));
      int index = arrayLengths.merge(name, 1, Integer::sum) - 1;
      table = name + "[" + index + "]";
      lineOfKey.putIfAbsent(table, number);
      return;
    }
    if (statement && text.startsWith("[")) {
      table = clean(text.substring(1, Math.max(1, text.indexOf(']'))));
      lineOfKey.putIfAbsent(table, number);
      return;
    }
    int equals = statement ? text.indexOf('=') : -1;
    if (equals > 0 && !text.startsWith("#")) {
      String key = clean(text.substring(0, equals));
      lineOfKey.putIfAbsent(table.isEmpty() ? key : table + "." + key, number);
    }
    follow(statement && equals > 0 ? text.substring(equals + 1) : text);
  }

  /** Follows strings and brackets, to know whether the next line starts a statement. */
  private void follow(String text) {
    int i = 0;
    while (i < text.length()) {
      if (!openString.isEmpty()) {
        if (text.startsWith(openString, i)) {
          i += openString.length();
          openString = "";
        } else {
          i += text.charAt(i) == '\\' && openString.startsWith("\"") ? 2 : 1;
        }
        continue;
      }
      char c = text.charAt(i);
      if (c == '#') {
        break;
      }
      if (c == '"' || c == '\'') {
        String triple = String.valueOf(c).repeat(3);
        openString = text.startsWith(triple, i) ? triple : String.valueOf(c);
        i += openString.length();
        continue;
      }
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      i++;
    }
    if (openString.length() == 1) {
      openString = "";
    }
  }

  private static String clean(String key) {
    return key.replaceAll("[\\s\"']", "");
  }
}
