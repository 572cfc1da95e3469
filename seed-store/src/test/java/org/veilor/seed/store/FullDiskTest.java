package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertMissing;
import static org.veilor.seed.store.Samples.assertServed;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.store.file.FileOutput;

/** A full disk: one sentence, nothing half kept, and it goes on by itself when there is room. */
final class FullDiskTest {
  private static final int LARGE = 5 << 20;

  @TempDir Path folder;

  /** Creates files on a disk that is full while the flag is set. */
  private static FileOutput.Creator fullWhile(AtomicBoolean full) {
    return path -> {
      FileOutput real = FileOutput.REAL.create(path);
      return new FileOutput() {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
          if (full.get()) {
            throw new IOException("No space left on device");
          }
          real.write(bytes, position);
        }

        @Override
        public void sync() throws IOException {
          real.sync();
        }

        @Override
        public void close() throws IOException {
          real.close();
        }
      };
    };
  }

  @Test
  void noRoomForAnOutboard() throws Exception {
    AtomicBoolean full = new AtomicBoolean(true);
    Path state = folder.resolve("state");
    Path file = write(folder.resolve("media").resolve("file"), bytes(1, LARGE));
    StoreOptions options = new StoreOptions(InstantSource.system(), fullWhile(full), 10);
    try (BlobStore store = BlobStore.open(state, options)) {
      assertThat(store.importFile(SERVICE, file))
          .isInstanceOfSatisfying(
              ImportOutcome.StoreFailure.class,
              failure -> assertThat(failure.why()).contains("is full; make room"));
      assertThat(store.stats().lastError()).contains("full");
      assertThat(store.path(file)).isNull();
      assertMissing(store, Blake3Hasher.hash(bytes(1, LARGE)));
      try (var left = Files.walk(state.resolve("outboards"))) {
        assertThat(left.filter(Files::isRegularFile)).isEmpty();
      }
      full.set(false);
      assertServed(store, stored(store.importFile(SERVICE, file)).hash(), bytes(1, LARGE));
    }
  }

  /** A real file system without room (too small for the log to be allocated ahead). */
  @Test
  void noRoomForTheDatabase() throws Exception {
    Path mount = Files.createDirectories(folder.resolve("mount"));
    Path library = ChildJvm.unpackLibrary(folder.resolve("native"));
    String script = "mount -t tmpfs -o size=12m tmpfs " + mount + " && exec \"$@\"";
    try (ChildJvm child =
        ChildJvm.start(
            library,
            List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"),
            Filler.class,
            mount.toString(),
            folder.resolve("media").toString())) {
      List<String> lines = child.remainingLines();
      assertThat(lines)
          .as("needs unshare(1) and user namespaces")
          .anySatisfy(line -> assertThat(line).startsWith("FAILED ").contains("is full; make room"))
          .contains("SERVED WHILE FULL", "STORED AFTERWARDS", "ALL THERE")
          .noneMatch(line -> line.contains("Exception"));
    }
  }

  /** Fills the file system on which its state lies. */
  static final class Filler {
    private Filler() {}

    /** Arguments: where the file system is mounted, where files to import can be made. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      Path mount = Path.of(arguments[0]);
      Path media = Files.createDirectories(Path.of(arguments[1]));
      Path state = mount.resolve("state");
      List<PathRecord> kept = new ArrayList<>();
      Path failed = null;
      try (BlobStore store = BlobStore.open(state, StoreOptions.defaults())) {
        kept.add(importNext(store, media, 0));
        Path ballast = mount.resolve("ballast");
        fill(ballast);
        for (int i = 1; failed == null && i < 100_000; i++) {
          Path file = write(media.resolve("file" + i), bytes(i, 200_000));
          switch (store.importFile(SERVICE, file)) {
            case ImportOutcome.Stored done -> kept.add(done.record());
            case ImportOutcome.StoreFailure failure -> {
              System.out.println("FAILED " + failure.why());
              failed = file;
            }
            case ImportOutcome other -> throw new IllegalStateException("" + other);
          }
          if (store.importFile(SERVICE, file) instanceof ImportOutcome.StoreFailure again) {
            System.out.println("FAILED " + again.why());
          }
        }
        assertServed(store, kept.getFirst().hash(), bytes(0, 200_000));
        System.out.println("SERVED WHILE FULL");
        Files.delete(ballast);
        kept.add(stored(store.importFile(SERVICE, Samples.there(failed))));
        System.out.println("STORED AFTERWARDS");
      }
      try (BlobStore store = BlobStore.open(state, StoreOptions.defaults())) {
        for (PathRecord record : kept) {
          assertThat(store.path(record.path())).isEqualTo(record);
        }
        assertThat(store.stats().rebuilt()).isNull();
        System.out.println("ALL THERE");
      }
    }

    private static PathRecord importNext(BlobStore store, Path media, int i) throws IOException {
      return stored(store.importFile(SERVICE, write(media.resolve("file" + i), bytes(i, 200_000))));
    }

    private static void fill(Path ballast) throws IOException {
      try (var out =
          Files.newByteChannel(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        while (true) {
          out.write(ByteBuffer.allocate(4096));
        }
      } catch (IOException full) {
        assertThat(full).hasMessageContaining("No space left");
      }
    }
  }
}
