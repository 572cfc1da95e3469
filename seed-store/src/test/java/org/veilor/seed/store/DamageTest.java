package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertServed;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaStore;

/**
 * The damage cases that were measured with RocksDB: each is noticed, none loses more than it must.
 */
final class DamageTest {
  private static final int FILES = 300;

  @TempDir Path folder;

  private Path state() {
    return folder.resolve("state");
  }

  private Path db() {
    return state().resolve("db");
  }

  private Path file(int i) {
    return folder.resolve("media").resolve("file" + i);
  }

  private static byte[] content(int i) {
    return bytes(i, 20_000);
  }

  private BlobStore open() throws StoreException {
    return BlobStore.open(state(), StoreOptions.defaults());
  }

  /**
   * Imports files and takes a copy of the state as a killed process would leave it: half of the
   * rows in a table file, half in the log.
   */
  private void importAndKill() throws Exception {
    try (BlobStore store = open()) {
      importFiles(store, 0, FILES / 2);
    }
    try (BlobStore store = open()) {
      importFiles(store, FILES / 2, FILES);
      copy(state(), folder.resolve("killed"));
    }
    delete(state());
    Files.move(folder.resolve("killed"), state());
  }

  /** The last file is a commit of its own. */
  private void importFiles(BlobStore store, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      write(file(i), content(i));
    }
    List<CompletableFuture<ImportOutcome>> waiting = new ArrayList<>();
    for (int i = from; i < to - 1; i++) {
      waiting.add(store.importLater(SERVICE, file(i), ProgressListener.NONE));
    }
    waiting.forEach(outcome -> stored(outcome.join()));
    stored(store.importFile(SERVICE, file(to - 1)));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Path largest(String suffix) throws IOException {
    try (var files = Files.list(db())) {
      return files
          .filter(f -> f.toString().endsWith(suffix))
          .max(Comparator.comparingLong(f -> f.toFile().length()))
          .orElseThrow();
    }
  }

