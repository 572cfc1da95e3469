package org.veilor.seed.node.seeding;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers below {@code /proc/sys}. They must be read with one call: the kernel answers a second
 * read with the end of the file, and {@code Files.readString} begins with a read of one byte where
 * the size is 0, so that it sees the first digit only.
 */
public final class KernelSettings {
  private static final Logger LOG = LoggerFactory.getLogger(KernelSettings.class);
  private static final int MAX_DIGITS = 64;

  private KernelSettings() {}

  /**
   * Reads one number.
   *
   * @param file for instance {@code /proc/sys/fs/inotify/max_user_watches}
   * @return the number, or -1 where it cannot be read
   */
  public static long number(String file) {
    byte[] digits = new byte[MAX_DIGITS];
    try (InputStream in = new FileInputStream(file)) {
      int length = Math.max(0, in.read(digits, 0, digits.length));
      return Long.parseLong(new String(digits, 0, length, StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException e) {
      LOG.debug("{} cannot be read", file, e);
      return -1;
    }
  }
}
