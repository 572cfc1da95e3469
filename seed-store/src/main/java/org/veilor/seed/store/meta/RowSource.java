package org.veilor.seed.store.meta;

import org.jspecify.annotations.Nullable;

/** Where rows are read: the database, or a transaction on top of it. */
@FunctionalInterface
public interface RowSource {
  /** The value of a row, or null if there is none. */
  byte @Nullable [] get(Family family, byte[] key) throws MetaException;
}
