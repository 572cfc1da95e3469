package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.catalogue.Catalogues.GROUP;
import static org.veilor.seed.gossip.catalogue.Catalogues.NOW;
import static org.veilor.seed.gossip.catalogue.Catalogues.PUBLIC;
import static org.veilor.seed.gossip.catalogue.Catalogues.build;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;
import static org.veilor.seed.gossip.catalogue.Catalogues.entry;
import static org.veilor.seed.gossip.catalogue.Catalogues.path;
import static org.veilor.seed.gossip.catalogue.Catalogues.view;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.core.hash.Hash;

class CatalogueReaderTest {
  private final MemoryPages pages = new MemoryPages();

  private BuiltCatalogue built(Names names, int count) {
    CatalogueBuilder builder = new CatalogueBuilder(PUBLIC, names);
    for (int i = 0; i < count; i++) {
      builder.put(path(i), entry(i));
    }
    return build(builder, 7, pages);
  }

  @ParameterizedTest
  @EnumSource
  void everyPathIsFoundByReadingOnePage(Names names) {
    CatalogueView view = view(PUBLIC, built(names, 3000), pages);
    for (int i = 0; i < 3000; i += 17) {
      pages.read.clear();
      CatalogueItem item = done(view.find(path(i))).orElseThrow();
      assertThat(item.entry()).isEqualTo(entry(i));
      assertThat(item.key()).isEqualTo(path(i).lookupKey(PUBLIC.topic()));
      assertThat(item.path())
          .isEqualTo(names == Names.CLEAR ? Optional.of(path(i)) : Optional.empty());
      assertThat(pages.read).hasSize(1);
      assertThat(done(view.find(item.key()))).contains(item);
    }
    assertThat(done(view.find(path(3000)))).isEmpty();
  }

  @Test
  void hiddenNamesDoNotShow() {
    built(Names.HIDDEN, 100);
    for (byte[] blob : pages.blobs.values()) {
      assertThat(new String(blob, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain(".webp");
    }
  }

  @Test
  void headerSaysWhatWasBuilt() {
    BuiltCatalogue built = built(Names.CLEAR, 3000);
    CatalogueHeader header = view(PUBLIC, built, pages).header();
    assertThat(header).isEqualTo(built.header());
    assertThat(header.generation()).isEqualTo(7);
    assertThat(header.createdMillis()).isEqualTo(NOW);
    assertThat(header.entries()).isEqualTo(3000);
    assertThat(header.totalBytes()).isEqualTo(3000L * 2999 / 2 * 1000);
    assertThat(header.service()).isEqualTo(PUBLIC.name());
  }

  @Test
  void entriesComeInTheOrderOfTheirKeysEachOnce() {
    CatalogueView view = view(PUBLIC, built(Names.CLEAR, 3000), pages);
    List<LookupKey> keys = new ArrayList<>();
    Set<CataloguePath> paths = new HashSet<>();
    long count =
        done(
            view.forEach(item -> {
              keys.add(item.key());
              paths.add(item.path().orElseThrow());
            }));
    assertThat(count).isEqualTo(3000);
    assertThat(keys).isSorted();
    assertThat(paths).hasSize(3000);
  }

  @Test
  void onlyPagesThatAreNotHeldAreMissing() {
    CatalogueBuilder builder = new CatalogueBuilder(PUBLIC, Names.HIDDEN);
    for (int i = 0; i < 3000; i++) {
      builder.put(path(i), entry(i));
    }
    CatalogueView first = view(PUBLIC, build(builder, 1, pages), pages);
    assertThat(first.missingPages(_ -> false)).hasSize(first.header().pages().size());
    assertThat(first.missingPages(pages.blobs::containsKey)).isEmpty();
    Set<Hash> held = new HashSet<>(first.missingPages(_ -> false));
    builder.put(path(5), entry(5000));
    BuiltCatalogue second = build(builder, 2, pages);
    assertThat(view(PUBLIC, second, pages).missingPages(held::contains))
        .isEqualTo(second.changedPages());
  }

  @Test
  void aBlobThatIsMissingOrDamagedHereBlamesNobody() {
    BuiltCatalogue built = built(Names.HIDDEN, 600);
    CatalogueView view = view(PUBLIC, built, pages);
    Hash page = view.pageHash(view.pageOf(path(1).lookupKey(PUBLIC.topic())));
    pages.blobs.put(page, new byte[] {1, 2, 3});
    assertThat(view.find(path(1))).isEqualTo(new Reading.Missing<>(page));
    pages.blobs.remove(page);
    assertThat(view.find(path(1))).isEqualTo(new Reading.Missing<>(page));
    assertThat(view.forEach(_ -> {})).isEqualTo(new Reading.Missing<>(page));
    pages.blobs.remove(built.root().get(0));
    assertThat(CatalogueReader.open(PUBLIC, built.claim(), pages))
        .isEqualTo(new Reading.Missing<>(built.root().get(0)));
    pages.blobs.remove(built.rootHash());
    assertThat(CatalogueReader.open(PUBLIC, built.claim(), pages))
        .isEqualTo(new Reading.Missing<>(built.rootHash()));
  }

  @Test
  void ownCataloguesAreOpenedByTheirRoot() {
    BuiltCatalogue built = built(Names.HIDDEN, 10);
    assertThat(done(CatalogueReader.openOwn(PUBLIC, built.rootHash(), pages)).header())
        .isEqualTo(built.header());
    assertThat(CatalogueReader.openOwn(GROUP, built.rootHash(), pages))
        .isEqualTo(new Reading.Refused<>(new CatalogueFault.OtherService(PUBLIC.name())));
  }
}
