package org.veilor.seed.store;

import java.time.InstantSource;
import org.veilor.seed.store.file.FileOutput;

/**
 * What a store takes from its surroundings.
 *
 * @param clock tells when something was stored, and how old the last change of a file is
 * @param outputs creates the files of outboards
 * @param openFiles channels that stay open between reads, at most {@link StoreLimits#OPEN_FILES}
 * @param withSha256 whether the SHA-256 digest of what is imported is computed, too
 */
public record StoreOptions(
    InstantSource clock, FileOutput.Creator outputs, int openFiles, boolean withSha256) {
  /** Checks the limit. */
  public StoreOptions {
    if (openFiles < 1 || openFiles > StoreLimits.OPEN_FILES) {
      throw new IllegalArgumentException("open files: " + openFiles);
    }
  }

  /** The same with digests. */
  public StoreOptions(InstantSource clock, FileOutput.Creator outputs, int openFiles) {
    this(clock, outputs, openFiles, true);
  }

  /** The system's clock and files, the default limits, and digests. */
  public static StoreOptions defaults() {
    return new StoreOptions(InstantSource.system(), FileOutput.REAL, StoreLimits.OPEN_FILES);
  }

  /** The same with or without digests. */
  public StoreOptions withSha256(boolean wanted) {
    return new StoreOptions(clock, outputs, openFiles, wanted);
  }
}
