package org.veilor.seed.node.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.GateState;
import org.veilor.seed.gossip.announcement.GateState.Issuer;
import org.veilor.seed.gossip.announcement.GateState.Sequences;
import org.veilor.seed.gossip.protocol.TopicId;

class TopicFileTest {
  private static final TopicId TOPIC =
      new TopicId(Blake3Hasher.hash("topic".getBytes(StandardCharsets.UTF_8)));

  @TempDir private Path temporary = Path.of("");

  private static TopicFile.Memory memory() {
    Issuer issuer =
        new Issuer(
            SecretKey.of(new byte[SecretKey.LENGTH]).id(),
            1_795_000_000_000L,
            new Sequences(7, List.of(9L, 12L)),
            3,
            Sequences.NONE);
    return new TopicFile.Memory(42, new GateState(List.of(issuer)));
  }

  @Test
  void whatIsWrittenIsReadAndPrivate() throws Exception {
    Path folder = temporary.resolve("services");
    TopicFile file = new TopicFile(folder, TOPIC);
    assertThat(file.read()).isEqualTo(TopicFile.Memory.NONE);
    file.write(memory());
    assertThat(new TopicFile(folder, TOPIC).read()).isEqualTo(memory());
    try (var files = Files.list(folder)) {
      assertThat(files)
          .singleElement()
          .satisfies(each ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                  .isEqualTo("rw-------"));
    }
    file.delete();
    assertThat(file.read()).isEqualTo(TopicFile.Memory.NONE);
  }

  @Test
  void aDamagedFileIsNotBelieved() throws Exception {
    byte[] whole = TopicFile.encode(memory());
    Path path = temporary.resolve(TOPIC + ".heard");
    TopicFile file = new TopicFile(temporary, TOPIC);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(path, damaged);
      assertThat(file.read()).as("byte %s", at).isEqualTo(TopicFile.Memory.NONE);
    }
    Files.write(path, new byte[] {1, 2});
    assertThat(file.read()).isEqualTo(TopicFile.Memory.NONE);
    Files.write(path, whole);
    assertThat(file.read()).isEqualTo(memory());
  }
}
