/** The iroh endpoint on Netty: UDP, connections and streams. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.net {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;
  requires transitive org.veilor.seed.quic;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.unix.common;
  requires io.netty.transport.classes.epoll;
  requires org.slf4j;

  exports org.veilor.seed.net;
}
