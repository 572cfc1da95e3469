package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.store.FileIdentity;

/**
 * What {@code lstat} says of a path, as far as seeding needs it.
 *
 * @param links the number of hard links
 */
public record FileFacts(Kind kind, int links, FileIdentity identity) {
  private static final int TYPE_MASK = 0170000;

  /** The kinds of files. */
  public enum Kind {
    /** A regular file. */
    REGULAR,
    /** A folder. */
    FOLDER,
    /** A symbolic link. */
    LINK,
    /** A pipe, socket or device. */
    SPECIAL
  }

  /**
   * Looks at a path without following a symbolic link.
   *
   * @throws IOException where there is nothing, or it cannot be looked at
   */
  public static FileFacts of(Path path) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(
            path, "unix:mode,nlink,dev,ino,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
    Kind kind =
        switch ((int) number(unix, "mode") & TYPE_MASK) {
          case 0100000 -> Kind.REGULAR;
          case 0040000 -> Kind.FOLDER;
          case 0120000 -> Kind.LINK;
          default -> Kind.SPECIAL;
        };
    return new FileFacts(
        kind,
        (int) number(unix, "nlink"),
        new FileIdentity(
            number(unix, "dev"),
            number(unix, "ino"),
            number(unix, "size"),
            nanos(unix, "lastModifiedTime"),
            nanos(unix, "ctime")));
  }

  private static long number(Map<String, Object> unix, String name) throws IOException {
    if (unix.get(name) instanceof Number value) {
      return value.longValue();
    }
    throw new IOException("the file system tells no " + name);
  }

  private static long nanos(Map<String, Object> unix, String name) throws IOException {
    if (unix.get(name) instanceof FileTime time) {
      return time.to(TimeUnit.NANOSECONDS);
    }
    throw new IOException("the file system tells no " + name);
  }
}
