package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertMissing;
import static org.veilor.seed.store.Samples.assertServed;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.found;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.there;
import static org.veilor.seed.store.Samples.write;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/** Files that change under our hands are never served under the old hash. */
final class ContentChangeTest {
  private static final int SIZE = 3 << 20;

  @TempDir Path folder;
  private Path file;
  private byte[] content;
  private BlobStore store;
  private final BlockingQueue<Path> toldToHashAgain = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() throws Exception {
    store = BlobStore.open(folder.resolve("state"), StoreOptions.defaults());
    store.onContentChanged(toldToHashAgain::add);
    content = bytes(3, SIZE);
    file = write(folder.resolve("media").resolve("file"), content);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void overwrite(long offset, byte[] bytes) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private void assertToldAndDropped(Hash old) throws Exception {
    assertMissing(store, old);
    assertThat(toldToHashAgain.poll(10, TimeUnit.SECONDS)).isEqualTo(file);
    assertThat(store.path(file)).isNull();
    assertThat(store.refusal(file)).isNotNull();
    assertMissing(store, old);
  }

  @Test
  void writtenWhileItIsHashed() throws Exception {
    ImportOutcome outcome =
        store.importFile(
            SERVICE,
            file,
            (done, total) -> {
              try {
                overwrite(10, new byte[] {1, 2, 3});
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(outcome).isEqualTo(new ImportOutcome.ChangedWhileReading(file));
    assertThat(store.path(file)).isNull();
    stored(store.importFile(SERVICE, file));
  }

  @Test
  void growsOrShrinksWhileItIsHashed() throws Exception {
    for (int newSize : new int[] {SIZE + 1, SIZE / 2, 0}) {
      write(file, content);
      ImportOutcome outcome =
          store.importFile(
              SERVICE,
              file,
              (done, total) -> {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                  channel.truncate(newSize);
                  channel.write(ByteBuffer.allocate(newSize > SIZE ? 1 : 0), SIZE);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(outcome).isEqualTo(new ImportOutcome.ChangedWhileReading(file));
    }
    assertThat(store.stats().blobs()).isZero();
  }

  @Test
  void replacedByAFileOfTheSameSizeAndTimeWhileItIsHashed() throws Exception {
    Path other = write(file.resolveSibling("other"), bytes(4, SIZE));
    FileTime time = Files.getLastModifiedTime(file);
    ImportOutcome outcome =
        store.importFile(
            SERVICE,
            file,
            (done, total) -> {
              try {
                if (Files.exists(other)) {
                  Files.setLastModifiedTime(other, time);
                  Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(outcome).isEqualTo(new ImportOutcome.ChangedWhileReading(file));
  }

  @Test
  void overwrittenInPlaceAfterwardsEvenWithItsOldTime() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    FileTime time = Files.getLastModifiedTime(file);
    overwrite(100, new byte[] {9, 9, 9});
    Files.setLastModifiedTime(file, time);
    assertToldAndDropped(hash);
    Hash again = stored(store.importFile(SERVICE, file)).hash();
    assertThat(again).isNotEqualTo(hash);
    assertServed(store, again, Files.readAllBytes(file));
  }

  @Test
  void truncatedWhileItIsServed() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    try (BlobReader reader = found(store, hash)) {
      byte[] group = new byte[16384];
      assertThat(reader.readData(0, group, 0, group.length)).isEqualTo(group.length);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(20_000);
      }
      assertThatThrownBy(() -> reader.readData(16384, group, 0, group.length))
          .isInstanceOfSatisfying(
              ContentChangedException.class,
              e -> {
                assertThat(e.hash()).isEqualTo(hash);
                assertThat(e.path()).isEqualTo(file);
              });
    }
    assertToldAndDropped(hash);
  }

  @Test
  void replacedWhileItIsServed() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    try (BlobReader reader = found(store, hash)) {
      Path other = write(file.resolveSibling("other"), bytes(4, SIZE));
      Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
      byte[] group = new byte[16384];
      assertThatThrownBy(() -> reader.readData(0, group, 0, group.length))
          .isInstanceOf(ContentChangedException.class);
    }
    assertToldAndDropped(hash);
  }

  @Test
  void replacedByALinkOrAFolder() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    Path moved = Files.move(file, file.resolveSibling("moved"));
    Files.createSymbolicLink(file, moved);
    assertToldAndDropped(hash);
  }

  @Test
  void deletedWhileItIsServedEndsTheReadButKeepsTheRow() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    try (BlobReader reader = found(store, hash)) {
      Files.delete(file);
      assertThatThrownBy(() -> reader.readData(0, new byte[10], 0, 10))
          .isInstanceOf(java.nio.file.NoSuchFileException.class);
    }
    assertThat(store.path(file)).isNotNull();
    assertMissing(store, hash);
  }

  @Test
  void whatTheEncoderFoundCounts() throws Exception {
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    store.contentChanged(hash, file, "chunk 0 differs");
    assertToldAndDropped(hash);
    assertThat(there(store.refusal(file)).why()).isEqualTo("chunk 0 differs");
    assertThat(stored(store.importFile(SERVICE, file)).hash()).isEqualTo(hash);
    assertServed(store, hash, content);
  }

  @Test
  void withoutAPathTheServingFileIsDropped() throws Exception {
    Path second = write(file.resolveSibling("second"), content);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    stored(store.importFile(SERVICE, second));
    store.contentChanged(hash, "chunk 0 differs");
    assertThat(toldToHashAgain.poll(10, TimeUnit.SECONDS)).isEqualTo(file);
    assertThat(there(store.blob(hash)).paths()).containsExactly(second);
    assertServed(store, hash, content);
    overwrite(0, new byte[1]);
    store.contentChanged(hash, "chunk 0 differs");
    assertThat(toldToHashAgain.poll(10, TimeUnit.SECONDS)).isEqualTo(second);
    assertMissing(store, hash);
  }

  @Test
  void aReportOnAnOldHashDoesNotTouchTheNewOne() throws Exception {
    Hash old = stored(store.importFile(SERVICE, file)).hash();
    write(file, bytes(5, SIZE));
    PathRecord now = stored(store.importFile(SERVICE, file));
    store.contentChanged(old, file, "late");
    store.removePath(SERVICE, folder.resolve("nothing"), "only waits for the committer");
    assertThat(store.path(file)).isEqualTo(now);
    assertThat(toldToHashAgain).isEmpty();
    assertServed(store, now.hash(), bytes(5, SIZE));
  }

  @Test
  void aDamagedOutboardHealsWithTheNextImport() throws Exception {
    byte[] large = bytes(6, 5 << 20);
    write(file, large);
    Path second = write(file.resolveSibling("second"), large);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    stored(store.importFile(SERVICE, second));
    String hex = hash.toString();
    Path outboard =
        folder.resolve("state/outboards").resolve(hex.substring(0, 2)).resolve(hex + ".obao4");
    byte[] wrong = Files.readAllBytes(outboard);
    wrong[1000] ^= 1;
    Files.write(outboard, wrong);
    store.contentChanged(hash, "a pair differs");
    assertThat(toldToHashAgain.poll(10, TimeUnit.SECONDS)).isEqualTo(file);
    stored(store.importFile(SERVICE, file));
    assertServed(store, hash, large);
  }

  @Test
  void aMissingOutboardDropsAllPathsOfTheBlob() throws Exception {
    byte[] large = bytes(6, 5 << 20);
    write(file, large);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    String hex = hash.toString();
    Files.delete(
        folder.resolve("state/outboards").resolve(hex.substring(0, 2)).resolve(hex + ".obao4"));
    try (BlobReader reader = found(store, hash)) {
      assertThatThrownBy(() -> reader.readPair(0, new byte[64], 0))
          .isInstanceOf(java.nio.file.NoSuchFileException.class);
    }
    assertToldAndDropped(hash);
    stored(store.importFile(SERVICE, file));
    assertServed(store, hash, large);
  }
}
