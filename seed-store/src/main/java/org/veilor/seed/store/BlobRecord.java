package org.veilor.seed.store;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/**
 * What is known of a blob.
 *
 * @param sha256 of its bytes, or null if nobody asked for it
 * @param place where its bytes lie
 * @param paths files that hold it; at most {@link StoreLimits#PATHS_TOLD} are told
 */
public record BlobRecord(
    Hash hash,
    long sizeBytes,
    @Nullable Sha256 sha256,
    Place place,
    Outboard outboard,
    List<Path> paths) {

  /** Where the bytes of a blob lie. */
  public enum Place {
    /** In files that are not ours. */
    IN_PLACE,
    /** In the database: metadata and root of a collection. */
    DATABASE
  }

  /** Where the outboard of a blob lies. */
  public enum Outboard {
    /** The blob is one chunk group and has none. */
    NOT_NEEDED,
    /** In the database. */
    DATABASE,
    /** In a file below {@code outboards}. */
    FILE
  }
}
