package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Turns what the file system throws into words for people. */
public final class Reasons {
  private Reasons() {}

  /** The reason without the path. */
  public static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or folder";
      case NotDirectoryException _ -> "not a folder";
      case FileSystemLoopException _ -> "a loop of symbolic links";
      case java.nio.file.FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  /** Whether this says for certain that there is no such file. */
  static boolean isAbsence(IOException e) {
    return e instanceof NoSuchFileException
        || e instanceof NotDirectoryException
        || (e instanceof java.nio.file.FileSystemException f
            && String.valueOf(f.getReason()).contains("Not a directory"));
  }
}
