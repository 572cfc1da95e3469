package org.veilor.seed.store.cache;

/** Why a blob is fetched; decides on its admission. */
public enum Purpose {
  /** Somebody asked for it: large blobs need a second request, very large ones are not kept. */
  REQUEST,
  /** It is to stay: only the budget and the disk limit it. Whoever wants that pins it as well. */
  PIN
}
