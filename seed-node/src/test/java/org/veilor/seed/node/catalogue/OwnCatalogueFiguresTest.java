package org.veilor.seed.node.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueEntry;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;

/**
 * What a catalogue costs a node, with pages in files: {@code -Dveilor.catalogue.files=1000000}
 * makes the figures of {@code docs/benchmarks.md}. Bytes are asserted, times are printed.
 */
class OwnCatalogueFiguresTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));
  private static final int FILES = Integer.getInteger("veilor.catalogue.files", 5_000);
  private static final int CHANGES = 100;

  @TempDir private Path temporary = Path.of("");
  private final Set<Integer> changed = new HashSet<>();

  /** Files that are made up when they are looked at. */
  private final class ManyFiles implements ServiceFiles {
    private CatalogueEntry entry(int number) {
      String content = (changed.contains(number) ? "changed " : "") + number;
      return CatalogueEntry.ofFile(
          Blake3Hasher.hash(content.getBytes(StandardCharsets.US_ASCII)),
          50_000 + number,
          "image/png",
          1_700_000_000_000L + number);
    }

    @Override
    public Optional<Names> names(ServiceKey service) {
      return Optional.of(Names.HIDDEN);
    }

    @Override
    public long count(String service) {
      return FILES;
    }

    @Override
    public void forEach(String service, Consumer<Listed> consumer) {
      for (int number = 0; number < FILES; number++) {
        consumer.accept(new Listed(new CataloguePath("" + number), entry(number)));
      }
    }

    @Override
    public Optional<CataloguePath> pathOf(String service, Path file) {
      return Optional.of(new CataloguePath(file.toString()));
    }

    @Override
    public Optional<CatalogueEntry> entry(String service, Path file) {
      return Optional.of(entry(Integer.parseInt(file.toString())));
    }
  }

  private static void print(String what, long sinceNanos) {
    System.out.printf("%s: %.1f ms%n", what, (System.nanoTime() - sinceNanos) / 1e6);
  }

  private CatalogueClaim change(OwnCatalogue own, int number, long nowMillis) {
    changed.add(number);
    own.touch(Path.of("" + number));
    return own.build(nowMillis).orElseThrow();
  }

  @Test
  void whatACatalogueCosts() throws IOException {
    PageFolder pages = PageFolder.open(temporary.resolve("own"));
    ManyFiles files = new ManyFiles();
    OwnCatalogue own = new OwnCatalogue(SERVICE, files, pages);
    long start = System.nanoTime();
    CatalogueClaim last = own.build(1_000).orElseThrow();
    print("a catalogue of " + FILES + " files", start);
    List<Long> nanos = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      start = System.nanoTime();
      last = change(own, i * 37 % FILES, 2_000 + i);
      nanos.add(System.nanoTime() - start);
    }
    Collections.sort(nanos);
    System.out.printf(
        "one change: p50 %.1f ms, p99 %.1f ms%n",
        nanos.get(CHANGES / 2) / 1e6, nanos.get(CHANGES * 99 / 100) / 1e6);
    OwnCatalogue again = new OwnCatalogue(SERVICE, files, pages);
    again.resume(last);
    start = System.nanoTime();
    assertThat(again.build(9_000)).as("nothing changed meanwhile").isEmpty();
    print("comparing after a restart", start);

    AtomicLong bytes = new AtomicLong();
    AtomicInteger blobs = new AtomicInteger();
    BlobSource.Session source =
        (hash, maxBytes) -> {
          byte[] blob = pages.read(hash, maxBytes).orElseThrow();
          bytes.addAndGet(blob.length);
          blobs.incrementAndGet();
          return blob;
        };
    PageFolder there = PageFolder.open(temporary.resolve("there"));
    CatalogueView first = fetched(last, null, there, source);
    System.out.printf("first join: %d bytes, %d blobs%n", bytes.get(), blobs.get());
    assertThat(bytes.get()).isLessThan(90L * Math.max(FILES, 5_000));
    bytes.set(0);
    blobs.set(0);
    CatalogueView next = fetched(change(again, FILES - 1, 9_999), first, there, source);
    System.out.printf("after one change: %d bytes, %d blobs%n", bytes.get(), blobs.get());
    assertThat(next.header().entries()).isEqualTo(FILES);
    assertThat(blobs.get()).isEqualTo(3);
    assertThat(bytes.get()).isLessThan(200_000);
  }

  private static CatalogueView fetched(
      CatalogueClaim claim,
      @Nullable CatalogueView before,
      PageFolder there,
      BlobSource.Session source) {
    CatalogueFetch.Outcome outcome = CatalogueFetch.run(SERVICE, claim, before, there, source);
    assertThat(outcome).isInstanceOf(CatalogueFetch.Outcome.Here.class);
    return ((CatalogueFetch.Outcome.Here) outcome).view();
  }
}
