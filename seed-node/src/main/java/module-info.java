/** The daemon: watcher, admission, seeder, control API, command line. */
@org.jspecify.annotations.NullMarked
module org.veilor.seed.node {
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.toml;
}
