package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.admission.ContentSample;
import org.veilor.seed.node.admission.Verdict;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.FileIdentity;
import org.veilor.seed.store.ImportOutcome;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ProgressListener;

/** Takes one file through admission into the store; blocking, on a worker's thread. */
final class Importer {
  /**
   * What came of it.
   *
   * @param event for the state machine
   * @param record the stored file, or null
   * @param read whether it was hashed, and not known already
   */
  record Result(PathEvent event, @Nullable PathRecord record, boolean read) {
    Result(PathEvent event, @Nullable PathRecord record) {
      this(event, record, false);
    }
  }

  private final SeedStore store;
  private final FileView files;
  private final RefusalMemory refusals;

  Importer(SeedStore store, FileView files, RefusalMemory refusals) {
    this.store = store;
    this.files = files;
    this.refusals = refusals;
  }

  /** Imports a file of a watched service. */
  Result importWatched(ServiceSettings service, Path file) {
    try {
      PathRecord row = store.path(file);
      boolean added = row != null && row.service().equals(ConfigReader.ADDED);
      if (added || service.name().equals(ConfigReader.ADDED)) {
        return importAdded(file, ConfigReader.ADDED, ProgressListener.NONE);
      }
      FileIdentity identity = files.facts(file).identity();
      Verdict verdict = admit(service, file);
      if (verdict instanceof Verdict.Refused refused) {
        return refuse(service.name(), file, identity, refused.why(), row);
      }
      return imported(store.importFile(service.name(), file, ProgressListener.NONE));
    } catch (IOException e) {
      return failed(e);
    } catch (SeedStore.SeedStoreException e) {
      return new Result(new PathEvent.Failed(String.valueOf(e.getMessage())), null);
    }
  }

  /** Imports a file that the operator named. */
  Result importAdded(Path file, String service, ProgressListener progress) {
    try {
      FileFacts facts = files.facts(file);
      if (facts.kind() != FileFacts.Kind.REGULAR) {
        return new Result(new PathEvent.Rejected(kindReason(facts.kind())), null);
      }
      Verdict verdict =
          Admission.byOperator(String.valueOf(file.getFileName()), files.sample(file));
      if (verdict instanceof Verdict.Refused refused) {
        return refuse(service, file, facts.identity(), refused.why(), store.path(file));
      }
      return imported(store.importFile(service, file, progress));
    } catch (IOException e) {
      return failed(e);
    } catch (SeedStore.SeedStoreException e) {
      return new Result(new PathEvent.Failed(String.valueOf(e.getMessage())), null);
    }
  }

  private Verdict admit(ServiceSettings service, Path file) throws IOException {
    Path relative = service.directory().relativize(file);
    FileFacts facts = files.facts(file);
    if (facts.kind() != FileFacts.Kind.REGULAR) {
      return new Verdict.Refused(Verdict.Rule.SPECIAL, kindReason(facts.kind()));
    }
    Verdict.Refused byName = Admission.byName(service.preset(), relative);
    if (byName != null) {
      return byName;
    }
    // a folder on the way may have been replaced by a link since the scan walked it
    Path root = service.directory();
    Path parent = file.getParent();
    if (parent == null
        || !parent.toRealPath().equals(root.toRealPath().resolve(root.relativize(parent)))) {
      return new Verdict.Refused(
          Verdict.Rule.LINK, "a folder above it is a symbolic link, which is never followed");
    }
    ContentSample sample = files.sample(file);
    return Admission.byContent(service.preset(), relative, sample);
  }

  /** Why a file that is not a regular file is not seeded. */
  static String kindReason(FileFacts.Kind kind) {
    return switch (kind) {
      case LINK -> "it is a symbolic link; links are never followed";
      case FOLDER -> "it is a folder";
      case SPECIAL -> "it is a pipe, a socket or a device";
      case REGULAR -> "it is a regular file";
    };
  }

  private Result refuse(
      String service, Path file, FileIdentity identity, String why, @Nullable PathRecord row) {
    refusals.remember(file, identity);
    if (row != null) {
      store.removePath(row.service(), file, why);
    }
    store.recordRefusal(service, file, why);
    return new Result(new PathEvent.Rejected(why), null);
  }

  private static Result imported(ImportOutcome outcome) {
    return switch (outcome) {
      case ImportOutcome.Stored(PathRecord record) ->
          new Result(new PathEvent.Stored(), record, true);
      case ImportOutcome.Unchanged(PathRecord record) -> new Result(new PathEvent.Stored(), record);
      case ImportOutcome.ChangedWhileReading _ ->
          new Result(new PathEvent.ChangedWhileReading(), null);
      case ImportOutcome.Unreadable(Path _, String why) ->
          new Result(new PathEvent.Failed("it cannot be read: " + why), null);
      case ImportOutcome.Rejected(Path _, String why) ->
          new Result(new PathEvent.Rejected(why), null);
      case ImportOutcome.StoreFailure(Path _, String why) ->
          new Result(new PathEvent.Failed("it cannot be stored: " + why), null);
    };
  }

  private static Result failed(IOException e) {
    return Reasons.isAbsence(e)
        ? new Result(new PathEvent.ChangedWhileReading(), null)
        : new Result(new PathEvent.Failed("it cannot be read: " + Reasons.of(e)), null);
  }
}
