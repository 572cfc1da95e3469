package org.veilor.seed.gossip.catalogue;

/** Whether a catalogue shows the paths of its entries. */
public enum Names {
  /** Only lookup keys: whoever knows a path finds its entry, nobody can list the paths. */
  HIDDEN,
  /** Paths, of which the lookup keys follow. */
  CLEAR
}
