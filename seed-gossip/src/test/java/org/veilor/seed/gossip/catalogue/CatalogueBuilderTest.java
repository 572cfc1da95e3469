package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.gossip.catalogue.Catalogues.GROUP;
import static org.veilor.seed.gossip.catalogue.Catalogues.NOW;
import static org.veilor.seed.gossip.catalogue.Catalogues.PUBLIC;
import static org.veilor.seed.gossip.catalogue.Catalogues.build;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;
import static org.veilor.seed.gossip.catalogue.Catalogues.entry;
import static org.veilor.seed.gossip.catalogue.Catalogues.path;
import static org.veilor.seed.gossip.catalogue.Catalogues.view;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;

class CatalogueBuilderTest {
  private final MemoryPages pages = new MemoryPages();

  private static Map<CataloguePath, CatalogueEntry> entries(int count) {
    Map<CataloguePath, CatalogueEntry> all = new HashMap<>();
    for (int i = 0; i < count; i++) {
      all.put(path(i), entry(i));
    }
    return all;
  }

  private CatalogueBuilder builder(int count) {
    CatalogueBuilder builder = new CatalogueBuilder(GROUP, Names.HIDDEN);
    entries(count).forEach(builder::put);
    return builder;
  }

  @ParameterizedTest
  @EnumSource
  void theOrderOfPutsDoesNotMatter(Names names) {
    long seed = ThreadLocalRandom.current().nextLong();
    List<Map.Entry<CataloguePath, CatalogueEntry>> all = new ArrayList<>(entries(3000).entrySet());
    BuiltCatalogue first = build(PUBLIC, names, entries(3000), pages);
    Collections.shuffle(all, new Random(seed));
    CatalogueBuilder builder = new CatalogueBuilder(PUBLIC, names);
    all.forEach(each -> builder.put(each.getKey(), each.getValue()));
    assertThat(build(builder, 1, new MemoryPages())).as("seed %d", seed).isEqualTo(first);
    assertThat(first.header().pages()).hasSizeBetween(7, 16);
  }

  /** Operations of every size over several catalogues, sometimes across a restart. */
  @RepeatedTest(8)
  void incrementalIsFromScratch(RepetitionInfo repetition) {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Names names = repetition.getCurrentRepetition() % 2 == 0 ? Names.CLEAR : Names.HIDDEN;
    CatalogueBuilder builder = new CatalogueBuilder(GROUP, names);
    Map<CataloguePath, CatalogueEntry> model = new HashMap<>();
    BuiltCatalogue last = build(builder, 1, pages);
    for (int round = 2; round <= 9; round++) {
      operate(random, builder, model);
      MemoryPages scratchPages = new MemoryPages();
      CatalogueBuilder scratch = new CatalogueBuilder(GROUP, names);
      model.forEach(scratch::put);
      BuiltCatalogue expected = build(scratch, round, scratchPages);
      pages.written.clear();
      if (builder.build(round, NOW, pages, pages) instanceof BuildOutcome.Built(var built)) {
        assertThat(built.rootHash()).as("seed %d", seed).isEqualTo(expected.rootHash());
        assertThat(built.header()).as("seed %d", seed).isEqualTo(expected.header());
        checkDelta(seed, last, built);
        last = built;
      }
      if (random.nextInt(3) == 0) {
        builder = CatalogueBuilder.resume(GROUP, names, view(GROUP, last, pages)).orElseThrow();
      }
    }
    assertThat(done(view(GROUP, last, pages).forEach(_ -> {}))).isEqualTo(model.size());
  }

  private static void operate(
      Random random, CatalogueBuilder builder, Map<CataloguePath, CatalogueEntry> model) {
    int operations = 1 << random.nextInt(12);
    boolean shrinking = random.nextBoolean();
    for (int i = 0; i < operations; i++) {
      int number = random.nextInt(shrinking ? 600 : 4000);
      if (random.nextInt(10) < (shrinking ? 8 : 2)) {
        builder.remove(path(number));
        model.remove(path(number));
      } else {
        CatalogueEntry entry = entry(random.nextInt(5000));
        builder.put(path(number), entry);
        model.put(path(number), entry);
      }
    }
  }

