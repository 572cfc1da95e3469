package org.veilor.seed.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;

class FileFetchTest {
  @TempDir private Path folder;

  /** Everybody has the empty blob: no provider is dialled for it. */
  @Test
  void theEmptyBlobIsNotDownloaded() throws Exception {
    List<Hash> asked = new ArrayList<>();
    try (BlobCache cache = BlobCache.open(folder.resolve("cache"), CacheOptions.of(1_000_000, 0))) {
      FileFetch fetch =
          new FileFetch(
              hash -> {
                asked.add(hash);
                throw new IllegalStateException("a download of " + hash);
              },
              cache,
              false,
              (done, total, files) -> {});
      fetch.blob(Hash.EMPTY_BLOB, folder.resolve("empty"));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      fetch.stream(Hash.EMPTY_BLOB, out);

      assertThat(folder.resolve("empty")).isRegularFile().isEmptyFile();
      assertThat(out.size()).isZero();
      assertThat(asked).isEmpty();
    }
  }
}
