package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.store.FileIdentity;

/** What {@code lstat} says of a path. */
public record FileStatus(FileIdentity identity, Kind kind) {
  private static final String ATTRIBUTES = "unix:dev,ino,size,lastModifiedTime,ctime,mode";
  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR = 0100000;
  private static final int SYMBOLIC_LINK = 0120000;
  private static final int FOLDER = 0040000;

  /** The types of files that matter here. */
  public enum Kind {
    REGULAR,
    SYMBOLIC_LINK,
    FOLDER,
    /** A device, a pipe or a socket. */
    OTHER
  }

  /** Looks at {@code path} itself; a symbolic link is not followed. */
  public static FileStatus of(Path path) throws IOException {
    Map<String, Object> seen = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    FileIdentity identity =
        new FileIdentity(
            number(seen, "dev"),
            number(seen, "ino"),
            number(seen, "size"),
            nanos(seen, "lastModifiedTime"),
            nanos(seen, "ctime"));
    return new FileStatus(identity, kind((int) number(seen, "mode")));
  }

  private static Kind kind(int mode) {
    return switch (mode & TYPE_MASK) {
      case REGULAR -> Kind.REGULAR;
      case SYMBOLIC_LINK -> Kind.SYMBOLIC_LINK;
      case FOLDER -> Kind.FOLDER;
      default -> Kind.OTHER;
    };
  }

  private static long number(Map<String, Object> seen, String name) throws IOException {
    if (seen.get(name) instanceof Number value) {
      return value.longValue();
    }
    throw new IOException("the file system tells no " + name);
  }

  private static long nanos(Map<String, Object> seen, String name) throws IOException {
    if (seen.get(name) instanceof FileTime time) {
      return time.to(TimeUnit.NANOSECONDS);
    }
    throw new IOException("the file system tells no " + name);
  }
}
