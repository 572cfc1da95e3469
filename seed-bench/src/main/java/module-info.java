/** Comparisons of whole programs: ours and a named peer, in one run. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.bench {
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.databind;

  exports org.veilor.seed.bench;
}
