package org.veilor.seed.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.store.StoreException;

final class IdentityFileTest {
  @TempDir Path folder;

  private static byte[] secret(int value) {
    byte[] secret = new byte[IdentityFile.SECRET_BYTES];
    Arrays.fill(secret, (byte) value);
    return secret;
  }

  private Path file() {
    return folder.resolve("identity.key");
  }

  private byte[] load() throws StoreException {
    return IdentityFile.loadOrCreate(
        folder,
        () -> {
          throw new AssertionError("there is an identity");
        });
  }

  private void write(String text, String rights) throws Exception {
    Files.writeString(file(), text);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(rights));
  }

  @Test
  void isMadeOnceAndOnlyForItsOwner() throws Exception {
    assertThat(IdentityFile.loadOrCreate(folder, () -> secret(0xab))).isEqualTo(secret(0xab));
    assertThat(load()).isEqualTo(secret(0xab));
    assertThat(Files.readString(file())).isEqualTo("ab".repeat(32) + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void aLeftoverOfAKilledProcessDoesNotHurt() throws Exception {
    Files.writeString(folder.resolve("identity.key.new"), "half");
    assertThat(IdentityFile.loadOrCreate(folder, () -> secret(1))).isEqualTo(secret(1));
    assertThat(load()).isEqualTo(secret(1));
  }

  @Test
  void aCopyWithoutLineFeedIsFine() throws Exception {
    write("cd".repeat(32), "r--------");
    assertThat(load()).isEqualTo(secret(0xcd));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
  void rightsOfOthersAreRefusedWithTheCure(String rights) throws Exception {
    write("cd".repeat(32) + "\n", rights);
    assertThatThrownBy(this::load)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("chmod 600 " + file());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "zz", "ABCD", "tooshort"})
  void whatIsNoIdentityIsRefused(String text) throws Exception {
    write(text, "rw-------");
    assertThatThrownBy(this::load)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("64 lower-case hex digits");
    write("cd".repeat(32) + "\n" + text + "cd", "rw-------");
    assertThatThrownBy(this::load).isInstanceOf(StoreException.class);
  }

  @Test
  void aLinkIsRefused() throws Exception {
    Path elsewhere = folder.resolve("elsewhere");
    Files.writeString(elsewhere, "cd".repeat(32));
    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-------"));
    Files.createSymbolicLink(file(), elsewhere);
    assertThatThrownBy(this::load)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("symbolic link");
  }

  @Test
  void aSecretOfAnotherLengthIsAMistake() {
    assertThatThrownBy(() -> IdentityFile.loadOrCreate(folder, () -> new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
