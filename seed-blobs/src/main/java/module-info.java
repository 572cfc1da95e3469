/** The iroh-blobs protocol as state machines. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.blobs {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;
}