  private void checkDelta(long seed, BuiltCatalogue last, BuiltCatalogue built) {
    Set<Hash> before = pageHashes(last);
    Set<Hash> added = new HashSet<>(pageHashes(built));
    added.removeAll(before);
    Set<Hash> dropped = new HashSet<>(before);
    dropped.removeAll(pageHashes(built));
    assertThat(Set.copyOf(built.changedPages())).as("seed %d", seed).isEqualTo(added);
    assertThat(Set.copyOf(built.droppedPages())).as("seed %d", seed).isEqualTo(dropped);
    List<Hash> expected = new ArrayList<>(built.changedPages());
    expected.add(built.root().get(0));
    expected.add(built.rootHash());
    assertThat(pages.written).as("seed %d", seed).isEqualTo(expected);
    dropped.forEach(pages.blobs::remove);
  }

  private static Set<Hash> pageHashes(BuiltCatalogue built) {
    Set<Hash> hashes = new HashSet<>();
    for (int i = 1; i < built.root().size(); i++) {
      hashes.add(built.root().get(i));
    }
    return hashes;
  }

  @Test
  void oneChangeRewritesOnePageHeaderAndRoot() {
    CatalogueBuilder builder = builder(5000);
    BuiltCatalogue first = build(builder, 1, pages);
    pages.written.clear();
    pages.read.clear();
    builder.put(path(77), entry(5001));
    BuiltCatalogue second = build(builder, 2, pages);
    assertThat(second.changedPages()).hasSize(1);
    assertThat(second.droppedPages()).hasSize(1);
    assertThat(pages.written).hasSize(3);
    assertThat(pages.read).isEqualTo(second.droppedPages());
    assertThat(second.header().totalBytes() - first.header().totalBytes())
        .isEqualTo((5001 - 77) * 1000L);
  }

  /** There is no size at which all pages are divided: growing by one entry changes two at most. */
  @Test
  void growthAndShrinkingAtAnySizeRewriteTwoPagesAtMost() {
    CatalogueBuilder builder = builder(0);
    build(builder, 1, pages);
    int splits = 0;
    for (int i = 0; i < 1300; i++) {
      builder.put(path(i), entry(i));
      BuiltCatalogue built = build(builder, 2 + i, pages);
      assertThat(built.changedPages()).hasSizeLessThanOrEqualTo(2);
      splits += built.changedPages().size() - 1;
    }
    assertThat(splits).isBetween(2, 6);
    int merges = 0;
    for (int i = 0; i < 1300; i++) {
      builder.remove(path(i));
      BuiltCatalogue built = build(builder, 3000 + i, pages);
      assertThat(built.changedPages()).hasSizeLessThanOrEqualTo(1);
      merges += built.droppedPages().size() - 1;
    }
    assertThat(merges).isEqualTo(splits);
  }

  @Test
  void aPageIsDividedByTheEntryThatIsTooMuch() {
    CatalogueBuilder builder = builder(512);
    assertThat(build(builder, 1, pages).header().pages()).hasSize(1);
    builder.put(path(512), entry(512));
    List<PageSlot> divided = build(builder, 2, pages).header().pages();
    assertThat(divided).hasSize(2);
    assertThat(divided.get(0).prefix()).isEqualTo(KeyPrefix.ALL.lower());
    assertThat(divided.get(1).prefix()).isEqualTo(KeyPrefix.ALL.upper());
    assertThat(divided.get(0).entries() + divided.get(1).entries()).isEqualTo(513);
    builder.remove(path(3));
    assertThat(build(builder, 3, pages).header().pages()).hasSize(1);
  }

  @Test
  void anEmptyServiceHasACatalogue() {
    BuiltCatalogue built = build(builder(0), 1, pages);
    CatalogueView view = view(GROUP, built, pages);
    assertThat(view.header().entries()).isZero();
    assertThat(done(view.find(path(1)))).isEmpty();
    assertThat(done(view.forEach(_ -> {}))).isZero();
  }

  /** An empty half of a divided page is a page, too, and has to be written once. */
  @Test
  void anEmptyPageIsWritten() {
    CatalogueBuilder builder = builder(0);
    int kept = 0;
    for (int i = 0; kept < 513; i++) {
      if (KeyPrefix.ALL.lower().contains(builder.key(path(i)))) {
        builder.put(path(i), entry(i));
        kept++;
      }
    }
    BuiltCatalogue built = build(builder, 1, pages);
    assertThat(built.header().pages().getLast().entries()).isZero();
    assertThat(done(view(GROUP, built, pages).forEach(_ -> {}))).isEqualTo(513);
  }

