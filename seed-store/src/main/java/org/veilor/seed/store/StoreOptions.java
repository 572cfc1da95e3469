package org.veilor.seed.store;

import java.time.InstantSource;
import org.veilor.seed.store.file.FileOutput;

/**
 * What a store takes from its surroundings.
 *
 * @param clock tells when something was stored, and how old the last change of a file is
 * @param outputs creates the files of outboards
 * @param openFiles channels that stay open between reads, at most {@link StoreLimits#OPEN_FILES}
 */
public record StoreOptions(InstantSource clock, FileOutput.Creator outputs, int openFiles) {
  /** Checks the limit. */
  public StoreOptions {
    if (openFiles < 1 || openFiles > StoreLimits.OPEN_FILES) {
      throw new IllegalArgumentException("open files: " + openFiles);
    }
  }

  /** The system's clock and files, and the default limits. */
  public static StoreOptions defaults() {
    return new StoreOptions(InstantSource.system(), FileOutput.REAL, StoreLimits.OPEN_FILES);
  }
}
