package org.veilor.seed.node.config;

import java.util.List;

/** A configuration that cannot be used; the message is the first problem as one sentence. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  /**
   * Creates it.
   *
   * @param problems at least one problem
   */
  public ConfigException(List<ConfigProblem> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  /** Creates it for a single problem. */
  public ConfigException(ConfigProblem problem) {
    this(List.of(problem));
  }

  /** Every problem that was found, in the order of the file. */
  public List<ConfigProblem> problems() {
    return problems;
  }

  private static String message(List<ConfigProblem> problems) {
    String first = problems.getFirst().sentence();
    return problems.size() == 1
        ? first
        : first + " (and " + (problems.size() - 1) + " more: see 'veilor-seed config check')";
  }
}
