package org.veilor.seed.node.config;

/** Who may have the files of a service. */
public enum Exposure {
  /** Everybody who asks for the hash. */
  PUBLIC,
  /** The members of the service's group; before groups are built, nobody outside this machine. */
  GROUP,
  /** Nobody outside this machine. */
  LOCAL
}
