package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.assertServed;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.generous;
import static org.veilor.seed.store.cache.CacheSamples.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.ChildJvm;

/** A process that fetches, evicts and commits is killed at random moments, again and again. */
final class CacheKilledTest {
  private static final int KILLS = 20;
  private static final long BUDGET = 8 * MIB;
  private static final int BLOBS = 60;
  private static final int LARGEST = 1 << 20;
  private static final int LONGEST_WORK_MILLIS = 300;

  @TempDir Path state;

  @Test
  void whatCountsAsPresentVerifiesAndNothingElseIsLeft() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Set<Hash> kept = new HashSet<>();
    List<MemoryBlob> pinned = CacheWorkload.blobs(BLOBS, LARGEST).subList(0, Fetcher.PINNED);
    long complete = 0;
    long partial = 0;
    for (int i = 0; i < KILLS; i++) {
      String when = "seed " + seed + ", kill " + i;
      String childSeed = Long.toString(random.nextLong());
      try (ChildJvm child =
          ChildJvm.start(state, List.of(), Fetcher.class, state.toString(), childSeed)) {
        String line = child.nextLine();
        while (line != null && !line.equals("OPEN")) {
          line = child.nextLine();
        }
        Thread.sleep(random.nextInt(LONGEST_WORK_MILLIS));
        child.kill();
        List<String> promises = child.remainingLines();
        assertThat(promises).as(when).allMatch(text -> text.startsWith("KEPT "));
        for (String promise : promises) {
          kept.add(Hash.parse(promise.substring(5)));
        }
      }
      assertThat(diskUse(state.resolve("cache"))).as(when).isLessThanOrEqualTo(BUDGET);
      try (BlobCache cache = BlobCache.open(state, generous(BUDGET))) {
        List<CachedBlob> found = new ArrayList<>();
        cache.forEach(found::add);
        for (CachedBlob blob : found) {
          assertVerifies(cache, blob, when);
          complete += blob.isComplete() ? 1 : 0;
          partial += blob.isComplete() ? 0 : 1;
        }
        for (MemoryBlob blob : pinned) {
          if (kept.contains(blob.hash())) {
            assertServed(cache, blob);
          }
        }
        assertThat(cache.stats().usedBytes()).as(when).isEqualTo(diskUse(state.resolve("cache")));
      }
    }
    // How far the processes come depends on the machine.
    assertThat(kept).isNotEmpty();
    assertThat(complete).isPositive();
    assertThat(partial).as("seed " + seed).isPositive();
  }

  private static void assertVerifies(BlobCache cache, CachedBlob blob, String when)
      throws IOException {
    long present;
    if (blob.isComplete()) {
      try (BlobReader reader = CacheSamples.found(cache, blob.hash())) {
        present = verify(blob.hash(), reader);
      }
    } else {
      // As it is: begun, looked at, and left alone, also where the size is not proven.
      try (PartialBlob writer =
              CacheSamples.writer(cache.begin(blob.hash(), blob.sizeBytes(), Purpose.REQUEST));
          BlobReader reader = writer.reader()) {
        present = verify(blob.hash(), reader);
      }
    }
    assertThat(present).as("%s: %s", when, blob).isEqualTo(blob.presentBytes());
  }

  /** The process that is killed. */
  static final class Fetcher {
    static final int PINNED = 3;
    private static final int THREADS = 3;

    private Fetcher() {}

    /** Runs until it is killed; arguments: state folder, seed. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      List<MemoryBlob> blobs = CacheWorkload.blobs(BLOBS, LARGEST);
      Random random = new Random(Long.parseLong(arguments[1]));
      System.out.println("OPENING");
      BlobCache cache = BlobCache.open(Path.of(arguments[0]), generous(BUDGET));
      System.out.println("OPEN");
      for (int i = 0; i < THREADS; i++) {
        CacheWorkload work =
            new CacheWorkload(
                cache,
                blobs.subList(PINNED, BLOBS),
                new Random(random.nextLong()),
                new ReentrantLock());
        Thread.ofPlatform().start(() -> work(work));
      }
      for (MemoryBlob blob : blobs.subList(0, PINNED)) {
        cache.pin(blob.hash());
        if (cache.completeFile(blob.hash()) == null) {
          CacheSamples.store(cache, content(blob));
        }
        System.out.println("KEPT " + blob.hash());
      }
    }

    private static byte[] content(MemoryBlob blob) {
      byte[] content = new byte[(int) blob.sizeBytes()];
      blob.readData(0, content, 0, content.length);
      return content;
    }

    private static void work(CacheWorkload work) {
      try {
        while (true) {
          work.step();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