  @Test
  void whatChangesNothingBuildsNothing() {
    CatalogueBuilder builder = builder(700);
    build(builder, 1, pages);
    pages.written.clear();
    assertThat(builder.build(2, NOW, pages, pages)).isEqualTo(new BuildOutcome.Unchanged());
    builder.put(path(5), entry(5));
    builder.remove(path(701));
    builder.put(path(800), entry(1));
    builder.remove(path(800));
    assertThat(builder.changes()).isEqualTo(3);
    assertThat(builder.build(2, NOW, pages, pages)).isEqualTo(new BuildOutcome.Unchanged());
    assertThat(builder.changes()).isZero();
    assertThat(pages.written).isEmpty();
  }

  @Test
  void aSinkThatFailsLeavesTheBuilderAsItWas() {
    CatalogueBuilder builder = builder(2000);
    build(builder, 1, pages);
    for (int i = 0; i < 3; i++) {
      builder.put(path(i), entry(i + 10_000));
    }
    int[] allowed = {2};
    PageSink failing =
        (hash, bytes) -> {
          if (allowed[0]-- == 0) {
            throw new UncheckedIOException(new java.io.IOException("disk full"));
          }
          pages.write(hash, bytes);
        };
    assertThatThrownBy(() -> builder.build(2, NOW, pages, failing)).hasMessageContaining("disk");
    Map<CataloguePath, CatalogueEntry> all = entries(2000);
    for (int i = 0; i < 3; i++) {
      all.put(path(i), entry(i + 10_000));
    }
    BuiltCatalogue expected = build(GROUP, Names.HIDDEN, all, new MemoryPages());
    assertThat(build(builder, 1, pages).rootHash()).isEqualTo(expected.rootHash());
  }

  @Test
  void aLostPageIsNoted() {
    CatalogueBuilder builder = builder(1000);
    BuiltCatalogue built = build(builder, 1, pages);
    CatalogueView view = view(GROUP, built, pages);
    Hash lost = view.pageHash(view.pageOf(builder.key(path(9))));
    pages.blobs.put(lost, new byte[] {0});
    builder.remove(path(9));
    assertThat(builder.build(2, NOW, pages, pages))
        .isEqualTo(new BuildOutcome.LastUnreadable("missing " + lost));
  }

  @Test
  void whatIsDividedOtherwiseIsNotGoneOnWith() {
    PageSlot half = new PageSlot(KeyPrefix.ALL.lower(), 256);
    PageSlot other = new PageSlot(KeyPrefix.ALL.upper(), 256);
    assertThat(PageTree.isCanonical(List.of(half, other))).isFalse();
    assertThat(PageTree.isCanonical(List.of(half, new PageSlot(other.prefix(), 257)))).isTrue();
  }

  @Test
  void whatIsOfAnotherTopicOrShowsOtherNamesIsNotGoneOnWith() {
    CatalogueView last = view(GROUP, build(builder(9), 1, pages), pages);
    assertThat(CatalogueBuilder.resume(GROUP, Names.HIDDEN, last)).isPresent();
    assertThat(CatalogueBuilder.resume(GROUP, Names.CLEAR, last)).isEmpty();
    assertThat(CatalogueBuilder.resume(PUBLIC, Names.HIDDEN, last)).isEmpty();
  }

  @Test
  void tooManyEntriesAreRefusedAndFewerTakenThen() {
    CatalogueBuilder builder = new CatalogueBuilder(GROUP, Names.HIDDEN, 600);
    entries(601).forEach(builder::put);
    assertThat(builder.build(1, NOW, pages, pages)).isEqualTo(new BuildOutcome.TooManyEntries(601));
    builder.remove(path(600));
    assertThat(build(builder, 1, pages).rootHash())
        .isEqualTo(build(builder(600), 1, pages).rootHash());
  }

  @Test
  void whatIsAnnouncedIsWhatIsClaimed() {
    BuiltCatalogue built = build(builder(3), 5, pages);
    EndpointAddr addr = EndpointAddr.of(SecretKey.of(new byte[32]).id());
    assertThat(CatalogueClaim.of(built.claim().toBody(addr)))
        .isEqualTo(built.claim())
        .isEqualTo(new CatalogueClaim(built.rootHash(), 5, 3, 3000));
  }

  @Test
  void timesAndGenerationsAreNotNegative() {
    CatalogueBuilder builder = builder(1);
    assertThatThrownBy(() -> builder.build(-1, NOW, pages, pages)).hasMessageContaining("-1");
    assertThatThrownBy(() -> builder.build(1, -2, pages, pages)).hasMessageContaining("-2");
    assertThat(CatalogueEntry.ofFile(Hash.EMPTY_BLOB, 0, "image/png", -5).modifiedMillis())
        .isZero();
  }
}
