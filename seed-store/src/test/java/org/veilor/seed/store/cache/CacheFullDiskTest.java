package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.assertServed;
import static org.veilor.seed.store.cache.CacheSamples.bytes;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.generous;
import static org.veilor.seed.store.cache.CacheSamples.isThere;
import static org.veilor.seed.store.cache.CacheSamples.store;
import static org.veilor.seed.store.cache.CacheSamples.write;
import static org.veilor.seed.store.cache.CacheSamples.writer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.store.ChildJvm;

/** A file system that gets full, by others or really: what is here is served, nothing is added. */
final class CacheFullDiskTest {
  @TempDir Path state;

  @Test
  void minFreeStaysFree() throws Exception {
    AtomicLong free = new AtomicLong(100 * MIB);
    CacheOptions usual = generous(64 * MIB);
    CacheOptions options = new CacheOptions(64 * MIB, 40 * MIB, usual.clock(), 100, 100);
    Path folder = state.resolve("cache");
    // Others use what is left of 100 MiB; the cache's own files count.
    try (BlobCache cache = BlobCache.open(state, options, () -> free.get() - diskUse(folder))) {
      for (int i = 0; i < 40; i++) {
        store(cache, bytes(i, 2_000_000));
        assertThat(diskUse(folder)).isLessThanOrEqualTo(60 * MIB);
      }
      assertThat(diskUse(folder)).isGreaterThan(50 * MIB);
      assertThat(cache.stats().removed()).containsKey(Removal.FREE_SPACE);
      free.set(60 * MIB);
      cache.tick();
      assertThat(diskUse(folder)).isLessThanOrEqualTo(20 * MIB).isGreaterThan(15 * MIB);
      MemoryBlob last = MemoryBlob.of(bytes(39, 2_000_000));
      assertServed(cache, last);
      free.set(30 * MIB);
      MemoryBlob next = MemoryBlob.of(bytes(50, 2_000_000));
      assertThat(cache.begin(next.hash(), next.sizeBytes(), Purpose.REQUEST))
          .isEqualTo(new Opening.NotKept(Opening.Reason.DISK_FULL));
      assertServed(cache, last);
      free.set(100 * MIB);
      store(cache, bytes(50, 2_000_000));
      assertServed(cache, next);
    }
  }

  @Test
  void aFileSystemWithoutRoom() throws Exception {
    Path mount = Files.createDirectories(state.resolve("mount"));
    String script = "mount -t tmpfs -o size=12m tmpfs " + mount + " && exec \"$@\"";
    try (ChildJvm child =
        ChildJvm.start(
            state,
            List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"),
            Filler.class,
            mount.toString())) {
      assertThat(child.remainingLines())
          .as("needs unshare(1) and user namespaces")
          .contains("FULL", "SERVED WHILE FULL", "NOT KEPT", "STORED AFTERWARDS", "ALL THERE")
          .noneMatch(line -> line.contains("Exception"));
    }
  }

  /** Fetches while somebody else fills the file system. */
  static final class Filler {
    private Filler() {}

    /** Argument: where the file system is mounted. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      Path mount = Path.of(arguments[0]);
      Path ballast = mount.resolve("ballast");
      MemoryBlob second = MemoryBlob.of(bytes(2, 3_000_000));
      MemoryBlob first;
      try (BlobCache cache = BlobCache.open(mount, generous(64 * MIB))) {
        first = store(cache, bytes(1, 3_000_000));
        try (PartialBlob writer = writer(cache, second);
            BlobReader reader = writer.reader()) {
          write(writer, second, ChunkRanges.range(0, 160));
          fill(ballast);
          try {
            write(writer, second, ChunkRanges.ALL);
            writer.commit();
          } catch (CacheFullException full) {
            System.out.println("FULL");
          }
          CacheSamples.verify(second.hash(), reader);
          writer.abandon();
        }
        assertServed(cache, first);
        assertThat(cache.stats().isDiskFull()).isTrue();
        assertThat(cache.stats().lastError()).contains("full");
        System.out.println("SERVED WHILE FULL");
        assertThat(cache.begin(second.hash(), 3_000_000, Purpose.REQUEST))
            .isEqualTo(new Opening.NotKept(Opening.Reason.DISK_FULL));
        System.out.println("NOT KEPT");
        Files.delete(ballast);
        cache.tick();
        store(cache, bytes(2, 3_000_000));
        assertServed(cache, second);
        System.out.println("STORED AFTERWARDS");
        assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(mount.resolve("cache")));
      }
      try (BlobCache cache = BlobCache.open(mount, generous(64 * MIB))) {
        assertThat(isThere(cache, first.hash())).isTrue();
        assertServed(cache, second);
        assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(mount.resolve("cache")));
        System.out.println("ALL THERE");
      }
    }

    private static void fill(Path ballast) throws IOException {
      try (SeekableByteChannel out =
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
