package org.veilor.seed.node.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.catalogue.Reading;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.store.file.ReplacedFile;

class OwnCatalogueTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));

  @TempDir private Path temporary = Path.of("");
  private final FakeFiles files = new FakeFiles();
  private PageFolder pages;
  private OwnCatalogue own;

  @BeforeEach
  void open() throws IOException {
    pages = PageFolder.open(temporary.resolve("pages"));
    own = new OwnCatalogue(SERVICE, files, pages);
  }

  private Hash find(String path) {
    CatalogueView view = own.view().orElseThrow();
    if (view.find(new CataloguePath(path)) instanceof Reading.Done<?>(Optional<?> item)) {
      return item.isEmpty() ? Hash.EMPTY_BLOB : ((CatalogueItem) item.get()).entry().hash();
    }
    throw new AssertionError("unreadable");
  }

  private CatalogueClaim build(long nowMillis) {
    return own.build(nowMillis).orElseThrow();
  }

  private Set<String> blobs() throws IOException {
    Set<String> names = new HashSet<>();
    try (var list = Files.list(temporary.resolve("pages"))) {
      list.forEach(file -> names.add(String.valueOf(file.getFileName())));
    }
    return names;
  }

  @Test
  void aChangeRewritesOnePageAndTheRoot() throws IOException {
    for (int i = 0; i < 3_000; i++) {
      files.put("file " + i, "content " + i);
    }
    CatalogueClaim first = build(1_000);
    assertThat(first.entries()).isEqualTo(3_000);
    assertThat(first.generation()).isEqualTo(1_000);
    Set<String> before = blobs();
    assertThat(own.build(2_000)).as("nothing changed").isEmpty();

    files.put("file 7", "something else");
    own.touch(Path.of("file 7"));
    assertThat(own.isTouched()).isTrue();
    CatalogueClaim second = build(900); // the clock went back
    assertThat(second.generation()).isEqualTo(1_001);
    assertThat(find("file 7")).isEqualTo(FakeFiles.hash("something else"));
    Set<String> fresh = blobs();
    fresh.removeAll(before);
    assertThat(fresh).as("page, header and root").hasSize(3);

    files.entries.remove("file 7");
    own.touch(Path.of("file 7"));
    assertThat(build(3_000).entries()).isEqualTo(2_999);
    assertThat(find("file 7")).isEqualTo(Hash.EMPTY_BLOB);
    assertThat(own.isTouched()).isFalse();
  }

  @Test
  void afterARestartOnlyWhatChangedMeanwhileIsWritten() throws IOException {
    for (int i = 0; i < 3_000; i++) {
      files.put("file " + i, "content " + i);
    }
    CatalogueClaim first = build(1_000);
    open();
    own.resume(first);
    assertThat(own.build(2_000)).as("all is as it was").isEmpty();
    assertThat(find("file 5")).isEqualTo(FakeFiles.hash("content 5"));

    files.put("file 5", "changed while nobody looked");
    files.entries.remove("file 6");
    open();
    own.resume(first);
    Set<String> before = blobs();
    CatalogueClaim second = build(500);
    assertThat(second.generation()).isEqualTo(1_001);
    assertThat(second.entries()).isEqualTo(2_999);
    assertThat(find("file 5")).isEqualTo(FakeFiles.hash("changed while nobody looked"));
    Set<String> fresh = blobs();
    fresh.removeAll(before);
    assertThat(fresh.size()).isBetween(3, 4);
  }

  @Test
  void whatCannotBeReadIsMadeAnewAboveTheLastGeneration() throws IOException {
    for (int i = 0; i < 1_500; i++) {
      files.put("file " + i, "content " + i);
    }
    CatalogueClaim first = build(1_000);
    for (String lost : Set.of("root", "page")) {
      Hash blob = lost.equals("root") ? first.root() : own.view().orElseThrow().pageHash(0);
      Files.write(temporary.resolve("pages").resolve(blob.toString()), new byte[] {1, 2, 3});
      open();
      own.resume(first);
      CatalogueClaim again = build(500);
      assertThat(again.generation()).as(lost).isGreaterThan(first.generation());
      assertThat(again.entries()).isEqualTo(1_500);
      assertThat(own.view().orElseThrow().forEach(item -> {})).isInstanceOf(Reading.Done.class);
      first = again;
    }
  }

  @Test
  void clearNamesMakeACollectionAndPeersCanReadAll() throws IOException {
    files.names = Names.CLEAR;
    files.put("a/b.png", "b");
    files.put("c.png", "c");
    CatalogueClaim claim = build(1_000);
    CatalogueBlobs blobs = new CatalogueBlobs();
    blobs.put(SERVICE, pages);
    Set<Hash> all = new HashSet<>(own.collectionBlobs());
    all.add(own.collection().orElseThrow());
    all.add(claim.root());
    all.add(own.view().orElseThrow().pageHash(0));
    assertThat(all).hasSize(4);
    for (Hash hash : all) {
      assertThat(blobs.open(hash, service -> false)).isInstanceOf(BlobLookup.Missing.class);
      BlobLookup found = blobs.open(hash);
      assertThat(found).isInstanceOf(BlobLookup.Found.class);
      var reader = ((BlobLookup.Found) found).reader();
      byte[] bytes = new byte[(int) reader.sizeBytes()];
      assertThat(reader.readData(0, bytes, 0, bytes.length)).isEqualTo(bytes.length);
      assertThat(Blake3Hasher.hash(bytes)).isEqualTo(hash);
      reader.close();
    }

    files.names = Names.HIDDEN; // the operator thought better of it
    own.touchAll();
    build(2_000);
    assertThat(own.collection()).isEmpty();
    assertThat(own.view().orElseThrow().header().names()).isEqualTo(Names.HIDDEN);
  }

  @Test
  void whatNoCatalogueHasStaysForSomeMinutes() throws IOException {
    files.put("a", "a");
    Hash first = build(1_000).root();
    files.put("a", "b");
    own.touch(Path.of("a"));
    build(2_000);
    Set<Hash> wanted = new HashSet<>();
    CatalogueView view = own.view().orElseThrow();
    wanted.add(view.rootHash());
    wanted.add(view.root().get(0));
    wanted.add(view.pageHash(0));
    pages.sweep(wanted, 10_000);
    pages.sweep(wanted, 10_000 + KeepingLimits.KEEP_MILLIS - 1);
    assertThat(pages.holds(first)).isTrue();
    assertThat(pages.size()).isEqualTo(6);
    pages.sweep(wanted, 10_000 + KeepingLimits.KEEP_MILLIS);
    assertThat(pages.holds(first)).isFalse();
    assertThat(blobs()).hasSize(3);
    assertThat(own.view().orElseThrow().forEach(item -> {})).isInstanceOf(Reading.Done.class);

    Files.write(temporary.resolve("pages").resolve("00" + ReplacedFile.UNFINISHED), new byte[] {1});
    assertThat(PageFolder.open(temporary.resolve("pages")).size()).isEqualTo(3);
    assertThat(blobs()).hasSize(3);
  }
}
