package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process without capabilities on a state that it may not use: nothing is taken for damage. */
final class DeniedTest {
  @TempDir Path folder;

  private Path state() {
    return folder.resolve("state");
  }

  @BeforeEach
  void store() throws Exception {
    try (BlobStore store = BlobStore.open(state(), StoreOptions.defaults())) {
      Path file = folder.resolve("media").resolve("file");
      write(file, bytes(1, 5_000_000));
      stored(store.importFile(SERVICE, file));
    }
    ChildJvm.unpackLibrary(folder.resolve("native"));
  }

  /** Opens a store and says how that went. */
  static final class Opener {
    private Opener() {}

    /** Argument: the state folder. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      try (BlobStore store = BlobStore.open(Path.of(arguments[0]), StoreOptions.defaults())) {
        System.out.println("OPEN " + store.stats().paths() + " " + store.stats().rebuilt());
      } catch (StoreException e) {
        System.out.println("REFUSED " + e.getMessage());
      }
    }
  }

  private String opened() throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            folder.resolve("native"),
            List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"),
            Opener.class,
            state().toString())) {
      List<String> said = child.remainingLines();
      return said.stream()
          .filter(line -> line.startsWith("OPEN") || line.startsWith("REFUSED"))
          .findFirst()
          .orElseGet(() -> String.join("\n", said));
    }
  }

  @ParameterizedTest
  @CsvSource({
    ".,---------",
    ".,r-x------",
    "lock,---------",
    "db,---------",
    "db,rw-------",
    "db,r-x------",
    "db/CURRENT,---------",
    "db/IDENTITY,---------",
    "outboards,---------",
    "outboards/tmp,---------",
  })
  void isOneSentenceAndAllIsThereAfterwards(String name, String rights) throws Exception {
    Path denied = state().resolve(name).normalize();
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(denied);
    Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString(rights));
    String said = opened();
    Files.setPosixFilePermissions(denied, before);
    assertThat(said)
        .startsWith("REFUSED ")
        .contains(state().toString(), "ermission denied", "give this user the right to")
        .doesNotContain("Exception");
    assertThat(opened()).isEqualTo("OPEN 1 null");
  }

  @Test
  void anOutboardIsNamed() throws Exception {
    Path outboard;
    try (var files = Files.walk(state().resolve("outboards"))) {
      outboard = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    Files.setPosixFilePermissions(outboard, Set.of());
    assertThat(opened())
        .startsWith("REFUSED ")
        .contains(outboard.toRealPath() + ": permission denied", "give this user the right to");
    Files.setPosixFilePermissions(outboard, PosixFilePermissions.fromString("rw-------"));
    assertThat(opened()).isEqualTo("OPEN 1 null");
  }
}
