/** The iroh-gossip protocol and our announcements on it as state machines: no sockets, no clock. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.gossip {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;

  exports org.veilor.seed.gossip.announcement;
  exports org.veilor.seed.gossip.catalogue;
  exports org.veilor.seed.gossip.protocol;
  exports org.veilor.seed.gossip.service;
  exports org.veilor.seed.gossip.topic;
}
