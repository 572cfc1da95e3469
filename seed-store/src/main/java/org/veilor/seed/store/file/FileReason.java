package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** What the file system said, in words for people. */
public final class FileReason {
  private FileReason() {}

  /** The path and what is wrong with it, for instance {@code /x/lock: permission denied}. */
  public static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> named(denied, "permission denied");
      case NoSuchFileException absent -> named(absent, "no such file or folder");
      case FileSystemException other when other.getReason() != null ->
          named(other, other.getReason());
      default -> String.valueOf(e.getMessage() == null ? e : e.getMessage());
    };
  }

  private static String named(FileSystemException e, @Nullable String reason) {
    return e.getFile() == null ? String.valueOf(reason) : e.getFile() + ": " + reason;
  }
}