  private static void spoil(Path file, double where, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer wrong = ByteBuffer.wrap(bytes(99, bytes));
      channel.write(wrong, (long) (channel.size() * where));
    }
  }

  private List<Path> movedAside() throws IOException {
    try (var files = Files.list(state())) {
      return files.filter(f -> f.getFileName().toString().startsWith("db.damaged-")).toList();
    }
  }

  private void assertRebuilt() throws Exception {
    try (BlobStore store = open()) {
      assertThat(store.stats().rebuilt()).contains("rebuilt from damage");
      assertThat(movedAside()).hasSize(1);
      assertThat(store.stats().paths()).isZero();
      PathRecord record = stored(store.importFile(SERVICE, file(7)));
      assertServed(store, record.hash(), content(7));
    }
    try (BlobStore store = open()) {
      assertThat(store.stats().rebuilt()).contains("rebuilt from damage");
      assertThat(store.stats().paths()).isEqualTo(1);
      assertThat(movedAside()).hasSize(1);
    }
  }

  @Test
  void withoutDamageNothingIsLost() throws Exception {
    importAndKill();
    try (BlobStore store = open()) {
      assertThat(store.stats().rebuilt()).isNull();
      assertThat(store.stats().paths()).isEqualTo(FILES);
      assertThat(store.importFile(SERVICE, file(FILES - 1)))
          .isInstanceOf(ImportOutcome.Unchanged.class);
    }
  }

  @Test
  void aLogThatEndsInTheMiddleOfARecordLosesOnlyThat() throws Exception {
    importAndKill();
    Path log = largest(".log");
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 50);
    }
    try (BlobStore store = open()) {
      assertThat(store.stats().rebuilt()).isNull();
      assertThat(store.stats().paths()).isEqualTo(FILES - 1);
      stored(store.importFile(SERVICE, file(FILES - 1)));
    }
  }

  @Test
  void aLogDamagedInTheMiddleIsNoticed() throws Exception {
    importAndKill();
    spoil(largest(".log"), 0.5, 3);
    assertRebuilt();
  }

  @Test
  void aDamagedTableIsNoticedAtTheStart() throws Exception {
    importAndKill();
    spoil(largest(".sst"), 0.3, 8);
    assertRebuilt();
  }

  @Test
  void aMissingTableIsNoticed() throws Exception {
    importAndKill();
    Files.delete(largest(".sst"));
    assertRebuilt();
  }

  @Test
  void aMissingCurrentFileIsNoticed() throws Exception {
    importAndKill();
    Files.delete(db().resolve("CURRENT"));
    assertRebuilt();
  }

  @Test
  void aMissingManifestIsNoticed() throws Exception {
    importAndKill();
    try (var files = Files.list(db())) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("MANIFEST-")) {
          Files.delete(file);
        }
      }
    }
    assertRebuilt();
  }

  @Test
  void aTableDamagedWhileItIsInUseLeadsToARebuild() throws Exception {
    importAndKill();
    try (BlobStore store = open()) {
      CountDownLatch rebuilt = new CountDownLatch(1);
      store.onRebuilt(rebuilt::countDown);
      try (var files = Files.list(db())) {
        for (Path file : files.filter(f -> f.toString().endsWith(".sst")).toList()) {
          spoil(file, 0, (int) Files.size(file) / 2);
        }
      }
      for (int i = 0; i < FILES / 2; i++) {
        store.path(file(i));
      }
      assertThat(rebuilt.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(store.stats().rebuilt()).contains("rebuilt from damage");
      assertThat(store.stats().paths()).isZero();
      importFiles(store, 0, FILES);
      assertThat(store.stats().paths()).isEqualTo(FILES);
    }
    try (BlobStore store = open()) {
      assertThat(store.stats().paths()).isEqualTo(FILES);
      assertThat(movedAside()).hasSize(1);
    }
  }

  @Test
  void aMalformedRowIsDamage() throws Exception {
    importAndKill();
    try (MetaStore meta = MetaStore.openOrRebuild(db(), "now").store()) {
      meta.putUnsynced(Family.PATH, Keys.path(file(3)), new byte[] {1, 2, 3});
    }
    assertRebuilt();
  }

  @Test
  void aNewerDatabaseIsLeftAlone() throws Exception {
    importAndKill();
    try (MetaStore meta = MetaStore.openOrRebuild(db(), "now").store()) {
      meta.putUnsynced(Family.META, Keys.FORMAT, new byte[] {Rows.VERSION + 1});
    }
    assertThatThrownBy(this::open).isInstanceOf(StoreException.class).hasMessageContaining("newer");
    assertThat(movedAside()).isEmpty();
  }

  @Test
  void onlyTheNewestDamagedDatabasesAreKept() throws Exception {
    for (int i = 0; i < 4; i++) {
      open().close();
      Files.delete(db().resolve("CURRENT"));
      open().close();
    }
    assertThat(movedAside()).hasSize(2);
  }

  @Test
  void orphansAreSweptAndMissingOutboardsLeadToANewImport() throws Exception {
    Path large = write(file(0), bytes(1, 5 << 20));
    Path other = write(file(1), bytes(2, 6 << 20));
    Hash hash;
    try (BlobStore store = open()) {
      hash = stored(store.importFile(SERVICE, large)).hash();
      stored(store.importFile(SERVICE, other));
    }
    String hex = hash.toString();
    Path outboards = state().resolve("outboards");
    Path outboard = outboards.resolve(hex.substring(0, 2)).resolve(hex + ".obao4");
    Files.delete(outboard);
    Path orphan =
        write(outboards.resolve("ab").resolve("ab" + "0".repeat(62) + ".obao4"), new byte[64]);
    Path temporary = write(outboards.resolve("tmp").resolve("12"), new byte[64]);
    Path foreign = write(outboards.resolve("ab").resolve("README"), new byte[64]);
    try (BlobStore store = open()) {
      assertThat(orphan).doesNotExist();
      assertThat(temporary).doesNotExist();
      assertThat(foreign).exists();
      assertThat(store.path(large)).isNull();
      assertThat(store.path(other)).isNotNull();
      assertThat(store.stats().blobs()).isEqualTo(1);
      assertThat(stored(store.importFile(SERVICE, large)).hash()).isEqualTo(hash);
      assertServed(store, hash, bytes(1, 5 << 20));
    }
  }
}
