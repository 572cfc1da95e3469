package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.generous;

import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.store.ChildJvm;

/**
 * What lies on the disk never exceeds the budget, by one byte, whatever happens at the same time.
 *
 * <p>Adding up files that come and go counts some twice. So the first test stops the workload
 * between two writes and looks at every file, and the second one asks a file system that holds
 * nothing else, which tells one number at once.
 *
 * <p>With {@code -Dveilor.cache.gb=1} the first one has a budget of 1 GiB instead of 64 MiB, and
 * prints the figures of docs/benchmarks.md; the heap must hold three times that.
 */
final class BudgetTest {
  private static final int THREADS = 4;
  private static final int GIB = Integer.getInteger("veilor.cache.gb", 0);
  private static final int SCALE = Math.max(1, 16 * GIB);
  private static final long BUDGET = 64 * MIB * SCALE;
  private static final long SMALL_BUDGET = 16 * MIB;

  @TempDir Path state;

  /** Runs workloads in parallel until {@code rounds} steps are done; how many blobs they commit. */
  private static long run(BlobCache cache, List<MemoryBlob> blobs, long seed, int rounds, Lock each)
      throws Exception {
    Random random = new Random(seed);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Long>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        CacheWorkload work = new CacheWorkload(cache, blobs, new Random(random.nextLong()), each);
        Callable<Long> steps =
            () -> {
              for (int n = 0; n < rounds; n++) {
                work.step();
              }
              work.closeReaders();
              return work.commits;
            };
        running.add(threads.submit(steps));
      }
      long commits = 0;
      for (Future<Long> one : running) {
        commits += one.get();
      }
      return commits;
    }
  }

  @Test
  void everyFileCounted() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    ReentrantReadWriteLock world = new ReentrantReadWriteLock();
    AtomicBoolean ended = new AtomicBoolean();
    AtomicLong peak = new AtomicLong();
    AtomicLong looks = new AtomicLong();
    Path folder = state.resolve("cache");
    try (BlobCache cache = BlobCache.open(state, generous(BUDGET))) {
      Callable<Void> sampling =
          () -> {
            while (!ended.get()) {
              world.writeLock().lock();
              try {
                peak.accumulateAndGet(diskUse(folder), Math::max);
                looks.incrementAndGet();
              } finally {
                world.writeLock().unlock();
              }
              Thread.sleep(10);
            }
            return null;
          };
      try (ExecutorService sampler = Executors.newSingleThreadExecutor()) {
        Future<Void> sampled = sampler.submit(sampling);
        List<MemoryBlob> blobs = CacheWorkload.blobs(140 * SCALE, 6 << 20);
        long commits = run(cache, blobs, seed, 100 * SCALE, world.readLock());
        ended.set(true);
        sampled.get();
        assertThat(commits).isGreaterThan(30);
      }
      cache.tick();
      awaitBackground(cache);
      CacheStats stats = cache.stats();
      System.out.printf(
          "budget %d, most on the disk %d in %d looks, %s%n",
          BUDGET, peak.get(), looks.get(), stats);
      assertThat(peak.get()).as("seed %d", seed).isLessThanOrEqualTo(BUDGET);
      assertThat(peak.get()).isGreaterThan(BUDGET / 100 * 80);
      assertThat(looks.get()).isGreaterThan(20);
      assertThat(stats.removed().getOrDefault(Removal.EVICTED, 0L)).isGreaterThan(5);
      assertThat(stats.leases()).isZero();
      assertThat(stats.writers()).isZero();
      assertThat(stats.usedBytes()).as("seed %d", seed).isEqualTo(diskUse(folder));
    }
    try (BlobCache cache = BlobCache.open(state, generous(BUDGET))) {
      assertThat(cache.stats().usedBytes()).as("seed %d", seed).isEqualTo(diskUse(folder));
    }
  }

  /** What was read to the last is deleted by the thread of the cache. */
  private static void awaitBackground(BlobCache cache) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    cache.inBackground(done::countDown);
    assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void theFileSystemAskedAllTheTime() throws Exception {
    Path mount = Files.createDirectories(state.resolve("mount"));
    String script = "mount -t tmpfs -o size=256m tmpfs " + mount + " && exec \"$@\"";
    long seed = ThreadLocalRandom.current().nextLong();
    try (ChildJvm child =
        ChildJvm.start(
            state,
            List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"),
            OnItsOwn.class,
            mount.toString(),
            Long.toString(seed))) {
      assertThat(child.remainingLines())
          .as("seed %d; needs unshare(1) and user namespaces", seed)
          .anySatisfy(line -> assertThat(line).startsWith("HELD "))
          .noneMatch(line -> line.contains("Exception") || line.startsWith("PASSED"));
    }
  }

  /** Runs the workload on a file system of its own and looks at that as fast as it can. */
  static final class OnItsOwn {
    private OnItsOwn() {}

    /** Arguments: where it is mounted, seed. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      Path mount = Path.of(arguments[0]);
      FileStore disk = Files.getFileStore(mount);
      long before = disk.getTotalSpace() - disk.getUnallocatedSpace();
      AtomicBoolean ended = new AtomicBoolean();
      long peak = 0;
      long looks = 0;
      try (BlobCache cache = BlobCache.open(mount, generous(SMALL_BUDGET))) {
        Callable<Long> work =
            () -> {
              try {
                return run(
                    cache,
                    CacheWorkload.blobs(80, 2 << 20),
                    Long.parseLong(arguments[1]),
                    100,
                    new ReentrantLock());
              } finally {
                ended.set(true);
              }
            };
        try (ExecutorService worker = Executors.newSingleThreadExecutor()) {
          Future<Long> working = worker.submit(work);
          while (!ended.get()) {
            long used = disk.getTotalSpace() - disk.getUnallocatedSpace() - before;
            peak = Math.max(peak, used);
            looks++;
          }
          String found = peak + " at most, " + looks + " looks, " + working.get();
          boolean held = peak <= SMALL_BUDGET && peak > SMALL_BUDGET / 100 * 80;
          System.out.println((held ? "HELD " : "PASSED ") + found);
        }
      }
    }
  }
}
