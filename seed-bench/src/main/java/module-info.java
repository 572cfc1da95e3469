/** Comparisons of whole programs: ours and a named peer, in one run. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.bench {
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.databind;
  requires java.management;
  requires jdk.management;
  requires jmh.core;
  requires org.bouncycastle.provider;
  requires transitive org.veilor.seed.core;
  requires org.veilor.seed.node;

  exports org.veilor.seed.bench;

  opens org.veilor.seed.bench to
      com.fasterxml.jackson.databind;
}
