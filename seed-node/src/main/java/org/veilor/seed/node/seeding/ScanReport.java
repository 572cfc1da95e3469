package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan of one service found.
 *
 * @param problem why the folder of the service cannot be scanned at all, or null
 * @param files files met in the folder
 * @param fresh files met that are not stored
 * @param renamed missing files that are there under another name
 * @param unwatchedFolders folders that are not watched for want of budget
 * @param rows files of the service in the store
 * @param missing stored files that are not there
 * @param notes things left out, as sentences; a few only
 */
record ScanReport(
    @Nullable String problem,
    long files,
    long fresh,
    long renamed,
    int unwatchedFolders,
    long rows,
    List<Path> missing,
    List<String> notes) {

  /** Copies the lists. */
  ScanReport {
    missing = List.copyOf(missing);
    notes = List.copyOf(notes);
  }
}
