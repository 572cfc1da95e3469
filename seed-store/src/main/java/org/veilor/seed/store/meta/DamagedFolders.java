package org.veilor.seed.store.meta;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;

/** Recognises a database whose files are incomplete, and moves damaged ones out of the way. */
final class DamagedFolders {
  private DamagedFolders() {}

  /**
   * Table files without {@code CURRENT} were a database once; RocksDB would take the folder for a
   * new one and create an empty database between its ruins.
   */
  static void refuseTornDatabase(Path folder) throws MetaException {
    if (!Files.isDirectory(folder) || hasCurrent(folder)) {
      return;
    }
    try (var files = Files.list(folder)) {
      if (files.anyMatch(DamagedFolders::isData)) {
        throw new MetaException(MetaException.Kind.DAMAGED, "open: the file CURRENT is missing");
      }
    } catch (IOException e) {
      throw new MetaException(
          e instanceof AccessDeniedException ? MetaException.Kind.DENIED : MetaException.Kind.OTHER,
          "the folder " + folder + " cannot be listed: " + e,
          e);
    }
  }

  /**
   * Only what is certainly not there is missing: a folder that may not be searched says nothing.
   */
  private static boolean hasCurrent(Path folder) throws MetaException {
    Path current = folder.resolve("CURRENT");
    try {
      Files.readAttributes(current, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (AccessDeniedException e) {
      throw new MetaException(MetaException.Kind.DENIED, current + ": permission denied", e);
    } catch (IOException e) {
      throw new MetaException(MetaException.Kind.OTHER, current + " cannot be looked at: " + e, e);
    }
  }

  private static boolean isData(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || name.endsWith(".log") || name.startsWith("MANIFEST-");
  }

  /** Renames {@code folder} to {@code <name>.damaged-<timestamp>}; keeps only the newest ones. */
  static Path moveAside(Path folder, String timestamp) throws MetaException {
    try {
      String name = folder.getFileName() + ".damaged-" + timestamp;
      Path aside = folder.resolveSibling(name);
      for (int i = 2; Files.exists(aside); i++) {
        aside = folder.resolveSibling(name + "-" + i);
      }
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      deleteOldest(folder);
      return aside;
    } catch (IOException e) {
      throw new MetaException(
          MetaException.Kind.OTHER,
          "the damaged database " + folder + " cannot be moved aside: " + e + "; move it by hand",
          e);
    }
  }

  private static void deleteOldest(Path folder) throws IOException {
    String prefix = folder.getFileName() + ".damaged-";
    List<Path> damaged;
    try (var siblings = Files.list(folder.resolveSibling("."))) {
      damaged =
          siblings
              .filter(p -> p.getFileName().toString().startsWith(prefix))
              .sorted(Comparator.comparing((Path p) -> p.getFileName().toString()).reversed())
              .toList();
    }
    for (Path old :
        damaged.subList(Math.min(MetaLimits.DAMAGED_KEPT, damaged.size()), damaged.size())) {
      deleteTree(old);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    List<Path> all;
    try (var files = Files.walk(root)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }
}
