/** QUIC v1 with TLS 1.3 raw public keys, as a state machine: no socket, no clock, no thread. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.quic {
  requires static transitive org.jspecify;
  requires org.bouncycastle.provider;
  requires org.bouncycastle.tls;

  exports org.veilor.seed.quic;
}
