package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/** To whom a blob may be given outlasts the process. */
final class AudienceTest {
  @TempDir Path temporary;

  private static Hash hash(int number) {
    return MemoryBlob.of(new byte[] {(byte) number}).hash();
  }

  @Test
  void itIsReadAsItWasWritten() throws Exception {
    Map<Hash, Audience> all =
        Map.of(
            hash(1), new Audience(true, Set.of(), false),
            hash(2), new Audience(false, Set.of(hash(7), hash(8)), true),
            hash(3), new Audience(false, Set.of(), false));
    try (BlobStore store = BlobStore.open(temporary, StoreOptions.defaults())) {
      assertThat(store.audience(hash(1))).isNull();
      all.forEach(store::keepAudience);
      store.keepAudience(hash(4), new Audience(true, Set.of(), true));
      store.forgetAudience(hash(4));
    }
    try (BlobStore store = BlobStore.open(temporary, StoreOptions.defaults())) {
      Map<Hash, Audience> read = new HashMap<>();
      store.forEachAudience(read::put);
      assertThat(read).isEqualTo(all);
      assertThat(store.audience(hash(2))).isEqualTo(all.get(hash(2)));
      assertThat(store.audience(hash(4))).isNull();
    }
  }

  @Test
  void aBlobIsOfFewServices() {
    Set<Hash> many = new HashSet<>();
    for (int i = 0; i <= StoreLimits.AUDIENCE_SERVICES; i++) {
      many.add(hash(i));
    }
    assertThatThrownBy(() -> new Audience(false, many, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theCollectionsOfABlobAreFoundByItsHash() throws Exception {
    Path folder = Files.createDirectories(temporary.resolve("files"));
    Path file = Files.write(folder.resolve("a"), new byte[] {1, 2, 3});
    try (BlobStore store = BlobStore.open(temporary.resolve("state"), StoreOptions.defaults())) {
      assertThat(store.importFile("media", file)).isInstanceOf(ImportOutcome.Stored.class);
      Hash root =
          store
              .storeCollection(
                  "media", folder, List.of(new CollectionEntry("a", hashOf(store, file))))
              .hash();
      CollectionRecord row = store.collection(folder);
      assertThat(row).isNotNull();
      assertThat(store.collections(root)).containsExactly(row);
      assertThat(store.collections(Objects.requireNonNull(row).metadataHash()))
          .containsExactly(row);
      assertThat(store.collections(hashOf(store, file))).isEmpty();
    }
  }

  private static Hash hashOf(BlobStore store, Path file) {
    return Objects.requireNonNull(store.path(file)).hash();
  }
}
