package org.veilor.seed.store;

import java.nio.file.Path;

/** What came of importing a file. */
public sealed interface ImportOutcome {
  /** The file was hashed; what was found is durable. */
  record Stored(PathRecord record) implements ImportOutcome {}

  /** The file is as it was when it was hashed; it was not read. */
  record Unchanged(PathRecord record) implements ImportOutcome {}

  /** Somebody wrote to the file meanwhile: let it settle and try again. */
  record ChangedWhileReading(Path path) implements ImportOutcome {}

  /** The file does not exist, may not be read, or its disk fails. */
  record Unreadable(Path path, String why) implements ImportOutcome {}

  /** The file is none that can be seeded: a link, a folder, a device, a name without text. */
  record Rejected(Path path, String why) implements ImportOutcome {}

  /** The store could not keep it, most often because the disk is full. Nothing was kept. */
  record StoreFailure(Path path, String why) implements ImportOutcome {}
}
