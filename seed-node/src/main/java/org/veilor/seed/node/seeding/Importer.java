package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
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

  /**
   * Imports a file of a watched service: what reads it is done on return, what makes it durable
   * when the future completes.
   */
  CompletableFuture<Result> importWatched(ServiceSettings service, Path file) {
    try {
      PathRecord row = store.path(file);
      boolean added = row != null && row.service().equals(ConfigReader.ADDED);
      if (added || service.name().equals(ConfigReader.ADDED)) {
        return importAdded(file, ConfigReader.ADDED, ProgressListener.NONE);
      }
      FileFacts facts = files.facts(file);
      Verdict verdict = admit(service, file, facts);
      if (verdict instanceof Verdict.Refused refused) {
        return done(refuse(service.name(), file, facts.identity(), refused.why(), row));
      }
      return store
          .importLater(service.name(), file, ProgressListener.NONE)
          .thenApply(Importer::imported);
    } catch (IOException e) {
      return done(failed(e));
    } catch (SeedStore.SeedStoreException e) {
      return done(new Result(new PathEvent.Failed(String.valueOf(e.getMessage())), null));
    }
  }

  /** Imports a file that the operator named, as {@link #importWatched} does. */
  CompletableFuture<Result> importAdded(Path file, String service, ProgressListener progress) {
    try {
      FileFacts facts = files.facts(file);
      if (facts.kind() != FileFacts.Kind.REGULAR) {
        return done(new Result(new PathEvent.Rejected(kindReason(facts.kind())), null));
      }
      Verdict verdict =
          Admission.byOperator(String.valueOf(file.getFileName()), files.sample(file));
      if (verdict instanceof Verdict.Refused refused) {
        return done(refuse(service, file, facts.identity(), refused.why(), store.path(file)));
      }
      return store.importLater(service, file, progress).thenApply(Importer::imported);
    } catch (IOException e) {
      return done(failed(e));
    } catch (SeedStore.SeedStoreException e) {
      return done(new Result(new PathEvent.Failed(String.valueOf(e.getMessage())), null));
    }
  }

  private static CompletableFuture<Result> done(Result result) {
    return CompletableFuture.completedFuture(result);
  }

  private Verdict admit(ServiceSettings service, Path file, FileFacts facts) throws IOException {
    Path relative = service.directory().relativize(file);
    if (facts.kind() != FileFacts.Kind.REGULAR) {
      return new Verdict.Refused(Verdict.Rule.SPECIAL, kindReason(facts.kind()));
    }
    Verdict.Refused byName = Admission.byName(service.preset(), relative);
    if (byName != null) {
      return byName;
    }
    if (isBelowLink(service.directory(), relative)) {
      return new Verdict.Refused(
          Verdict.Rule.LINK, "a folder above it is a symbolic link, which is never followed");
    }
    ContentSample sample = files.sample(file);
    return Admission.byContent(service.preset(), relative, sample);
  }

  /** A folder on the way may have been replaced by a link since the scan walked it. */
  private boolean isBelowLink(Path root, Path relative) throws IOException {
    for (int names = 1; names < relative.getNameCount(); names++) {
      Path folder = root.resolve(relative.subpath(0, names));
      if (files.facts(folder).kind() != FileFacts.Kind.FOLDER) {
        return true;
      }
    }
    return false;
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
