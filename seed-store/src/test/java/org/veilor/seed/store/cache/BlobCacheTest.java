package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.assertServed;
import static org.veilor.seed.store.cache.CacheSamples.bytes;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.found;
import static org.veilor.seed.store.cache.CacheSamples.generous;
import static org.veilor.seed.store.cache.CacheSamples.isThere;
import static org.veilor.seed.store.cache.CacheSamples.options;
import static org.veilor.seed.store.cache.CacheSamples.store;
import static org.veilor.seed.store.cache.CacheSamples.verify;
import static org.veilor.seed.store.cache.CacheSamples.write;
import static org.veilor.seed.store.cache.CacheSamples.writer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/** Writing, reading, resuming, pinning, removing. */
final class BlobCacheTest {
  @TempDir Path state;

  private Path folder() {
    return state.resolve("cache");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1024, 16384, 16385, 100_000, 5_000_000})
  void whatIsCommittedIsServedAlsoAfterARestart(int size) throws Exception {
    MemoryBlob blob;
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      blob = store(cache, bytes(1, size));
      assertServed(cache, blob);
      assertThat(cache.begin(blob.hash(), size, Purpose.REQUEST)).isEqualTo(new Opening.Complete());
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      assertServed(cache, blob);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
      Path file = Objects.requireNonNull(cache.completeFile(blob.hash()));
      assertThat(Files.size(file)).isEqualTo(size);
      try (CachedFile leased = Objects.requireNonNull(cache.lease(blob.hash()))) {
        assertThat(leased.sizeBytes()).isEqualTo(size);
        ByteBuffer content = ByteBuffer.allocate(size + 1);
        leased.channel().read(content, 0);
        assertThat(content.position()).isEqualTo(size);
      }
      assertThat(cache.stats().leases()).isZero();
    }
  }

  @Test
  void aWriterGoesOnWhereTheLastOneStopped() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(2, 3_000_000));
    ChunkRanges first = ChunkRanges.range(0, 512);
    ChunkRanges last = ChunkRanges.LAST_CHUNK;
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      try (PartialBlob writer = writer(cache, blob)) {
        write(writer, blob, first);
        assertThat(writer.isSizeProven()).isFalse();
        assertThat(isThere(cache, blob.hash())).as("unproven").isFalse();
        write(writer, blob, last);
        assertThat(writer.isSizeProven()).isTrue();
        assertThat(cache.begin(blob.hash(), 1, Purpose.REQUEST)).isEqualTo(new Opening.Busy());
        assertPart(cache, blob, first);
      }
      assertPart(cache, blob, first);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder())).isLessThan(MIB);
    }
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      assertPart(cache, blob, first);
      try (PartialBlob writer = writer(cache.begin(blob.hash(), 77, Purpose.REQUEST))) {
        assertThat(writer.sizeBytes()).as("proven before").isEqualTo(blob.sizeBytes());
        assertThat(writer.present()).isEqualTo(first);
        assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
        write(writer, blob, ChunkRanges.from(512));
        writer.commit();
      }
      assertServed(cache, blob);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
  }

  private static void assertPart(BlobCache cache, MemoryBlob blob, ChunkRanges part)
      throws IOException {
    try (BlobReader reader = found(cache, blob.hash())) {
      assertThat(reader.presentChunks()).isEqualTo(part);
      assertThat(reader.sizeBytes()).isEqualTo(blob.sizeBytes());
      assertThat(verify(blob.hash(), reader)).isEqualTo(512 * 1024);
      byte[] one = new byte[1];
      assertThatThrownBy(() -> reader.readData(1_000_000, one, 0, 1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not here yet");
    }
  }

  @Test
  void chunksOfAGroupCountWhenTheGroupIsWhole() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(3, 100_000));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB));
        PartialBlob writer = writer(cache, blob)) {
      write(writer, blob, ChunkRanges.range(3, 5));
      write(writer, blob, ChunkRanges.range(5, 16));
      assertThat(writer.present()).isEqualTo(ChunkRanges.EMPTY);
      write(writer, blob, ChunkRanges.range(0, 3));
      assertThat(writer.present()).isEqualTo(ChunkRanges.range(0, 16));
      write(writer, blob, ChunkRanges.LAST_CHUNK);
      assertThat(writer.isSizeProven()).isTrue();
      write(writer, blob, ChunkRanges.from(16));
      writer.commit();
      assertServed(cache, blob);
    }
  }

  @Test
  void aReaderOfTheWriterSeesWhatComesAndOutlivesTheCommit() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(4, 2_000_000));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB));
        PartialBlob writer = writer(cache, blob);
        BlobReader reader = writer.reader()) {
      assertThat(reader.presentChunks()).isEqualTo(ChunkRanges.EMPTY);
      write(writer, blob, ChunkRanges.range(160, 320));
      assertThat(verify(blob.hash(), reader)).isEqualTo(160 * 1024);
      write(writer, blob, ChunkRanges.ALL);
      assertThat(verify(blob.hash(), reader)).isEqualTo(2_000_000);
      writer.commit();
      assertThat(reader.presentChunks()).isEqualTo(ChunkRanges.ALL);
      assertThat(verify(blob.hash(), reader)).isEqualTo(2_000_000);
    }
  }

  @Test
  void aReaderOfWhatIsAbandonedSaysSo() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(5, 2_000_000));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      PartialBlob writer = writer(cache.begin(blob.hash(), 2_000_000, Purpose.REQUEST));
      write(writer, blob, ChunkRanges.range(0, 160));
      try (BlobReader reader = writer.reader()) {
        assertThat(verify(blob.hash(), reader)).isEqualTo(160 * 1024);
        // The pairs were still waiting to be written: their file stays empty.
        writer.abandon();
        assertThat(reader.presentChunks()).isEqualTo(ChunkRanges.EMPTY);
        assertThatThrownBy(() -> reader.readPair(0, new byte[64], 0))
            .hasMessageContaining("was given up");
      }
    }
  }

  @Test
  void aSizeClaimedWrongStartsAnew() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(5, 2_000_000));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      try (PartialBlob writer =
          writer(cache.begin(blob.hash(), 2_000_000 + 16_384, Purpose.REQUEST))) {
        write(writer, blob, ChunkRanges.range(0, 160));
        BlobReader reader = writer.reader();
        writer.sizeProven(2_000_000);
        assertThat(writer.present()).isEqualTo(ChunkRanges.EMPTY);
        assertThat(reader.presentChunks()).isEqualTo(ChunkRanges.EMPTY);
        assertThatThrownBy(() -> reader.readData(0, new byte[1], 0, 1))
            .hasMessageContaining("starts anew");
        reader.close();
        write(writer, blob, ChunkRanges.ALL);
        writer.commit();
      }
      assertServed(cache, blob);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      MemoryBlob other = MemoryBlob.of(bytes(6, 1_000_000));
      try (PartialBlob writer = writer(cache.begin(other.hash(), 700_000, Purpose.REQUEST))) {
        assertThatThrownBy(() -> writer.sizeProven(65 * MIB))
            .isInstanceOf(CacheFullException.class);
        writer.abandon();
      }
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
  }

  @Test
  void nothingIsDeletedUnderAReader() throws Exception {
    List<Hash> left = new ArrayList<>();
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      cache.onRemoved((hash, _) -> left.add(hash));
      MemoryBlob blob = store(cache, bytes(7, 1_000_000));
      BlobReader reader = found(cache, blob.hash());
      CachedFile file = Objects.requireNonNull(cache.lease(blob.hash()));
      assertThat(cache.remove(blob.hash(), Removal.DENIED)).isTrue();
      assertThat(cache.remove(blob.hash(), Removal.DENIED)).isFalse();
      assertThat(left).containsExactly(blob.hash());
      assertThat(cache.open(blob.hash())).isEqualTo(new BlobLookup.Missing());
      assertThat(cache.lease(blob.hash())).isNull();
      assertThat(cache.begin(blob.hash(), 1_000_000, Purpose.REQUEST))
          .isEqualTo(new Opening.NotKept(Opening.Reason.BEING_REMOVED));
      assertThat(verify(blob.hash(), reader)).isEqualTo(1_000_000);
      assertThat(cache.stats().usedBytes()).isGreaterThan(MIB / 2);
      reader.close();
      reader.close();
      assertThat(Files.exists(file.path())).isTrue();
      file.close();
      store(cache, bytes(7, 1_000_000));
      cache.remove(blob.hash(), Removal.REQUESTED);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder())).isLessThan(MIB / 2);
      assertThat(cache.stats().removed())
          .containsEntry(Removal.DENIED, 1L)
          .containsEntry(Removal.REQUESTED, 1L);
    }
  }

  @Test
  void whatWasUsedLatelyIsWarm() throws Exception {
    AtomicLong millis = new AtomicLong(1_000_000_000);
    CacheOptions usual = generous(64 * MIB);
    CacheOptions timed =
        new CacheOptions(usual.maxBytes(), 0, () -> Instant.ofEpochMilli(millis.get()), 100, 100);
    try (BlobCache cache = BlobCache.open(state, timed)) {
      MemoryBlob blob = store(cache, bytes(9, 100_000));
      assertThat(cache.leaseWarm(MemoryBlob.of(bytes(9, 1)).hash())).as("absent").isNull();
      millis.addAndGet(CacheLimits.WARM.toMillis() - 1);
      Objects.requireNonNull(cache.leaseWarm(blob.hash())).close();
      millis.addAndGet(CacheLimits.WARM.toMillis());
      assertThat(cache.leaseWarm(blob.hash())).as("used long ago").isNull();
      Objects.requireNonNull(cache.lease(blob.hash())).close();
      CachedFile file = Objects.requireNonNull(cache.leaseWarm(blob.hash()));
      assertThat(cache.remove(blob.hash(), Removal.DENIED)).isTrue();
      assertThat(cache.leaseWarm(blob.hash())).as("denied").isNull();
      assertThat(Files.exists(file.path())).isTrue();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder())).isGreaterThan(100_000);
      file.close();
      assertThat(cache.stats().leases()).isZero();
      MemoryBlob again = store(cache, bytes(9, 100_000));
      Objects.requireNonNull(cache.leaseWarm(again.hash())).close();
      Files.delete(Objects.requireNonNull(cache.completeFile(again.hash())));
      assertThat(cache.leaseWarm(again.hash())).as("somebody deleted it").isNull();
      assertThat(cache.stats().removed()).containsEntry(Removal.DAMAGED, 1L);
    }
  }

  @Test
  void aRemovedBlobStopsItsWriter() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(8, 1_000_000));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      try (PartialBlob writer = writer(cache, blob)) {
        write(writer, blob, ChunkRanges.range(0, 160));
        cache.remove(blob.hash(), Removal.DENIED);
        assertThatThrownBy(() -> write(writer, blob, ChunkRanges.ALL))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("DENIED");
      }
      assertThat(isThere(cache, blob.hash())).isFalse();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder())).isLessThan(MIB / 2);
    }
  }

  @Test
  void largeBlobsNeedASecondRequestAndVeryLargeOnesAPin() throws Exception {
    try (BlobCache cache = BlobCache.open(state, options(64 * MIB))) {
      MemoryBlob large = MemoryBlob.of(bytes(9, 1_000_000));
      assertThat(cache.begin(large.hash(), large.sizeBytes(), Purpose.REQUEST))
          .isEqualTo(new Opening.NotKept(Opening.Reason.SECOND_REQUEST_NEEDED));
      store(cache, bytes(9, 1_000_000));
      assertServed(cache, large);
      MemoryBlob huge = MemoryBlob.of(bytes(10, 17 << 20));
      for (int i = 0; i < 3; i++) {
        assertThat(cache.begin(huge.hash(), huge.sizeBytes(), Purpose.REQUEST))
            .isEqualTo(new Opening.NotKept(Opening.Reason.TOO_LARGE));
      }
      cache.pin(huge.hash());
      store(cache, bytes(10, 17 << 20));
      assertServed(cache, huge);
      Hash other = Hash.of(new byte[Hash.LENGTH]);
      assertThat(cache.begin(other, 65 * MIB, Purpose.PIN))
          .isEqualTo(new Opening.NotKept(Opening.Reason.TOO_LARGE));
      assertThat(cache.begin(other, 50 * MIB, Purpose.PIN))
          .isEqualTo(new Opening.NotKept(Opening.Reason.NO_ROOM));
      assertServed(cache, large);
      assertThat(cache.stats().notKept()).containsEntry(Opening.Reason.TOO_LARGE, 4L);
    }
  }

  @Test
  void whatIsPinnedStaysAlsoAfterARestart() throws Exception {
    MemoryBlob pinned;
    try (BlobCache cache = BlobCache.open(state, generous(8 * MIB))) {
      pinned = store(cache, bytes(11, 1_000_000));
      assertThat(cache.pin(pinned.hash())).isTrue();
      assertThat(cache.pin(pinned.hash())).isFalse();
      for (int i = 0; i < 10; i++) {
        store(cache, bytes(100 + i, 1_500_000));
      }
      assertServed(cache, pinned);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
    try (BlobCache cache = BlobCache.open(state, generous(8 * MIB))) {
      assertThat(cache.isPinned(pinned.hash())).isTrue();
      for (int i = 0; i < 10; i++) {
        store(cache, bytes(200 + i, 1_500_000));
      }
      assertServed(cache, pinned);
      assertThat(cache.unpin(pinned.hash())).isTrue();
      for (int i = 0; i < 30; i++) {
        MemoryBlob other = store(cache, bytes(300 + i, 1_500_000));
        assertServed(cache, other);
      }
      assertThat(isThere(cache, pinned.hash())).isFalse();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
    }
  }

  @Test
  void smallerLimitsHoldAtOnce() throws Exception {
    try (BlobCache cache = BlobCache.open(state, generous(32 * MIB))) {
      for (int i = 0; i < 10; i++) {
        store(cache, bytes(i, 2_000_000));
      }
      cache.setLimits(8 * MIB, 0);
      assertThat(diskUse(folder())).isLessThanOrEqualTo(8 * MIB);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(folder()));
      assertThat(cache.stats().completeBlobs()).isEqualTo(3);
    }
    try (BlobCache cache = BlobCache.open(state, generous(4 * MIB))) {
      assertThat(diskUse(folder())).isLessThanOrEqualTo(4 * MIB);
      assertThat(cache.stats().completeBlobs()).isEqualTo(1);
    }
  }

  @Test
  void everythingIsForItsOwnerOnlyAndLinksAreNotFollowed() throws Exception {
    try (BlobCache cache = BlobCache.open(state, generous(32 * MIB))) {
      MemoryBlob blob = store(cache, bytes(1, 100_000));
      cache.pin(blob.hash());
      try (var all = Files.walk(folder())) {
        for (Path path : all.toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
              .as(path.toString())
              .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
        }
      }
      Path file = Objects.requireNonNull(cache.completeFile(blob.hash()));
      Path aside = Files.move(file, state.resolve("aside"));
      Files.createSymbolicLink(file, aside);
      try (BlobReader reader = found(cache, blob.hash())) {
        assertThatThrownBy(() -> reader.readData(0, new byte[1], 0, 1))
            .isInstanceOf(IOException.class);
      }
    }
    try (BlobCache cache = BlobCache.open(state, generous(32 * MIB))) {
      assertThat(cache.stats().completeBlobs()).isZero();
      assertThat(state.resolve("aside")).exists();
    }
    Path elsewhere = Files.createDirectories(state.resolve("elsewhere"));
    Files.createSymbolicLink(Files.createDirectory(state.resolve("s")).resolve("cache"), elsewhere);
    assertThatThrownBy(() -> BlobCache.open(state.resolve("s"), generous(MIB)))
        .hasMessageContaining("symbolic link");
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 100_000, 1_500_000, 3_000_000, 4_190_000, 4_300_000})
  void thePartOfABlobSurvivesWhateverTheSizeOfItsOutboard(int size) throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(size, size));
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB));
        PartialBlob writer = writer(cache, blob)) {
      write(writer, blob, ChunkRanges.range(0, 16));
      writer.checkpoint();
    }
    try (BlobCache cache = BlobCache.open(state, generous(64 * MIB))) {
      CachedBlob found = Objects.requireNonNull(cache.blob(blob.hash()));
      assertThat(found.presentBytes()).isEqualTo(16_384);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
    }
  }
}
