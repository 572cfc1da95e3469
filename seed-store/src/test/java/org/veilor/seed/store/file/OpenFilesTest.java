package org.veilor.seed.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenFilesTest {
  @TempDir Path folder;
  private final List<FileChannel> opened = new ArrayList<>();
  private OpenFiles<String> files;

  @BeforeEach
  void write() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(folder.resolve(name), name);
    }
    files =
        new OpenFiles<>(
            2,
            name -> {
              FileChannel channel = FileChannel.open(folder.resolve(name));
              opened.add(channel);
              return channel;
            });
  }

  private String read(String name) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(1);
    assertThat(files.read(name, channel -> channel.read(target, 0))).isEqualTo(1);
    return String.valueOf((char) target.get(0));
  }

  @Test
  void theLeastRecentlyUsedIsClosed() throws IOException {
    assertThat(read("a") + read("b") + read("a") + read("c") + read("a")).isEqualTo("abaca");
    assertThat(opened).hasSize(3);
    assertThat(opened.stream().map(FileChannel::isOpen)).containsExactly(true, false, true);
    assertThat(files.size()).isEqualTo(2);
  }

  @Test
  void whatIsBeingReadStaysOpen() throws IOException {
    files.read(
        "a",
        channel -> {
          read("b");
          read("c");
          files.forget("a");
          assertThat(channel.isOpen()).isTrue();
          return 0;
        });
    assertThat(opened.stream().map(FileChannel::isOpen)).containsExactly(false, false, true);
    files.close();
    assertThat(opened.stream().filter(FileChannel::isOpen)).isEmpty();
  }

  @Test
  void aChannelThatSomebodyClosedIsOpenedAgain() throws IOException {
    read("a");
    opened.getFirst().close();
    assertThat(read("a")).isEqualTo("a");
    assertThat(opened).hasSize(2);
  }

  @Test
  void failuresGoToTheReader() throws IOException {
    assertThatThrownBy(() -> read("missing")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() ->
            files.read(
                "a",
                _ -> {
                  throw new ClosedChannelException();
                }))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(opened).hasSize(3);
    assertThat(opened.stream().filter(FileChannel::isOpen)).isEmpty();
    assertThat(read("b")).isEqualTo("b");
  }
}
