package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.catalogue.Catalogues.NOW;
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
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.ExportName;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

class CatalogueCollectionTest {
  private final MemoryPages pages = new MemoryPages();

  private CatalogueCollection.Outcome collection(Names names, String... paths) {
    Map<CataloguePath, CatalogueEntry> entries = new HashMap<>();
    for (int i = 0; i < paths.length; i++) {
      entries.put(new CataloguePath(paths[i]), entry(i));
    }
    CatalogueView view = view(PUBLIC, build(PUBLIC, names, entries, pages), pages);
    return done(CatalogueCollection.of(view));
  }

  @Test
  void namesAreInTheOrderOfTheirBytes() throws MalformedException {
    Collection expected =
        new Collection(
            List.of(
                new Collection.Entry("a-b", entry(2).hash()),
                new Collection.Entry("a/b", entry(0).hash()),
                new Collection.Entry("ｅ", entry(3).hash()),
                new Collection.Entry("\ud83d\ude00", entry(1).hash())));
    assertThat(collection(Names.CLEAR, "a/b", "\ud83d\ude00", "a-b", "ｅ"))
        .isEqualTo(new CatalogueCollection.Outcome.Made(expected, 0));
    assertThat(
            Collection.decode(
                HashSequence.ofBytes(expected.hashSequence().toBytes()), expected.metadata()))
        .isEqualTo(expected);
  }

  @Test
  void whatNoGetterCouldWriteIsLeftOut() throws MalformedException {
    CatalogueCollection.Outcome outcome =
        collection(Names.CLEAR, "a", "a/b/c", "b:c", "x".repeat(256), "d/e", "d/f");
    assertThat(outcome)
        .isInstanceOfSatisfying(
            CatalogueCollection.Outcome.Made.class,
            made -> {
              assertThat(made.leftOut()).isEqualTo(3);
              assertThat(made.collection().entries())
                  .extracting(Collection.Entry::name)
                  .containsExactly("a", "d/e", "d/f");
            });
    ExportName.checkAll(((CatalogueCollection.Outcome.Made) outcome).collection());
  }

  @Test
  void hiddenNamesMakeNone() {
    assertThat(collection(Names.HIDDEN, "a"))
        .isEqualTo(new CatalogueCollection.Outcome.NamesHidden());
  }

  @Test
  void tooLongNamesMakeNone() {
    CatalogueView view =
        view(PUBLIC, build(PUBLIC, Names.CLEAR, Map.of(path(1), entry(1)), pages), pages);
    int bytes = path(1).text().length() + 2;
    assertThat(done(CatalogueCollection.of(view, bytes)))
        .isInstanceOf(CatalogueCollection.Outcome.Made.class);
    assertThat(done(CatalogueCollection.of(view, bytes - 1)))
        .isEqualTo(new CatalogueCollection.Outcome.TooLarge());
  }

  /** The header tells; no page is read. */
  @Test
  void tooManyNamesMakeNone() {
    List<PageSlot> slots = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      slots.add(new PageSlot(new KeyPrefix((long) i << 24, 8), 400));
    }
    CatalogueHeader header =
        new CatalogueHeader(PUBLIC.name(), PUBLIC.topic(), 1, NOW, 102_400, 0, Names.CLEAR, slots);
    List<Hash> children = new ArrayList<>(List.of(pages.add(header.toBytes())));
    slots.forEach(_ -> children.add(Hash.EMPTY_BLOB));
    Hash root = pages.add(HashSequence.of(children).toBytes());
    assertThat(CatalogueCollection.of(done(CatalogueReader.openOwn(PUBLIC, root, pages))))
        .isEqualTo(new Reading.Done<>(new CatalogueCollection.Outcome.TooLarge()));
  }
}
