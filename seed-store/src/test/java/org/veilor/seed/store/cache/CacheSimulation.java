package org.veilor.seed.store.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** Requests of a public media cache without any byte, for several ways to decide what stays. */
final class CacheSimulation {
  static final long BUDGET = 10L << 30;

  private static final int CATALOGUE = 200_000;
  private static final double ZIPF = 0.9;
  private static final int ISOS = 60;
  private static final int BLOCK = 4096;

  /** What is asked for: media by popularity, and what spoils a cache. */
  enum Mix {
    ZIPF("media, Zipf 0.9", 0, 0),
    ISOS("the same, 0.4 % of the requests for 60 images of 0.7 to 2.4 GB", 0.004, 0),
    SCAN("the same media, 30 % of the requests of a crawler that asks for everything once", 0, 0.3),
    BOTH("all of that", 0.004, 0.3);

    final String title;
    private final double isoShare;
    private final double scanShare;

    Mix(String title, double isoShare, double scanShare) {
      this.title = title;
      this.isoShare = isoShare;
      this.scanShare = scanShare;
    }
  }

  /** Something that keeps blobs. */
  interface Keeper {
    /** Whether the blob was there. */
    boolean request(Hash hash, long sizeBytes);

    /** Most bytes at any time. */
    long peakBytes();

    /** Blobs that went before the next request came. */
    long lostAtOnce();
  }

  /** What came of a run. */
  record Result(double hitRate, double byteHitRate, long peakBytes, long lostAtOnce) {
    String row(String name) {
      return String.format(
          Locale.ROOT,
          "| %s | %.3f | %.3f | %.2f | %d |",
          name,
          hitRate,
          byteHitRate,
          (double) peakBytes / (1L << 30),
          lostAtOnce);
    }
  }

  private final Random random;
  private final double[] cumulative = new double[CATALOGUE];
  private final long[] sizes = new long[CATALOGUE];
  private final Mix mix;
  private int scanned;

  CacheSimulation(Mix mix, long seed) {
    this.mix = mix;
    random = new Random(seed);
    double sum = 0;
    for (int i = 0; i < CATALOGUE; i++) {
      sum += 1 / Math.pow(i + 1, ZIPF);
      cumulative[i] = sum;
      double megabytes = 0.3 * Math.exp(1.6 * random.nextGaussian());
      sizes[i] = (long) (Math.min(80, megabytes) * 1_000_000) + 200;
    }
  }

  static Hash hash(int kind, int number) {
    byte[] name = new byte[Hash.LENGTH];
    ByteBuffer.wrap(name).putInt(number * 0x9e3779b1).putInt(kind).putInt(number);
    return Hash.of(name);
  }

  /** Asks so often; the first half warms up and does not count. */
  Result run(Keeper keeper, int requests) {
    long hits = 0;
    long hitBytes = 0;
    long bytes = 0;
    for (int i = 0; i < requests; i++) {
      Hash hash;
      long size;
      double kind = random.nextDouble();
      if (kind < mix.isoShare) {
        int iso = random.nextInt(ISOS);
        hash = hash(1, iso);
        size = 700_000_000L + iso * 28_000_000L;
      } else {
        boolean scan = kind < mix.isoShare + mix.scanShare;
        int blob = scan ? CATALOGUE - 1 - (scanned++ % CATALOGUE) : popular();
        hash = hash(0, blob);
        size = sizes[blob];
      }
      boolean hit = keeper.request(hash, size);
      if (i >= requests / 2) {
        hits += hit ? 1 : 0;
        hitBytes += hit ? size : 0;
        bytes += size;
      }
    }
    return new Result(
        (double) hits / (requests - requests / 2),
        (double) hitBytes / bytes,
        keeper.peakBytes(),
        keeper.lostAtOnce());
  }

