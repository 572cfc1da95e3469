package org.veilor.seed.node.config;

/**
 * One mistake in a configuration.
 *
 * @param source the file, or the command line option, that holds the mistake
 * @param line the line counted from 1, or 0 where there is none (command line)
 * @param key the key as the user would write it, for instance {@code endpoint.listen}; may be empty
 * @param what what is wrong and what to do, without a full stop
 */
public record ConfigProblem(String source, int line, String key, String what) {

  /** The whole problem as one sentence: {@code FILE:LINE: key: what}. */
  public String sentence() {
    String where = line > 0 ? source + ":" + line + ": " : source + ": ";
    return where + (key.isEmpty() ? "" : key + ": ") + what;
  }
}
