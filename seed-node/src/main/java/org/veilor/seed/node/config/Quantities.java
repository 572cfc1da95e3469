package org.veilor.seed.node.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes, durations and rates as people write them: {@code 10 GB} (10⁹), {@code 1 GiB} (2³⁰), {@code
 * 30s}, {@code 10min}, {@code 24h}, {@code 20 MB/s}.
 */
public final class Quantities {
  /** The rate that means no limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*([A-Za-z]+)");
  private static final Map<String, Long> SIZE_UNITS =
      Map.ofEntries(
          Map.entry("B", 1L),
          Map.entry("kB", 1_000L),
          Map.entry("KB", 1_000L),
          Map.entry("MB", 1_000_000L),
          Map.entry("GB", 1_000_000_000L),
          Map.entry("TB", 1_000_000_000_000L),
          Map.entry("KiB", 1L << 10),
          Map.entry("MiB", 1L << 20),
          Map.entry("GiB", 1L << 30),
          Map.entry("TiB", 1L << 40));
  private static final Map<String, Long> DURATION_UNITS_MILLIS =
      Map.of(
          "ms", 1L, "s", 1_000L, "min", 60_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private Quantities() {}

  /**
   * Reads a size.
   *
   * @return bytes
   * @throws IllegalArgumentException with what is wrong
   */
  public static long sizeBytes(String text) {
    return scaled(text, SIZE_UNITS, "a size such as \"10 GB\" or \"1 GiB\"");
  }

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static Duration duration(String text) {
    return Duration.ofMillis(
        scaled(text, DURATION_UNITS_MILLIS, "a duration such as \"30s\", \"10min\" or \"24h\""));
  }

  /**
   * Reads a rate.
   *
   * @return bytes per second, or {@link #UNLIMITED}
   * @throws IllegalArgumentException with what is wrong
   */
  public static long rateBytesPerSecond(String text) {
    String trimmed = text.strip();
    if (trimmed.equals("unlimited")) {
      return UNLIMITED;
    }
    String expected = "\"unlimited\" or a rate such as \"20 MB/s\"";
    if (!trimmed.endsWith("/s")) {
      throw new IllegalArgumentException("'" + text + "' is not " + expected);
    }
    long rate = scaled(trimmed.substring(0, trimmed.length() - 2), SIZE_UNITS, expected);
    if (rate == 0) {
      throw new IllegalArgumentException("a rate of 0 would stop all uploads; write " + expected);
    }
    return rate;
  }

  /** Writes a size for people: three significant digits, decimal units. */
  public static String formatSize(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1_000;
      unit++;
    }
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f %s", value, units[unit]);
  }

  /** Writes a duration for people, for instance {@code 2 s}, {@code 10 min}, {@code 1.5 h}. */
  public static String formatDuration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 120_000) {
      return trim(millis / 1_000.0) + " s";
    }
    return millis < 7_200_000
        ? trim(millis / 60_000.0) + " min"
        : trim(millis / 3_600_000.0) + " h";
  }

  private static String trim(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private static long scaled(String text, Map<String, Long> units, String expected) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    Long factor = matcher.matches() ? units.get(matcher.group(2)) : null;
    if (factor == null) {
      throw new IllegalArgumentException("'" + text + "' is not " + expected);
    }
    BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
    if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) >= 0) {
      throw new IllegalArgumentException("'" + text + "' is too large");
    }
    return value.setScale(0, RoundingMode.DOWN).longValueExact();
  }
}
