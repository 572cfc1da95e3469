package org.veilor.seed.node.seeding;

import java.nio.file.Path;

/**
 * What a watcher heard. It is never believed without a look.
 *
 * @param path the file or folder; of {@link Kind#OVERFLOW} the folder around, where known
 */
record Hint(Kind kind, Path path) {
  /** The kinds of hints. */
  enum Kind {
    /** A file appeared or was written; its writer may go on. */
    FILE_CHANGED,
    /** A file was closed after writing. */
    FILE_CLOSED,
    /** A file was renamed into the folder. */
    FILE_MOVED_IN,
    /** Rights, times or links of a file changed. */
    FILE_ATTRIBUTES,
    /** A file was deleted or renamed away. */
    FILE_GONE,
    /** A folder was made. */
    FOLDER_CREATED,
    /** A folder was renamed into the folder, with all that it holds. */
    FOLDER_MOVED_IN,
    /** A folder was renamed away, with all that it held. */
    FOLDER_MOVED_OUT,
    /** A folder was deleted. */
    FOLDER_GONE,
    /** A watched folder itself was deleted, renamed or unmounted. */
    WATCHED_FOLDER_GONE,
    /** Rights of a folder changed. */
    FOLDER_ATTRIBUTES,
    /** Hints were lost: scan. */
    OVERFLOW
  }
}
