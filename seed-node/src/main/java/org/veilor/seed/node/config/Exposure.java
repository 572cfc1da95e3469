package org.veilor.seed.node.config;

/** Who may have the files of a service. */
public enum Exposure {
  /** Everybody who asks for the hash. */
  PUBLIC,
  /** The members of the service's group: who joined with its invite. */
  GROUP,
  /** Nobody outside this machine. */
  LOCAL
}
