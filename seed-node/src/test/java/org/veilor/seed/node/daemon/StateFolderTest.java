package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  @Test
  void isFoundInTheOrderOfTheInterface() {
    Map<String, String> all =
        Map.of(
            "STATE_DIRECTORY", "/var/lib/veilor-seed:/other",
            "VEILOR_SEED_STATE", "/own",
            "XDG_STATE_HOME", "/xdg",
            "HOME", "/home/u");
    assertThat(StateFolder.find(Path.of("/opt"), all)).isEqualTo(Path.of("/var/lib/veilor-seed"));
    Map<String, String> user =
        Map.of("VEILOR_SEED_STATE", "/own", "XDG_STATE_HOME", "/xdg", "HOME", "/home/u");
    assertThat(StateFolder.find(Path.of("/opt"), user)).isEqualTo(Path.of("/opt"));
    assertThat(StateFolder.find(null, user)).isEqualTo(Path.of("/own"));
    assertThat(StateFolder.find(null, Map.of("XDG_STATE_HOME", "/xdg", "HOME", "/home/u")))
        .isEqualTo(Path.of("/xdg/veilor-seed"));
    assertThat(StateFolder.find(null, Map.of("HOME", "/home/u")))
        .isEqualTo(Path.of("/home/u/.local/state/veilor-seed"));
  }

  @Test
  void isMadeForItsOwnerOnly(@TempDir Path temp) throws Exception {
    Path state = temp.resolve("a").resolve("state");
    StateFolder.create(state);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
  }
}
