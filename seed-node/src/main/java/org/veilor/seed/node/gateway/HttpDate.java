package org.veilor.seed.node.gateway;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The current time as an IMF-fixdate (RFC 9110 section 5.6.7), made once a second. */
final class HttpDate {
  private record Made(long second, String text) {}

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static volatile Made last = new Made(-1, "");

  private HttpDate() {}

  static String now() {
    long second = Math.floorDiv(System.currentTimeMillis(), 1000);
    Made made = last;
    if (made.second() != second) {
      made = new Made(second, FORMAT.format(Instant.ofEpochSecond(second)));
      last = made;
    }
    return made.text();
  }
}
