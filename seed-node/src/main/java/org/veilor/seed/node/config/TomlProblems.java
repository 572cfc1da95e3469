package org.veilor.seed.node.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The problems found so far in one file. */
final class TomlProblems {
  private final String source;
  private final TomlLines lines;
  private final List<ConfigProblem> found = new ArrayList<>();

  TomlProblems(String source, TomlLines lines) {
    this.source = source;
    this.lines = lines;
  }

  void add(String key, String what) {
    found.add(new ConfigProblem(source, lines.lineOf(key), key, what));
  }

  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      found.sort(Comparator.comparingInt(ConfigProblem::line));
      throw new ConfigException(found);
    }
  }
}
