/** The metadata database: rows of bytes in column families; the only package that sees RocksDB. */
package org.veilor.seed.store.meta;
