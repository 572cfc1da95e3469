package org.veilor.seed.store.meta;

/** The metadata database could not do what was asked; {@link #kind()} says what that implies. */
public final class MetaException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a failure implies. */
  public enum Kind {
    /** What is stored is not what was written: the database must be rebuilt. */
    DAMAGED,
    /** The file system is full: nothing was stored, try again when there is room. */
    FULL,
    /** The database comes from a newer version of this program. */
    NEWER,
    /** The database has been closed. */
    CLOSED,
    /** This user may not read or write it: nothing is wrong with what is stored. */
    DENIED,
    /** A failing disk, a missing native library: an operator has to look. */
    OTHER
  }

  private final Kind kind;

  public MetaException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public MetaException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
