package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertMissing;
import static org.veilor.seed.store.Samples.assertServed;
import static org.veilor.seed.store.Samples.assertYields;
import static org.veilor.seed.store.Samples.bytes;
import static org.veilor.seed.store.Samples.found;
import static org.veilor.seed.store.Samples.stored;
import static org.veilor.seed.store.Samples.there;
import static org.veilor.seed.store.Samples.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;

/** Imports, serves, forgets, and finds all of it again after a restart. */
final class BlobStoreTest {
  /** Larger than any blob whose outboard goes into the database. */
  private static final int LARGE = 5 << 20;

  @TempDir Path folder;
  private Path state;
  private Path media;
  private BlobStore store;

  @BeforeEach
  void open() throws Exception {
    state = folder.resolve("state");
    media = Files.createDirectories(folder.resolve("media"));
    store = BlobStore.open(state, StoreOptions.defaults());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void restart() throws Exception {
    store.close();
    store = BlobStore.open(state, StoreOptions.defaults());
  }

  private List<Path> outboardFiles() throws Exception {
    try (var files = Files.walk(state.resolve("outboards"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 1023, 1024, 1025, 16383, 16384, 16385, (1 << 20) + 1, 257 << 14, LARGE})
  void aFileIsServedAsItWasHashedAlsoAfterARestart(int size) throws Exception {
    byte[] content = bytes(size, size);
    Path file = write(media.resolve("file"), content);
    PathRecord record = stored(store.importFile(SERVICE, file));
    assertThat(record.hash()).isEqualTo(Blake3Hasher.hash(content));
    assertThat(Objects.requireNonNull(record.sha256()).toBytes())
        .isEqualTo(MessageDigest.getInstance("SHA-256").digest(content));
    assertThat(record.identity()).isEqualTo(FileIdentity.of(file));
    assertServed(store, record.hash(), content);
    StoreStats before = store.stats();
    assertThat(before.bytes()).isEqualTo(size);
    restart();
    assertThat(store.path(file)).isEqualTo(record);
    assertServed(store, record.hash(), content);
    assertThat(store.importFile(SERVICE, file)).isEqualTo(new ImportOutcome.Unchanged(record));
    StoreStats after = store.stats();
    assertThat(after.blobs()).isEqualTo(1);
    assertThat(after.outboardBytes()).isEqualTo(before.outboardBytes());
    assertThat(after.rebuilt()).isNull();
    assertThat(outboardFiles()).hasSize(size == LARGE ? 1 : 0);
  }

  @Test
  void progressIsTold() throws Exception {
    Path file = write(media.resolve("file"), bytes(1, 3 * StoreLimits.READ_BYTES));
    List<Long> told = new ArrayList<>();
    store.importFile(SERVICE, file, (done, total) -> told.add(done * 100 / total));
    assertThat(told).containsExactly(33L, 66L, 100L);
  }

  @Test
  void whatIsNoRegularFileIsRejected() throws Exception {
    Path file = write(media.resolve("file"), bytes(1, 10));
    Path link = Files.createSymbolicLink(media.resolve("link"), file);
    Path pipe = media.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThat(store.importFile(SERVICE, link))
        .isEqualTo(new ImportOutcome.Rejected(link, "it is a symbolic link"));
    assertThat(store.importFile(SERVICE, media))
        .isEqualTo(new ImportOutcome.Rejected(media, "it is a folder"));
    assertThat(store.importFile(SERVICE, pipe))
        .isEqualTo(new ImportOutcome.Rejected(pipe, "it is a device, a pipe or a socket"));
    Path missing = media.resolve("missing");
    assertThat(store.importFile(SERVICE, missing))
        .isEqualTo(new ImportOutcome.Unreadable(missing, "it does not exist"));
    assertThat(store.stats().paths()).isZero();
  }

  @Test
  void oneBlobInTwoFilesLivesUntilTheLastGoes() throws Exception {
    byte[] content = bytes(7, LARGE);
    Path first = write(media.resolve("a"), content);
    Path second = write(media.resolve("b"), content);
    Hash hash = stored(store.importFile(SERVICE, first)).hash();
    assertThat(stored(store.importFile("other", second)).hash()).isEqualTo(hash);
    assertThat(there(store.blob(hash)).paths()).containsExactly(first, second);
    assertThat(store.stats().blobs()).isEqualTo(1);
    store.removePath(SERVICE, first, "gone");
    assertServed(store, hash, content);
    assertThat(store.path(first)).isNull();
    assertThat(there(store.refusal(first)).why()).isEqualTo("gone");
    store.removePath("other", second, "gone");
    assertMissing(store, hash);
    assertThat(store.blob(hash)).isNull();
    restart();
    assertThat(outboardFiles()).isEmpty();
    assertThat(store.stats().bytes()).isZero();
  }

  @Test
  void aFileThatIsAbsentIsLeftOutButNotForgotten() throws Exception {
    byte[] content = bytes(7, 20_000);
    Path first = write(media.resolve("a"), content);
    Path second = write(media.resolve("b"), content);
    PathRecord record = stored(store.importFile(SERVICE, first));
    stored(store.importFile(SERVICE, second));
    Files.move(first, folder.resolve("elsewhere"));
    assertServed(store, record.hash(), content);
    assertThat(store.path(first)).isEqualTo(record);
    Files.delete(second);
    assertMissing(store, record.hash());
    assertThat(store.stats().paths()).isEqualTo(2);
  }

  @Test
  void aLeaseHoldsTheOutboardOfADroppedBlob() throws Exception {
    byte[] content = bytes(9, LARGE);
    Path file = write(media.resolve("file"), content);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    BlobReader another = found(store, hash);
    try (BlobReader reader = found(store, hash)) {
      store.removePath(SERVICE, file, "gone");
      assertMissing(store, hash);
      assertYields(reader, content);
      another.close();
      assertYields(reader, content);
      assertThat(store.stats().openLeases()).isEqualTo(1);
      assertThat(outboardFiles()).hasSize(1);
    }
    assertThat(store.stats().openLeases()).isZero();
    eventuallyNoOutboards();
  }

  @Test
  void aLeaseHoldsTheInlineOutboardOfADroppedBlob() throws Exception {
    byte[] content = bytes(9, 100_000);
    Path file = write(media.resolve("file"), content);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    try (BlobReader reader = found(store, hash)) {
      store.removePath(SERVICE, file, "gone");
      assertYields(reader, content);
    }
    stored(store.importFile(SERVICE, file));
    assertServed(store, hash, content);
  }

  private void eventuallyNoOutboards() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!outboardFiles().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(outboardFiles()).isEmpty();
  }

  @Test
  void aBlobThatComesBackWhileItIsDroppedKeepsItsOutboard() throws Exception {
    byte[] content = bytes(9, LARGE);
    Path file = write(media.resolve("file"), content);
    Hash hash = stored(store.importFile(SERVICE, file)).hash();
    try (BlobReader reader = found(store, hash)) {
      store.removePath(SERVICE, file, "gone");
      stored(store.importFile(SERVICE, file));
      assertYields(reader, content);
    }
    assertServed(store, hash, content);
    restart();
    assertServed(store, hash, content);
  }

  @Test
  void aClosedReaderReadsNothing() throws Exception {
    Path file = write(media.resolve("file"), bytes(9, 100));
    BlobReader reader = found(store, stored(store.importFile(SERVICE, file)).hash());
    reader.close();
    reader.close();
    assertThat(store.stats().openLeases()).isZero();
    assertThatThrownBy(() -> reader.readData(0, new byte[1], 0, 1)).hasMessageContaining("closed");
  }

  @Test
  void aFileCanMoveToAnotherServiceWithoutBeingRead() throws Exception {
    Path file = write(media.resolve("file"), bytes(9, 100));
    PathRecord record = stored(store.importFile(SERVICE, file));
    List<Long> read = new ArrayList<>();
    PathRecord moved = stored(store.importFile("other", file, (done, total) -> read.add(done)));
    assertThat(read).isEmpty();
    assertThat(moved.service()).isEqualTo("other");
    assertThat(moved.hash()).isEqualTo(record.hash());
    List<PathRecord> seen = new ArrayList<>();
    store.forEachPath(SERVICE, seen::add);
    assertThat(seen).isEmpty();
    store.forEachPath("other", seen::add);
    store.forEachPath(null, seen::add);
    store.forEachPathBelow(media, seen::add);
    store.forEachPathBelow(folder.resolve("med"), seen::add);
    assertThat(seen).containsExactly(moved, moved, moved);
  }

  @Test
  void aServiceCannotRemoveTheFileOfAnother() throws Exception {
    Path file = write(media.resolve("file"), bytes(9, 100));
    PathRecord record = stored(store.importFile(SERVICE, file));
    store.removePath("other", file, "gone");
    assertThat(store.path(file)).isEqualTo(record);
    assertThat(store.refusal(file)).isNull();
    store.removePath(SERVICE, media.resolve("never seen"), "gone");
    assertThat(store.stats().paths()).isEqualTo(1);
  }

  @Test
  void anOverwrittenFileReplacesItsBlob() throws Exception {
    Path file = write(media.resolve("file"), bytes(1, 30_000));
    Hash before = stored(store.importFile(SERVICE, file)).hash();
    write(file, bytes(2, 40_000));
    Hash after = stored(store.importFile(SERVICE, file)).hash();
    assertThat(after).isNotEqualTo(before);
    assertMissing(store, before);
    assertServed(store, after, bytes(2, 40_000));
    assertThat(store.stats().blobs()).isEqualTo(1);
    assertThat(store.stats().bytes()).isEqualTo(40_000);
  }

  private List<CollectionEntry> importThree() throws Exception {
    List<CollectionEntry> entries = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path file = write(media.resolve("file" + i), bytes(i, 1000 * (i + 1)));
      Hash hash = stored(store.importFile(SERVICE, file)).hash();
      entries.add(new CollectionEntry("sub/file" + i, hash));
    }
    return entries;
  }

  @Test
  void aCollectionIsServedFromTheDatabase() throws Exception {
    List<CollectionEntry> entries = importThree();
    HashAndFormat root = store.storeCollection(SERVICE, media, entries);
    assertThat(root.format()).isEqualTo(BlobFormat.HASH_SEQUENCE);
    restart();
    CollectionRecord record = there(store.collection(media));
    assertThat(record.hash()).isEqualTo(root.hash());
    assertThat(record.files()).isEqualTo(3);
    assertThat(record.sizeBytes()).isEqualTo(6000);
    Collection expected =
        new Collection(
            entries.stream().map(e -> new Collection.Entry(e.name(), e.hash())).toList());
    HashSequence sequence = expected.hashSequence();
    assertServed(store, root.hash(), sequence.toBytes());
    assertServed(store, record.metadataHash(), expected.metadata());
    List<CollectionRecord> seen = new ArrayList<>();
    store.forEachCollection(SERVICE, seen::add);
    store.forEachCollection("other", seen::add);
    assertThat(seen).containsExactly(record);
    assertThat(there(store.blob(root.hash())).place()).isEqualTo(BlobRecord.Place.DATABASE);
  }

  @Test
  void aCollectionOfManyNamesHasAnOutboard() throws Exception {
    Hash hash = importThree().getFirst().hash();
    List<CollectionEntry> entries = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      entries.add(new CollectionEntry("folder/of/some/depth/picture" + i + ".jpeg", hash));
    }
    HashAndFormat root = store.storeCollection(SERVICE, media, entries);
    Collection expected =
        new Collection(
            entries.stream().map(e -> new Collection.Entry(e.name(), e.hash())).toList());
    assertServed(store, root.hash(), expected.hashSequence().toBytes());
    assertServed(store, there(store.collection(media)).metadataHash(), expected.metadata());
  }

