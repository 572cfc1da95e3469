package org.veilor.seed.store.meta;

/** Receives the rows of a scan in the order of their keys. */
@FunctionalInterface
public interface RowVisitor {
  /**
   * Takes one row.
   *
   * @return whether the scan should go on
   */
  boolean row(byte[] key, byte[] value) throws MetaException;
}
