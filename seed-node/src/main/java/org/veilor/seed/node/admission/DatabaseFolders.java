package org.veilor.seed.node.admission;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Knows folders that are databases by the names of files in them. Such a folder is left out with
 * all that it holds, and refused as the folder of a service.
 */
public final class DatabaseFolders {
  private DatabaseFolders() {}

  /**
   * What database a folder is, or null.
   *
   * @param holds whether the folder has an entry of that name
   */
  public static @Nullable String database(Predicate<String> holds) {
    if (holds.test("PG_VERSION")) {
      return "the data of PostgreSQL";
    }
    if (holds.test("ibdata1")) {
      return "the data of MySQL or MariaDB";
    }
    if (holds.test("WiredTiger")) {
      return "the data of MongoDB";
    }
    boolean logStructured = holds.test("CURRENT") && (holds.test("IDENTITY") || holds.test("LOCK"));
    return logStructured ? "a RocksDB or LevelDB database" : null;
  }
}
