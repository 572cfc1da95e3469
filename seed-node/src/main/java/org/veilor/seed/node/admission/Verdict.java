package org.veilor.seed.node.admission;

/** What admission says of one file. */
public sealed interface Verdict {
  /**
   * The file may be seeded.
   *
   * @param mediaType what its content is, for instance {@code image/png}
   */
  record Admitted(String mediaType) implements Verdict {}

  /**
   * The file is not seeded.
   *
   * @param rule the rule that says so
   * @param why one sentence for people, without a full stop
   */
  record Refused(Rule rule, String why) implements Verdict {}

  /** The rules that refuse. */
  enum Rule {
    /** A dot file, or a file below a dot folder. */
    HIDDEN,
    /** A name that programs give to what is not finished. */
    TEMPORARY,
    /** A database, its journal or its dump. */
    DATABASE,
    /** A private key or a store of passwords. */
    SECRET,
    /** Not a regular file. */
    SPECIAL,
    /** A symbolic link. */
    LINK,
    /** Nothing inside. */
    EMPTY,
    /** The preset of the service leaves it out. */
    PRESET,
    /** The content is active: it can carry scripts. */
    ACTIVE,
    /** The content is not of a known kind of static media. */
    UNKNOWN
  }
}
