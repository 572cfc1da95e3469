package org.veilor.seed.store;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Another process uses the state folder. */
public final class StateLockedException extends StoreException {
  private static final long serialVersionUID = 1L;
  private static final long UNKNOWN = -1;

  private final long holderPid;

  /**
   * Creates the exception.
   *
   * @param holderPid process that holds the lock, if it could be found out
   */
  public StateLockedException(Path stateDirectory, OptionalLong holderPid) {
    super(
        "another veilor-seed"
            + (holderPid.isPresent() ? " (process " + holderPid.getAsLong() + ")" : "")
            + " uses the state folder "
            + stateDirectory
            + "; stop it or choose another folder with --state");
    this.holderPid = holderPid.orElse(UNKNOWN);
  }

  /** The process that holds the lock, if known. */
  public OptionalLong holderPid() {
    return holderPid == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(holderPid);
  }
}
