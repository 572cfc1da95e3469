/** RocksDB metadata, outboards, in-place content. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.store {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;
  requires rocksdbjni;
  requires org.slf4j;

  exports org.veilor.seed.store;
  exports org.veilor.seed.store.file;
}
