package org.veilor.seed.store.cache;

/** Why a blob left the cache. */
public enum Removal {
  /** It was among the coldest, and its room was needed. */
  EVICTED,
  /** The file system came too near to {@code min_free}. */
  FREE_SPACE,
  /** Somebody asked for it. */
  REQUESTED,
  /** It may not be had any more. */
  DENIED,
  /** Its files are not what they must be. */
  DAMAGED
}
