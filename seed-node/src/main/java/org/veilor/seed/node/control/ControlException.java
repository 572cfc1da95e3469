package org.veilor.seed.node.control;

/** A request that is answered with an error; the message is one sentence for people. */
public final class ControlException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The kinds of errors; each has an HTTP status and an exit code of the command line. */
  public enum Kind {
    /** It failed. */
    FAILED(500, 1),
    /** The request makes no sense. */
    USAGE(400, 2),
    /** What it names is not there. */
    NOT_FOUND(404, 4),
    /** A rule forbids it. */
    REFUSED(403, 5),
    /** Too much at once. */
    BUSY(503, 1);

    private final int status;
    private final int exitCode;

    Kind(int status, int exitCode) {
      this.status = status;
      this.exitCode = exitCode;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }

    /** The exit code of the command line. */
    public int exitCode() {
      return exitCode;
    }

    /** The word that stands in the JSON answer. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The kind of that word; {@link #FAILED} where it is unknown. */
    public static Kind ofWord(String word) {
      for (Kind kind : values()) {
        if (kind.word().equals(word)) {
          return kind;
        }
      }
      return FAILED;
    }
  }

  private final Kind kind;

  /** Creates it. */
  public ControlException(Kind kind, String sentence) {
    super(sentence);
    this.kind = kind;
  }

  /** What kind of error it is. */
  public Kind kind() {
    return kind;
  }
}
