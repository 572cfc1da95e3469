package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.catalogue.Catalogues.GROUP;
import static org.veilor.seed.gossip.catalogue.Catalogues.NOW;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;
import static org.veilor.seed.gossip.catalogue.Catalogues.view;

import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.core.hash.Hash;

/**
 * Bytes and times of a large catalogue. {@code -Dveilor.catalogue.entries=1000000} is what the
 * bounds are for; times are only printed.
 */
class CatalogueFiguresTest {
  private static final int ENTRIES = Integer.getInteger("veilor.catalogue.entries", 20_000);
  private static final int CHANGES = Math.min(ENTRIES / 100, 1000);

  private final Random random = new Random(1);
  private final MemoryPages pages = new MemoryPages();

  /** As Misskey names its files: a UUID with a suffix, 41 characters. */
  private CataloguePath path() {
    return new CataloguePath(new UUID(random.nextLong(), random.nextLong()) + ".webp");
  }

  private CatalogueEntry entry() {
    byte[] hash = new byte[Hash.LENGTH];
    random.nextBytes(hash);
    long size = (long) Math.exp(random.nextGaussian(12.5, 1.5));
    return new CatalogueEntry(Hash.of(hash), size, "image/webp", NOW - random.nextInt());
  }

  @ParameterizedTest
  @EnumSource
  void bytesAndTimes(Names names) {
    CatalogueBuilder builder = new CatalogueBuilder(GROUP, names);
    long start = System.nanoTime();
    for (int i = 0; i < ENTRIES; i++) {
      builder.put(path(), entry());
    }
    long puts = System.nanoTime();
    BuiltCatalogue first = Catalogues.build(builder, 1, pages);
    print(names, "%,d puts %.2f s, first build %.2f s", ENTRIES, s(puts - start), s(since(puts)));
    long firstJoin = pages.writtenBytes();
    print(names, "first join: %,d bytes in %,d pages", firstJoin, first.header().pages().size());
    assertThat(firstJoin).isLessThan(ENTRIES * 90L);

    long largest = 0;
    long[] nanos = new long[CHANGES];
    for (int i = 0; i < CHANGES; i++) {
      pages.written.clear();
      long before = System.nanoTime();
      builder.put(path(), entry());
      BuiltCatalogue next = Catalogues.build(builder, 2 + i, pages);
      nanos[i] = since(before);
      largest = Math.max(largest, pages.writtenBytes());
      next.droppedPages().forEach(pages.blobs::remove);
    }
    Arrays.sort(nanos);
    print(
        names,
        "one change: p50 %.2f ms, p99 %.2f ms, most %.2f ms; %,d bytes at most",
        s(nanos[CHANGES / 2]) * 1000,
        s(nanos[CHANGES * 99 / 100]) * 1000,
        s(nanos[CHANGES - 1]) * 1000,
        largest);
    assertThat(largest).isLessThan(200_000);
    read(names, builder);
  }

  private void read(Names names, CatalogueBuilder builder) {
    CataloguePath known = path();
    builder.put(known, entry());
    BuiltCatalogue built = Catalogues.build(builder, 2000, pages);
    CatalogueView view = view(GROUP, built, pages);
    long[] nanos = new long[200];
    for (int i = 0; i < nanos.length; i++) {
      long before = System.nanoTime();
      assertThat(done(view.find(known))).isPresent();
      nanos[i] = since(before);
    }
    Arrays.sort(nanos);
    long before = System.nanoTime();
    assertThat(done(view.forEach(_ -> {}))).isEqualTo(ENTRIES + CHANGES + 1);
    print(
        names, "find: p50 %.3f ms; all verified in %.2f s", s(nanos[100]) * 1000, s(since(before)));
  }

  private static long since(long nanos) {
    return System.nanoTime() - nanos;
  }

  private static double s(long nanos) {
    return nanos / 1e9;
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void print(Names names, String format, Object... values) {
    System.out.println("catalogue figures, " + names + ": " + String.format(format, values));
  }
}
