/** QUIC v1 with TLS 1.3 raw public keys, as a state machine: no socket, no clock, no thread. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.quic {
  requires static transitive org.jspecify;
  requires org.bouncycastle.provider;
  requires org.bouncycastle.tls;

  exports org.veilor.seed.quic;
  exports org.veilor.seed.quic.congestion;
  exports org.veilor.seed.quic.connection;
  exports org.veilor.seed.quic.crypto;
  exports org.veilor.seed.quic.endpoint;
  exports org.veilor.seed.quic.error;
  exports org.veilor.seed.quic.frame;
  exports org.veilor.seed.quic.packet;
  exports org.veilor.seed.quic.params;
  exports org.veilor.seed.quic.path;
  exports org.veilor.seed.quic.qlog;
  exports org.veilor.seed.quic.recovery;
  exports org.veilor.seed.quic.stream;
  exports org.veilor.seed.quic.tls;
}
