package org.veilor.seed.node.gateway;

import java.util.HashSet;
import java.util.Set;

/**
 * Writes figures in the text format of Prometheus, version 0.0.4. Own code instead of the client
 * library, because our figures are counted where they arise and only have to be written down.
 */
public final class PrometheusText {
  private final StringBuilder out = new StringBuilder(4096);
  private final Set<String> described = new HashSet<>();

  /**
   * Writes a counter: a figure that only grows.
   *
   * @param name with its unit, ending in {@code _total}
   * @param help one sentence
   * @param labels names and values in turn
   */
  public void counter(String name, String help, long value, String... labels) {
    write(name, "counter", help, Long.toString(value), labels);
  }

  /** Writes a gauge: a figure that goes up and down. */
  public void gauge(String name, String help, double value, String... labels) {
    String text =
        value == Math.rint(value) && Math.abs(value) < 1L << 53
            ? Long.toString((long) value)
            : Double.toString(value).replace("Infinity", "Inf");
    write(name, "gauge", help, text, labels);
  }

  private void write(String name, String type, String help, String value, String... labels) {
    if (described.add(name)) {
      out.append("# HELP ").append(name).append(' ');
      out.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
      out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }
    out.append(name);
    for (int i = 0; i + 1 < labels.length; i += 2) {
      out.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
      out.append(escape(labels[i + 1])).append('"');
    }
    out.append(labels.length > 1 ? "} " : " ").append(value).append('\n');
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
