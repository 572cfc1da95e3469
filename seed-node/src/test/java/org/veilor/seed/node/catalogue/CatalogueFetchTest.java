package org.veilor.seed.node.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.catalogue.BuildOutcome;
import org.veilor.seed.gossip.catalogue.CatalogueBuilder;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueHeader;
import org.veilor.seed.gossip.catalogue.CatalogueLimits;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.KeyPrefix;
import org.veilor.seed.gossip.catalogue.LookupKey;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.catalogue.PageSlot;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.store.file.ReplacedFile;

class CatalogueFetchTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));

  @TempDir private Path temporary = Path.of("");

  /** What the origin has, and what was asked of it. */
  private final Map<Hash, byte[]> origin = new ConcurrentHashMap<>();

  private final List<Hash> asked = Collections.synchronizedList(new ArrayList<>());

  private byte[] fetch(Hash hash, int maxBytes) throws IOException {
    asked.add(hash);
    byte[] bytes = origin.get(hash);
    if (bytes == null) {
      throw new IOException("nobody has " + hash);
    }
    if (bytes.length > maxBytes) {
      throw new BlobTooLargeException(hash, bytes.length, maxBytes);
    }
    return bytes;
  }

  private CatalogueFetch.Outcome run(CatalogueClaim claim, @Nullable CatalogueView before)
      throws IOException {
    PageFolder pages = PageFolder.open(temporary.resolve("pages"));
    return CatalogueFetch.run(SERVICE, claim, before, pages, this::fetch);
  }

  private CatalogueView here(CatalogueClaim claim, @Nullable CatalogueView before)
      throws IOException {
    CatalogueFetch.Outcome outcome = run(claim, before);
    assertThat(outcome).isInstanceOf(CatalogueFetch.Outcome.Here.class);
    return ((CatalogueFetch.Outcome.Here) outcome).view();
  }

  private String refused(CatalogueClaim claim, @Nullable CatalogueView before) throws IOException {
    CatalogueFetch.Outcome outcome = run(claim, before);
    assertThat(outcome).isInstanceOf(CatalogueFetch.Outcome.Refused.class);
    return ((CatalogueFetch.Outcome.Refused) outcome).why();
  }

  private CatalogueClaim build(CatalogueBuilder builder, long generation) {
    BuildOutcome outcome =
        builder.build(
            generation, 1_000, (hash, max) -> Optional.ofNullable(origin.get(hash)), origin::put);
    return ((BuildOutcome.Built) outcome).catalogue().claim();
  }

  private static CatalogueBuilder ofFiles(int count) {
    CatalogueBuilder builder = new CatalogueBuilder(SERVICE, Names.HIDDEN);
    for (int i = 0; i < count; i++) {
      builder.put(new CataloguePath("file " + i), FakeFiles.entry("content " + i, i));
    }
    return builder;
  }

  @Test
  void onlyWhatChangedIsFetched() throws IOException {
    CatalogueBuilder builder = ofFiles(3_000);
    CatalogueClaim first = build(builder, 1);
    CatalogueView view = here(first, null);
    assertThat(asked).hasSize(2 + view.header().pages().size());
    asked.clear();
    builder.put(new CataloguePath("file 7"), FakeFiles.entry("new", 5_000));
    CatalogueView next = here(build(builder, 2), view);
    assertThat(asked).as("root, header, one page").hasSize(3);
    asked.clear();
    assertThat(here(first, next).rootHash()).isEqualTo(first.root());
    assertThat(asked).isEmpty();
  }

  @Test
  void whatCannotBeHadIsNoLie() throws IOException {
    CatalogueBuilder builder = ofFiles(2_000);
    CatalogueClaim claim = build(builder, 1);
    Map<Hash, byte[]> all = new HashMap<>(origin);
    CatalogueView view = here(claim, null);
    origin.remove(view.pageHash(1));
    PageFolder.open(temporary.resolve("pages")).drop(view.pageHash(1));
    assertThat(run(claim, null)).isInstanceOf(CatalogueFetch.Outcome.Failed.class);
    origin.putAll(all);
    // Damaged on the disk: had again.
    ReplacedFile.write(
        temporary.resolve("pages").resolve(view.pageHash(0).toString()), new byte[9], false);
    ReplacedFile.write(
        temporary.resolve("pages").resolve(claim.root().toString()), new byte[9], false);
    assertThat(here(claim, null).header().entries()).isEqualTo(2_000);
  }

  @Test
  void figuresThatDifferFromTheAnnouncementAreRefused() throws IOException {
    CatalogueClaim claim = build(ofFiles(10), 7);
    assertThat(refused(new CatalogueClaim(claim.root(), 8, 10, claim.totalBytes()), null))
        .isNotEmpty();
    assertThat(refused(new CatalogueClaim(claim.root(), 7, 11, claim.totalBytes()), null))
        .isNotEmpty();
    assertThat(refused(new CatalogueClaim(claim.root(), 7, 10, 1), null)).isNotEmpty();
    assertThat(here(claim, null).header().generation()).isEqualTo(7);
  }

  /** A catalogue of one page that somebody wrote by hand. */
  private CatalogueClaim forged(byte[] page, int entries, long totalBytes) {
    CatalogueHeader header =
        new CatalogueHeader(
            SERVICE.name(),
            SERVICE.topic(),
            9,
            1_000,
            entries,
            totalBytes,
            Names.HIDDEN,
            List.of(new PageSlot(KeyPrefix.ALL, entries)));
    Hash pageHash = put(page);
    Hash headerHash = put(header.toBytes());
    Hash root = put(HashSequence.of(List.of(headerHash, pageHash)).toBytes());
    return new CatalogueClaim(root, 9, entries, totalBytes);
  }

  private Hash put(byte[] bytes) {
    Hash hash = Blake3Hasher.hash(bytes);
    origin.put(hash, bytes);
    return hash;
  }

  private static byte[] page(List<LookupKey> keys, long sizeBytes) {
    PostcardWriter out = new PostcardWriter().writeVarint(keys.size());
    for (LookupKey key : keys) {
      out.writeFixed(key.value().toBytes()).writeFixed(FakeFiles.hash("x").toBytes());
      out.writeVarint(sizeBytes).writeU8(3).writeVarint(1_000);
    }
    return out.toBytes();
  }

  private static List<LookupKey> keys() {
    List<LookupKey> keys = new ArrayList<>();
    for (String path : List.of("a", "b", "c")) {
      keys.add(new CataloguePath(path).lookupKey(SERVICE.topic()));
    }
    Collections.sort(keys);
    return keys;
  }

  @Test
  void whatAnOriginLiesAboutInItsPagesIsRefusedAndTheOneBeforeHolds() throws IOException {
    CatalogueView honest = here(forged(page(keys(), 5), 3, 15), null);
    assertThat(refused(forged(page(keys().reversed(), 5), 3, 15), honest)).contains("order");
    List<LookupKey> twice = new ArrayList<>(keys());
    twice.set(1, twice.getFirst());
    assertThat(refused(forged(page(twice, 5), 3, 15), honest)).isNotEmpty();
    assertThat(refused(forged(page(keys(), 5), 2, 15), honest)).isNotEmpty();
    assertThat(refused(forged(page(keys(), 6), 3, 17), honest)).contains("17");
    assertThat(refused(forged(page(keys(), CatalogueLimits.MAX_BLOB_BYTES + 1), 3, 15), honest))
        .isNotEmpty();
    assertThat(refused(forged(new byte[] {3, 1, 2}, 3, 15), honest)).isNotEmpty();
    assertThat(refused(forged(new byte[CatalogueLimits.MAX_PAGE_BYTES + 1], 3, 15), honest))
        .contains("more than");
    assertThat(honest.find(new CataloguePath("b")).toString()).contains("Done");
  }

  @Test
  void aRootOfSomebodyElsesServiceIsRefused() throws IOException {
    ServiceKey other = new ServiceKey.Public(new ServiceName("x.veilor", "other"));
    CatalogueBuilder builder = new CatalogueBuilder(other, Names.HIDDEN);
    assertThat(refused(build(builder, 1), null)).isNotEmpty();
    Hash junk = put(new byte[CatalogueLimits.MAX_ROOT_BYTES + 1]);
    assertThat(refused(new CatalogueClaim(junk, 1, 0, 0), null)).contains("more than");
  }
}
