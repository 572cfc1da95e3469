/** RocksDB metadata, outboards, in-place content, and the disk cache. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.store {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;
  requires com.github.benmanes.caffeine;
  requires rocksdbjni;
  requires org.slf4j;

  exports org.veilor.seed.store;
  exports org.veilor.seed.store.cache;
  exports org.veilor.seed.store.file;
}
