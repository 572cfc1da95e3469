/** Pure values and algorithms: hashing, bao trees, codecs, keys, addresses, tickets. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.core {
  requires static jdk.incubator.vector;
  requires static transitive org.jspecify;
  requires org.bouncycastle.provider;

  exports org.veilor.seed.core.address;
  exports org.veilor.seed.core.bao;
  exports org.veilor.seed.core.blob;
  exports org.veilor.seed.core.hash;
  exports org.veilor.seed.core.identity;
  exports org.veilor.seed.core.ticket;
  exports org.veilor.seed.core.wire;
}
