package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.store.file.StateLock;

/** One process on one state folder. */
final class StateLockTest {
  @TempDir Path folder;

  @Test
  void anotherProcessIsNamed() throws Exception {
    Path state = folder.resolve("state");
    try (ChildJvm child = ChildJvm.start(folder, List.of(), Holder.class, state.toString())) {
      assertThat(child.nextLine()).isEqualTo("HELD");
      assertThatThrownBy(() -> BlobStore.open(state, StoreOptions.defaults()))
          .isInstanceOfSatisfying(
              StateLockedException.class,
              e -> assertThat(e.holderPid()).isEqualTo(OptionalLong.of(child.pid())))
          .hasMessageContaining("process " + child.pid())
          .hasMessageContaining("--state");
      child.kill();
      assertThat(child.remainingLines()).isEmpty();
    }
    BlobStore.open(state, StoreOptions.defaults()).close();
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    private Holder() {}

    /** Argument: the state folder. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      try (StateLock lock = StateLock.acquire(Path.of(arguments[0]))) {
        System.out.println("HELD");
        Thread.sleep(60_000);
        System.out.println("left " + lock.folder());
      }
    }
  }

  @Test
  void theSameProcessCannotLockTwiceAndTryingDoesNotUnlock() throws Exception {
    try (StateLock lock = StateLock.acquire(folder)) {
      Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
      assertThatThrownBy(() -> StateLock.acquire(link)).isInstanceOf(StateLockedException.class);
      try (ChildJvm child = ChildJvm.start(folder, List.of(), Holder.class, folder.toString())) {
        assertThat(String.join("\n", child.remainingLines()))
            .contains("process " + ProcessHandle.current().pid());
      }
      assertThat(lock.folder()).isEqualTo(folder.toRealPath());
    }
    StateLock.acquire(folder).close();
  }

  @Test
  void theFolderIsForItsOwnerOnly() throws Exception {
    Path state = folder.resolve("a").resolve("state");
    StateLock.acquire(state).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
  }

  @Test
  void aFileInThePlaceOfTheFolderIsOneSentence() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> BlobStore.open(file, StoreOptions.defaults()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the state folder " + file);
  }
}
