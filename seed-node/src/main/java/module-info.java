/** The daemon: watcher, admission, seeder, control API, command line. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.node {
  requires static transitive org.jspecify;
  requires transitive org.veilor.seed.core;
  requires transitive org.veilor.seed.store;
  requires org.veilor.seed.blobs;
  requires transitive org.veilor.seed.gossip;
  requires transitive org.veilor.seed.net;
  requires org.veilor.seed.quic;
  requires ch.qos.logback.classic;
  requires transitive com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.toml;
  requires com.google.zxing;
  requires info.picocli;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires java.management;
  requires jdk.management;
  requires java.net.http;
  requires me.tongfei.progressbar;
  requires org.slf4j;

  exports org.veilor.seed.node.gossip;
  exports org.veilor.seed.node.cli;
  exports org.veilor.seed.node.config;
  exports org.veilor.seed.node.control;
  exports org.veilor.seed.node.daemon;
  exports org.veilor.seed.node.download;
  exports org.veilor.seed.node.engine;
  exports org.veilor.seed.node.membership;

  opens org.veilor.seed.node.cli to
      info.picocli;
}
