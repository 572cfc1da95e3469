package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.seeding.PathEvent.How;
import org.veilor.seed.node.seeding.PathTable.Entry;
import org.veilor.seed.store.PathRecord;

/**
 * What a hint means: an event of one path, the listing of a folder, or, where it says too little, a
 * scan. Belongs to the seeder's thread.
 */
final class HintWork {
  private static final Logger LOG = LoggerFactory.getLogger(HintWork.class);

  private final SeederContext context;
  private final SeedStore store;
  private final FileView files;
  private final PathWork work;
  private final ScanSchedule schedule;
  private final FolderWatcher watcher;
  private final FolderScanner scanner;
  private final ExecutorService folderPool = SeederLoop.pool("folders");

  HintWork(
      SeederContext context,
      PathWork work,
      ScanSchedule schedule,
      FolderWatcher watcher,
      FolderScanner scanner) {
    this.context = context;
    this.store = context.store();
    this.files = context.files();
    this.work = work;
    this.schedule = schedule;
    this.watcher = watcher;
    this.scanner = scanner;
  }

  /** Lists folders; closed by whoever closes the seeder. */
  ExecutorService folderPool() {
    return folderPool;
  }

  /** Takes one hint. */
  void hint(Hint hint) {
    if (hint.kind() == Hint.Kind.OVERFLOW && hint.path().getNameCount() == 0) {
      LOG.warn("the kernel's queue of file events overflowed; scanning instead");
      schedule.allSoon();
      return;
    }
    ServiceState service = context.services().ownerOf(hint.path());
    if (service == null) {
      return;
    }
    if (service.paused != null) {
      if (hint.path().equals(service.settings.directory())) {
        schedule.soon(service);
      }
      return;
    }
    switch (hint.kind()) {
      case FILE_CHANGED -> changed(service, hint.path(), How.OPEN);
      case FILE_CLOSED, FILE_MOVED_IN -> changed(service, hint.path(), How.CLOSED);
      case FILE_ATTRIBUTES -> changed(service, hint.path(), How.ATTRIBUTES);
      case FILE_GONE -> gone(service, hint.path());
      case FOLDER_CREATED -> subtree(service, hint.path(), How.OPEN);
      case FOLDER_MOVED_IN -> subtree(service, hint.path(), How.CLOSED);
      case FOLDER_MOVED_OUT -> movedOut(service, hint.path());
      case FOLDER_GONE -> {
        watcher.unwatchBelow(hint.path());
        schedule.soon(service);
      }
      case WATCHED_FOLDER_GONE -> {
        // of any other folder, the one above it tells more
        if (hint.path().equals(service.settings.directory())) {
          schedule.soon(service);
        }
      }
      case FOLDER_ATTRIBUTES, OVERFLOW -> schedule.soon(service);
    }
  }

  private void changed(ServiceState service, Path path, How how) {
    if (service != context.services().added()
        && Admission.byName(
                service.settings.preset(), service.settings.directory().relativize(path))
            != null) {
      return;
    }
    FileFacts facts;
    try {
      facts = files.facts(path);
    } catch (IOException e) {
      if (!Reasons.isAbsence(e)) {
        schedule.soon(service);
      }
      return;
    }
    if (facts.kind() != FileFacts.Kind.REGULAR) {
      return;
    }
    // a hard link that publishes a complete file gives IN_CREATE and no IN_CLOSE_WRITE
    boolean linked = how == How.OPEN && facts.links() > 1;
    changed(service, path, linked ? How.CLOSED : how, facts);
  }

  private void changed(ServiceState service, Path path, How how, FileFacts facts) {
    if (service.paused != null) {
      return;
    }
    if (work.tracked() >= SeedingLimits.MAX_TRACKED && work.get(path) == null) {
      schedule.soon(service);
      return;
    }
    work.apply(work.enter(service, path, facts), new PathEvent.Changed(how, facts.identity()));
  }

  private void gone(ServiceState service, Path path) {
    work.refusals().forget(path);
    Entry entry = work.get(path);
    if (entry == null) {
      PathRecord row = store.path(path);
      if (row == null) {
        return;
      }
      entry = work.enterStored(service, path, row.identity().sizeBytes());
    }
    work.apply(entry, new PathEvent.Vanished(true));
  }

  private void subtree(ServiceState service, Path folder, How how) {
    if (String.valueOf(folder.getFileName()).startsWith(".")) {
      return;
    }
    folderPool.execute(() -> {
      int unwatched =
          scanner.subtree(
              service.settings,
              folder,
              (path, facts) -> context.mailbox().post(() -> changed(service, path, how, facts)));
      if (unwatched > 0) {
        context
            .mailbox()
            .post(() ->
                service.unwatched(
                    service.unwatchedFolders + unwatched, context.settings().scanInterval()));
      }
    });
  }

  private void movedOut(ServiceState service, Path folder) {
    watcher.unwatchBelow(folder);
    folderPool.execute(() -> {
      for (Path path : scanner.rowsBelow(service.settings.name(), folder)) {
        context.mailbox().post(() -> gone(service, path));
      }
    });
  }

  /** Serving found that a file is not what was hashed. */
  void contentChanged(Path path) {
    ServiceState service = context.services().ownerOf(path);
    if (service != null) {
      changed(service, path, How.CLOSED);
    }
  }
}
