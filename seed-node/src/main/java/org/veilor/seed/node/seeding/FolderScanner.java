package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.admission.DatabaseFolders;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.FileIdentity;
import org.veilor.seed.store.PathRecord;

/**
 * The reconciling scan, which is the truth: it walks a folder, tells every file that the store does
 * not have as it is now, and every stored file that is not there. A folder is watched before it is
 * listed, so that nothing that comes in between is missed. Symbolic links are never followed.
 */
final class FolderScanner {
  private static final int MAX_NOTES = 20;

  private final SeedStore store;
  private final FileView files;
  private final FolderWatcher watcher;
  private final RefusalMemory refusals;
  private final BooleanSupplier cancelled;

  FolderScanner(
      SeedStore store,
      FileView files,
      FolderWatcher watcher,
      RefusalMemory refusals,
      BooleanSupplier cancelled) {
    this.store = store;
    this.files = files;
    this.watcher = watcher;
    this.refusals = refusals;
    this.cancelled = cancelled;
  }

  /** What a file keeps when it gets another name. */
  private record Content(long inode, long sizeBytes, long modifiedNanos) {
    static Content of(FileIdentity identity) {
      return new Content(identity.inode(), identity.sizeBytes(), identity.modifiedNanos());
    }
  }

  /** The walk of one scan. */
  private final class Walk {
    final ServiceSettings service;
    final BiConsumer<Path, FileFacts> found;
    final Deque<Path> folders = new ArrayDeque<>();
    final List<String> notes = new ArrayList<>();
    long fileCount;
    long freshCount;
    int unwatched;
    final boolean onlyChanges;

    /** What the missing files were; what is found elsewhere is taken out. */
    final Set<Content> missing;

    Walk(
        ServiceSettings service,
        boolean onlyChanges,
        Set<Content> missing,
        BiConsumer<Path, FileFacts> found) {
      this.service = service;
      this.onlyChanges = onlyChanges;
      this.missing = missing;
      this.found = found;
    }

    void run(Path from) throws IOException {
      folders.add(from);
      boolean first = true;
      while (!folders.isEmpty() && !cancelled.getAsBoolean()) {
        Path folder = folders.removeLast();
        try {
          folder(folder);
        } catch (IOException e) {
          if (first) {
            throw e;
          }
          if (!Reasons.isAbsence(e)) {
            note("the folder " + folder + " cannot be listed: " + Reasons.of(e));
          }
        }
        first = false;
      }
    }

