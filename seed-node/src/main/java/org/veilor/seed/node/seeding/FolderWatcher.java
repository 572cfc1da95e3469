package org.veilor.seed.node.seeding;

import java.nio.file.Path;

/** A source of hints. Its hints come on its own thread. */
interface FolderWatcher extends AutoCloseable {
  /** What came of watching a folder. */
  enum Watched {
    /** It is watched. */
    YES,
    /** The budget is used up: the folder is only scanned. */
    NO_BUDGET,
    /** It is not there, no folder, or may not be read. */
    NOT_POSSIBLE
  }

  /** Watches one folder, not those in it. Watching twice does no harm. */
  Watched watch(Path folder);

  /** Stops watching a folder and all below it. */
  void unwatchBelow(Path folder);

  /** Folders watched now. */
  int watches();

  /** Folders that may be watched at most. */
  int budget();

  /** What it is, for the status. */
  String name();

  @Override
  void close();

  /** A watcher that hears nothing. */
  FolderWatcher NONE =
      new FolderWatcher() {
        @Override
        public Watched watch(Path folder) {
          return Watched.NOT_POSSIBLE;
        }

        @Override
        public void unwatchBelow(Path folder) {}

        @Override
        public int watches() {
          return 0;
        }

        @Override
        public int budget() {
          return 0;
        }

        @Override
        public String name() {
          return "off";
        }

        @Override
        public void close() {}
      };
}
