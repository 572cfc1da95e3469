package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.gossip.catalogue.Catalogues.GROUP;
import static org.veilor.seed.gossip.catalogue.Catalogues.PUBLIC;
import static org.veilor.seed.gossip.catalogue.Catalogues.build;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;
import static org.veilor.seed.gossip.catalogue.Catalogues.entry;
import static org.veilor.seed.gossip.catalogue.Catalogues.path;
import static org.veilor.seed.gossip.catalogue.Catalogues.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class CatalogueDiffTest {
  private final MemoryPages pages = new MemoryPages();

  private CatalogueView catalogue(Map<CataloguePath, CatalogueEntry> entries) {
    return view(GROUP, build(GROUP, Names.CLEAR, entries, pages), pages);
  }

  private static Map<CataloguePath, CatalogueEntry> entries(int count) {
    Map<CataloguePath, CatalogueEntry> all = new HashMap<>();
    for (int i = 0; i < count; i++) {
      all.put(path(i), entry(i));
    }
    return all;
  }

  @RepeatedTest(10)
  void theChangesLeadFromOneToTheOther() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Map<CataloguePath, CatalogueEntry> model = entries(random.nextInt(2500));
    CatalogueView before = catalogue(model);
    Map<CataloguePath, CatalogueEntry> expected = new HashMap<>(model);
    int operations = 1 << random.nextInt(12);
    for (int i = 0; i < operations; i++) {
      int number = random.nextInt(3000);
      if (random.nextBoolean()) {
        expected.remove(path(number));
      } else {
        expected.put(path(number), entry(random.nextInt(3000)));
      }
    }
    CatalogueView after = catalogue(expected);
    List<CatalogueChange> changes = new ArrayList<>();
    assertThat(done(CatalogueDiff.between(before, after, changes::add)))
        .as("seed %d", seed)
        .isEqualTo(changes.size());
    changes.forEach(change -> apply(model, change));
    assertThat(model).as("seed %d", seed).isEqualTo(expected);
  }

  private static void apply(Map<CataloguePath, CatalogueEntry> model, CatalogueChange change) {
    switch (change) {
      case CatalogueChange.Added(CatalogueItem item) ->
          assertThat(model.put(item.path().orElseThrow(), item.entry())).isNull();
      case CatalogueChange.Removed(CatalogueItem item) ->
          assertThat(model.remove(item.path().orElseThrow())).isEqualTo(item.entry());
      case CatalogueChange.Changed(CatalogueItem before, CatalogueItem after) -> {
        assertThat(after.entry()).isNotEqualTo(before.entry());
        assertThat(model.put(after.path().orElseThrow(), after.entry())).isEqualTo(before.entry());
      }
    }
  }

  @Test
  void onlyChangedPagesAreRead() {
    CatalogueView before = catalogue(entries(5000));
    Map<CataloguePath, CatalogueEntry> changed = entries(5000);
    changed.put(path(9), entry(10_000));
    CatalogueView after = catalogue(changed);
    pages.read.clear();
    List<CatalogueChange> changes = new ArrayList<>();
    assertThat(done(CatalogueDiff.between(before, after, changes::add))).isEqualTo(1);
    assertThat(changes.getFirst())
        .isInstanceOfSatisfying(
            CatalogueChange.Changed.class,
            change -> {
              assertThat(change.before().entry()).isEqualTo(entry(9));
              assertThat(change.after().entry()).isEqualTo(entry(10_000));
            });
    assertThat(pages.read).hasSize(2);
    pages.read.clear();
    assertThat(done(CatalogueDiff.between(after, after, changes::add))).isZero();
    assertThat(pages.read).isEmpty();
  }

  @Test
  void aFaultOnEitherSideEndsIt() {
    CatalogueView before = catalogue(entries(600));
    CatalogueView after = catalogue(entries(2000));
    pages.blobs.remove(after.pageHash(3));
    assertThat(CatalogueDiff.between(before, after, _ -> {}))
        .isEqualTo(new Reading.Missing<>(after.pageHash(3)));
    assertThat(CatalogueDiff.between(after, before, _ -> {}))
        .isEqualTo(new Reading.Missing<>(after.pageHash(3)));
  }

  @Test
  void topicsMustBeTheSame() {
    CatalogueView one = catalogue(entries(1));
    CatalogueView other = view(PUBLIC, build(PUBLIC, Names.CLEAR, entries(1), pages), pages);
    assertThatThrownBy(() -> CatalogueDiff.between(one, other, _ -> {}))
        .hasMessageContaining("topics");
  }
}
