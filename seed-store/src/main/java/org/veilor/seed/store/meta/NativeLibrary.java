package org.veilor.seed.store.meta;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * Loads RocksDB's native library once for this process.
 *
 * <p>A library in {@code java.library.path} ({@code librocksdbjni-linux64.so}) is taken as it is;
 * that is what an installed program should have. Otherwise the one in the jar is unpacked into a
 * folder of the state folder, loaded, and unlinked at once, so that a killed process leaves at most
 * one file, which the next start replaces. RocksDB's own default, {@code java.io.tmpdir}, leaks a
 * file at each kill and often forbids execution.
 */
final class NativeLibrary {
  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library unless that was done before.
   *
   * @param scratch where to unpack; created when needed
   * @throws MetaException with the cure, if it cannot be loaded
   */
  static synchronized void load(Path scratch) throws MetaException {
    if (loaded) {
      return;
    }
    try {
      Files.createDirectories(scratch);
      NativeLibraryLoader.getInstance().loadLibrary(scratch.toString());
      try (var leftovers = Files.list(scratch)) {
        for (Path leftover : leftovers.toList()) {
          Files.delete(leftover);
        }
      }
      Files.deleteIfExists(scratch);
    } catch (AccessDeniedException e) {
      throw new MetaException(MetaException.Kind.DENIED, e.getFile() + ": permission denied", e);
    } catch (UnsatisfiedLinkError | IOException e) {
      throw new MetaException(
          MetaException.Kind.OTHER,
          "the native library of RocksDB cannot be loaded from "
              + scratch
              + " ("
              + e.getMessage()
              + "): allow execution there or start java with -Djava.library.path naming a folder that"
              + " holds librocksdbjni-linux64.so",
          e);
    }
    RocksDB.loadLibrary();
    loaded = true;
  }
}
