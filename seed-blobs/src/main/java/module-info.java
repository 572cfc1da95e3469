/** The iroh-blobs protocol as state machines: no sockets, no threads, no clock. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.blobs {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;

  exports org.veilor.seed.blobs.getter;
  exports org.veilor.seed.blobs.protocol;
  exports org.veilor.seed.blobs.provider;
}