    private void folder(Path folder) throws IOException {
      String database = databaseIn(folder);
      if (database != null) {
        note("the folder " + folder + " is " + database + "; it is never seeded");
        return;
      }
      if (watcher.watch(folder) == FolderWatcher.Watched.NO_BUDGET) {
        unwatched++;
      }
      try (DirectoryStream<Path> entries = files.list(folder)) {
        for (Path entry : entries) {
          if (cancelled.getAsBoolean()) {
            return;
          }
          entry(entry);
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }

    private void entry(Path entry) {
      FileFacts facts;
      try {
        facts = files.facts(entry);
      } catch (IOException e) {
        if (!Reasons.isAbsence(e)) {
          note(entry + " cannot be looked at: " + Reasons.of(e));
        }
        return;
      }
      Path relative = service.directory().relativize(entry);
      switch (facts.kind()) {
        case FOLDER -> {
          if (String.valueOf(entry.getFileName()).startsWith(".")) {
            return;
          }
          if (relative.getNameCount() > SeedingLimits.MAX_DEPTH) {
            note(entry + " lies deeper than " + SeedingLimits.MAX_DEPTH + " folders; left out");
          } else {
            folders.add(entry);
          }
        }
        case REGULAR -> file(entry, relative, facts);
        case LINK, SPECIAL -> {
          // why() says so when asked; nothing to keep
        }
      }
    }

    private void file(Path file, Path relative, FileFacts facts) {
      if (Admission.byName(service.preset(), relative) != null) {
        return;
      }
      fileCount++;
      if (fileCount > SeedingLimits.MAX_FILES) {
        if (fileCount == SeedingLimits.MAX_FILES + 1L) {
          note("there are more than " + SeedingLimits.MAX_FILES + " files; the rest is left out");
        }
        return;
      }
      if (!missing.isEmpty()) {
        missing.remove(Content.of(facts.identity()));
      }
      if (onlyChanges) {
        PathRecord row = store.path(file);
        if (row != null && row.identity().isSameState(facts.identity())) {
          return;
        }
        if (refusals.remembers(file, facts.identity())) {
          return;
        }
        freshCount += row == null ? 1 : 0;
      }
      found.accept(file, facts);
    }

    private void note(String text) {
      if (notes.size() < MAX_NOTES) {
        notes.add(text);
      }
    }
  }

  /**
   * Scans a whole service. Where so much is missing that the brake may hold, it only looks first
   * whether that was renamed, so that nothing is hashed from another disk in the place of this one.
   *
   * @param believed whether what is missing is meant, whatever it is
   * @param found told every file that is new or different from what is stored
   */
  ScanReport scan(ServiceSettings service, boolean believed, BiConsumer<Path, FileFacts> found) {
    // the rows first: what the walk brings in is counted by whoever stores it
    Rows rows = new Rows();
    store.forEachPath(service.name(), service.directory(), row -> rows.check(row, null));
    Walk walk = new Walk(service, true, rows.missingContent, found);
    int missingBefore = rows.missingContent.size();
    String problem = problem(service.directory());
    if (problem == null) {
      try {
        boolean doubtful = !believed && Brake.trips(rows.count, rows.missing.size(), 0);
        if (doubtful) {
          Walk look = new Walk(service, true, rows.missingContent, (_, _) -> {});
          look.run(service.directory());
          int renamed = missingBefore - rows.missingContent.size();
          doubtful = Brake.trips(rows.count, rows.missing.size(), renamed);
          walk = doubtful ? look : walk;
        }
        if (!doubtful) {
          walk.run(service.directory());
        }
      } catch (IOException e) {
        problem = "the folder " + service.directory() + " cannot be listed: " + Reasons.of(e);
      }
    }
    return new ScanReport(
        problem,
        walk.fileCount,
        walk.freshCount,
        missingBefore - rows.missingContent.size(),
        walk.unwatched,
        rows.count,
        rows.missing,
        walk.notes);
  }

  /**
   * Compares the stored files of a service that has no folder with what is there.
   *
   * @param found told every file that is different from what is stored
   * @param each told every stored file
   */
  ScanReport check(String service, BiConsumer<Path, FileFacts> found, BiConsumer<Path, Long> each) {
    Rows rows = new Rows();
    store.forEachPath(
        service,
        Path.of("/"),
        row -> {
          each.accept(row.path(), row.identity().sizeBytes());
          rows.check(row, found);
        });
    return new ScanReport(null, rows.count, 0, 0, 0, rows.count, rows.missing, List.of());
  }

  /**
   * Watches and lists a folder and all below it, and tells every file in it.
   *
   * @return folders that are not watched for want of budget
   */
  int subtree(ServiceSettings service, Path folder, BiConsumer<Path, FileFacts> found) {
    Walk walk = new Walk(service, false, Set.of(), found);
    try {
      walk.run(folder);
    } catch (IOException e) {
      // it was renamed or deleted again already, or may not be read: the next scan says which
      org.slf4j.LoggerFactory.getLogger(FolderScanner.class)
          .debug("{} cannot be listed", folder, e);
    }
    return walk.unwatched;
  }

  /** Every stored file of a service at or below a folder. */
  List<Path> rowsBelow(String service, Path folder) {
    List<Path> rows = new ArrayList<>();
    store.forEachPath(service, folder, row -> rows.add(row.path()));
    return rows;
  }

  private final class Rows {
    long count;
    final List<Path> missing = new ArrayList<>();
    final Set<Content> missingContent = new HashSet<>();

    void check(PathRecord row, @Nullable BiConsumer<Path, FileFacts> found) {
      count++;
      try {
        FileFacts facts = files.facts(row.path());
        if (found != null && !facts.identity().isSameState(row.identity())) {
          found.accept(row.path(), facts);
        }
      } catch (IOException e) {
        if (Reasons.isAbsence(e)) {
          missing.add(row.path());
          missingContent.add(Content.of(row.identity()));
        }
      }
    }
  }

  private @Nullable String problem(Path folder) {
    try {
      return files.facts(folder).kind() == FileFacts.Kind.FOLDER
          ? database(folder)
          : folder + " is not a folder";
    } catch (IOException e) {
      return "the folder " + folder + " cannot be read: " + Reasons.of(e);
    }
  }

  private @Nullable String database(Path folder) {
    String database = databaseIn(folder);
    return database == null
        ? null
        : "the folder " + folder + " is " + database + "; name the folder with the media instead";
  }

  private @Nullable String databaseIn(Path folder) {
    return DatabaseFolders.database(name -> {
      try {
        files.facts(folder.resolve(name));
        return true;
      } catch (IOException e) {
        return false;
      }
    });
  }
}
