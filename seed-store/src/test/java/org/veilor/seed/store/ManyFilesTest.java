package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertYields;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.found;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.there;
import static org.veilor.seed.store.Samples.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.store.file.FileOutput;

/** Many files at once: imports share commits, readers share descriptors. */
final class ManyFilesTest {
  private static final int FILES = 5000;
  private static final int THREADS = 64;
  private static final int OPEN_FILES = 4;

  @TempDir Path folder;

  private static byte[] content(int i) {
    return bytes(i, 200 + i % 20 * 1000);
  }

  private List<Path> files(int count) throws Exception {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(write(folder.resolve("media").resolve("file" + i), content(i)));
    }
    return files;
  }

  private BlobStore open(int openFiles) throws Exception {
    return BlobStore.open(
        folder.resolve("state"),
        new StoreOptions(InstantSource.system(), FileOutput.REAL, openFiles));
  }

  @Test
  void fiveThousandSmallFilesConcurrently() throws Exception {
    List<Path> files = files(FILES);
    Map<Path, PathRecord> records = new ConcurrentHashMap<>();
    try (BlobStore store = open(StoreLimits.OPEN_FILES);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> done = new ArrayList<>();
      for (Path file : files) {
        done.add(threads.submit(() -> records.put(file, stored(store.importFile(SERVICE, file)))));
      }
      for (Future<?> future : done) {
        future.get();
      }
      assertThat(store.stats().paths()).isEqualTo(FILES);
    }
    try (BlobStore store = open(StoreLimits.OPEN_FILES)) {
      assertThat(store.stats().paths()).isEqualTo(FILES);
      Map<Path, PathRecord> seen = new ConcurrentHashMap<>();
      store.forEachPath(SERVICE, record -> seen.put(record.path(), record));
      assertThat(seen).isEqualTo(records);
      for (int i = 0; i < FILES; i += 97) {
        Samples.assertServed(store, there(seen.get(files.get(i))).hash(), content(i));
      }
    }
  }

  @Test
  void anyNumberOfReadersShareFewDescriptors() throws Exception {
    List<Path> files = files(2000);
    try (BlobStore store = open(OPEN_FILES)) {
      List<CompletableFuture<ImportOutcome>> waiting = new ArrayList<>();
      for (Path file : files) {
        waiting.add(store.importLater(SERVICE, file, ProgressListener.NONE));
      }
      List<BlobReader> readers = new ArrayList<>();
      for (CompletableFuture<ImportOutcome> outcome : waiting) {
        readers.add(found(store, stored(outcome.join()).hash()));
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < readers.size(); i++) {
          int index = i;
          done.add(
              threads.submit(() -> {
                assertYields(readers.get(index), content(index));
                return index;
              }));
        }
        for (Future<?> future : done) {
          future.get();
        }
      }
      assertThat(store.stats().openLeases()).isEqualTo(2000);
      assertThat(store.stats().openFiles()).isLessThanOrEqualTo(OPEN_FILES);
      assertThat(descriptors()).isLessThanOrEqualTo(OPEN_FILES);
      readers.forEach(BlobReader::close);
      assertThat(store.stats().openLeases()).isZero();
    }
  }

  /** Those of the files; RocksDB opens and closes its own as it likes. */
  private long descriptors() throws Exception {
    Path media = folder.toRealPath().resolve("media");
    long count = 0;
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path each : open.toList()) {
        count += target(each).startsWith(media) ? 1 : 0;
      }
    }
    return count;
  }

  private static Path target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor);
    } catch (NoSuchFileException e) {
      return descriptor; // closed meanwhile
    }
  }
}