  @Test
  void aReplacedCollectionDropsItsOldBlobsOnly() throws Exception {
    List<CollectionEntry> entries = importThree();
    HashAndFormat all = store.storeCollection(SERVICE, media, entries);
    HashAndFormat two = store.storeCollection(SERVICE, media, entries.subList(0, 2));
    assertMissing(store, all.hash());
    assertThat(there(store.collection(media)).hash()).isEqualTo(two.hash());
    assertThat(store.stats().blobs()).isEqualTo(5);
    store.removeCollection(media);
    assertMissing(store, two.hash());
    assertThat(store.collection(media)).isNull();
    assertThat(store.stats().blobs()).isEqualTo(3);
    assertThat(store.stats().collections()).isZero();
  }

  @Test
  void aCollectionDoesNotPromiseWhatIsNotThere() throws Exception {
    List<CollectionEntry> entries = importThree();
    store.removePath(SERVICE, media.resolve("file1"), "gone");
    assertThatThrownBy(() -> store.storeCollection(SERVICE, media, entries))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("sub/file1");
    assertThat(store.stats().blobs()).isEqualTo(2);
  }

  @Test
  void refusalsAreKeptUntilTheFileIsSeeded() throws Exception {
    Path file = write(media.resolve("file"), bytes(1, 10));
    store.recordRefusal(SERVICE, file, "it is a database");
    restart();
    assertThat(there(store.refusal(file)).why()).isEqualTo("it is a database");
    assertThat(store.stats().refusals()).isEqualTo(1);
    stored(store.importFile(SERVICE, file));
    assertThat(store.refusal(file)).isNull();
    assertThat(store.stats().refusals()).isZero();
  }

  @Test
  void theOldestRefusalIsForgottenFirst() {
    for (int i = 0; i <= StoreLimits.REFUSALS; i++) {
      store.recordRefusal(SERVICE, media.resolve("file" + i), "no".repeat(i));
      if (i == 10) {
        store.recordRefusal(SERVICE, media.resolve("file0"), "again");
      }
    }
    assertThat(store.stats().refusals()).isEqualTo(StoreLimits.REFUSALS);
    assertThat(store.refusal(media.resolve("file1"))).isNull();
    assertThat(there(store.refusal(media.resolve("file0"))).why()).isEqualTo("again");
    assertThat(there(store.refusal(media.resolve("file" + StoreLimits.REFUSALS))).why())
        .hasSize(StoreLimits.REASON_CHARACTERS);
  }

  @Test
  void aClosedStoreSaysSo() throws Exception {
    Path file = write(media.resolve("file"), bytes(1, 10));
    store.close();
    assertThat(store.importFile(SERVICE, file))
        .isInstanceOfSatisfying(
            ImportOutcome.StoreFailure.class, f -> assertThat(f.why()).contains("closed"));
    assertThatThrownBy(() -> store.open(Hash.EMPTY_BLOB)).hasMessageContaining("closed");
  }
}