  private int popular() {
    int at = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[CATALOGUE - 1]);
    return at >= 0 ? at : Math.min(CATALOGUE - 1, -at - 1);
  }

  /** The index of this package, with files that cost nothing. */
  static final class Ours implements Keeper {
    private final DiskBudget budget = new DiskBudget(BUDGET, 0, () -> Long.MAX_VALUE / 2);
    private final Blocks blocks = new Blocks(BLOCK);
    private final CacheIndex index;
    private final int largestPercent;
    private final int secondRequestPercent;
    private long nowMillis;
    private long peakBytes;
    private long lostAtOnce;

    Ours(int largestPercent, int secondRequestPercent) {
      this.largestPercent = largestPercent;
      this.secondRequestPercent = secondRequestPercent;
      this.index = new CacheIndex(budget, new NoFiles(), blocks::writing);
    }

    CacheIndex index() {
      return index;
    }

    @Override
    public boolean request(Hash hash, long sizeBytes) {
      nowMillis += 1000;
      CacheEntry known = index.lease(hash, true, nowMillis);
      if (known != null) {
        index.release(known);
        return true;
      }
      CacheIndex.Rules rules =
          new CacheIndex.Rules(nowMillis, largestPercent, secondRequestPercent);
      if (index.claim(hash, sizeBytes, Purpose.REQUEST, rules)
          instanceof CacheIndex.Claim.Granted granted) {
        peakBytes = Math.max(peakBytes, budget.usedBytes());
        long actual = blocks.roundUp(sizeBytes);
        index.touch(granted.entry(), nowMillis);
        index.finished(granted.entry(), CacheEntry.State.COMPLETE, actual, 0);
        lostAtOnce += index.isComplete(hash) ? 0 : 1;
      }
      return false;
    }

    @Override
    public long peakBytes() {
      return peakBytes;
    }

    @Override
    public long lostAtOnce() {
      return lostAtOnce;
    }
  }

  private static final class NoFiles implements CacheIndex.Files {
    @Override
    public void delete(CacheEntry entry) {}

    @Override
    public void deleteLater(CacheEntry entry) {
      throw new AssertionError("nobody reads here");
    }

    @Override
    public void left(Hash hash, Removal why) {}
  }

  /** Least recently used goes first; room is made before. */
  static final class Lru implements Keeper {
    private final Map<Hash, Long> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long usedBytes;
    private long peakBytes;

    @Override
    public boolean request(Hash hash, long sizeBytes) {
      if (kept.get(hash) != null) {
        return true;
      }
      Iterator<Long> oldest = kept.values().iterator();
      while (usedBytes + sizeBytes > BUDGET && oldest.hasNext()) {
        usedBytes -= oldest.next();
        oldest.remove();
      }
      kept.put(hash, sizeBytes);
      usedBytes += sizeBytes;
      peakBytes = Math.max(peakBytes, usedBytes);
      return false;
    }

    @Override
    public long peakBytes() {
      return peakBytes;
    }

    @Override
    public long lostAtOnce() {
      return 0;
    }
  }

  /** Caffeine with the budget as its own bound: a blob is fetched, then put. */
  static final class CaffeineBound implements Keeper {
    private final Cache<Hash, Long> cache;
    private long usedBytes;
    private long peakBytes;
    private long lostAtOnce;

    CaffeineBound() {
      cache =
          Caffeine.newBuilder()
              .executor(Runnable::run)
              .maximumWeight(BUDGET / BLOCK)
              .weigher((Hash _, Long size) -> (int) ((size + BLOCK - 1) / BLOCK))
              .evictionListener((@Nullable Hash _, @Nullable Long size, RemovalCause _) ->
                  usedBytes -= Objects.requireNonNull(size))
              .build();
    }

    @Override
    public boolean request(Hash hash, long sizeBytes) {
      if (cache.getIfPresent(hash) != null) {
        return true;
      }
      usedBytes += sizeBytes;
      peakBytes = Math.max(peakBytes, usedBytes);
      cache.put(hash, sizeBytes);
      cache.cleanUp();
      lostAtOnce += cache.policy().getIfPresentQuietly(hash) == null ? 1 : 0;
      return false;
    }

    @Override
    public long peakBytes() {
      return peakBytes;
    }

    @Override
    public long lostAtOnce() {
      return lostAtOnce;
    }
  }
}
