package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.assertServed;
import static org.veilor.seed.store.cache.CacheSamples.bytes;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.found;
import static org.veilor.seed.store.cache.CacheSamples.generous;
import static org.veilor.seed.store.cache.CacheSamples.isThere;
import static org.veilor.seed.store.cache.CacheSamples.store;
import static org.veilor.seed.store.cache.CacheSamples.write;
import static org.veilor.seed.store.cache.CacheSamples.writer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;

/** Files that are not what they were: nothing wrong is counted, and no byte is left over. */
final class CacheDamageTest {
  private static final int SIZE = 2_000_000;
  private static final MemoryBlob BLOB = MemoryBlob.of(bytes(1, SIZE));

  @TempDir Path state;

  private Path file(String suffix) {
    return file(BLOB, suffix);
  }

  private Path file(MemoryBlob blob, String suffix) {
    String hex = blob.hash().toString();
    return state.resolve("cache").resolve(hex.substring(0, 2)).resolve(hex + suffix);
  }

  enum Damage {
    FLIPPED_BIT,
    TRUNCATED,
    LONGER,
    MISSING,
    EMPTY;

    void to(Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        switch (this) {
          case FLIPPED_BIT -> {
            byte[] content = Files.readAllBytes(file);
            content[content.length / 2] ^= 4;
            Files.write(file, content);
          }
          case TRUNCATED -> channel.truncate(channel.size() - 1);
          case LONGER -> Files.write(file, new byte[5000], StandardOpenOption.APPEND);
          case MISSING -> Files.delete(file);
          case EMPTY -> channel.truncate(0);
        }
      }
    }
  }

  private BlobCache open() throws Exception {
    return BlobCache.open(state, generous(32 * MIB));
  }

  private void writePart() throws Exception {
    try (BlobCache cache = open();
        PartialBlob writer = writer(cache, BLOB)) {
      write(writer, BLOB, ChunkRanges.range(0, 320));
      write(writer, BLOB, ChunkRanges.LAST_CHUNK);
    }
  }

  private void assertStartsAnew() throws Exception {
    try (BlobCache cache = open()) {
      assertThat(isThere(cache, BLOB.hash())).isFalse();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
      assertThat(cache.stats().usedBytes()).isLessThan(MIB / 2);
      try (PartialBlob writer = writer(cache, BLOB)) {
        assertThat(writer.present()).isEqualTo(ChunkRanges.EMPTY);
        write(writer, BLOB, ChunkRanges.ALL);
        writer.commit();
      }
      assertServed(cache, BLOB);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedBitfieldStartsAnew(Damage damage) throws Exception {
    writePart();
    damage.to(file(".bits"));
    assertStartsAnew();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLIPPED_BIT")
  void dataOfAnotherLengthStartsAnew(Damage damage) throws Exception {
    writePart();
    damage.to(file(".part"));
    assertStartsAnew();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLIPPED_BIT")
  void anOutboardOfAnotherLengthStartsAnew(Damage damage) throws Exception {
    writePart();
    damage.to(file(".obao4"));
    assertStartsAnew();
  }

  @Test
  void theBitfieldOfAnotherBlobStartsAnew() throws Exception {
    writePart();
    MemoryBlob other = MemoryBlob.of(bytes(2, SIZE));
    Files.write(file(".bits"), new Bitfield(SIZE).encode(other.hash()));
    assertStartsAnew();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLIPPED_BIT")
  void aCompleteBlobWithoutItsOutboardGoes(Damage damage) throws Exception {
    try (BlobCache cache = open()) {
      store(cache, bytes(1, SIZE));
    }
    damage.to(file(".obao4"));
    assertStartsAnew();
  }

  @ParameterizedTest
  @ValueSource(strings = {".data", ".obao4"})
  void whatVanishesUnderARunningCacheIsNoticedAndGoes(String suffix) throws Exception {
    try (BlobCache cache = open()) {
      store(cache, bytes(1, SIZE));
      Files.delete(file(suffix));
      try (BlobReader reader = found(cache, BLOB.hash())) {
        assertThatThrownBy(() -> CacheSamples.verify(BLOB.hash(), reader))
            .isInstanceOf(IOException.class);
      }
      cache.remove(BLOB.hash(), Removal.DAMAGED);
      assertThat(isThere(cache, BLOB.hash())).isFalse();
      assertThat(cache.stats().removed()).containsEntry(Removal.DAMAGED, 1L);
      store(cache, bytes(1, SIZE));
      assertServed(cache, BLOB);
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
    }
  }

  @Test
  void orphansGo() throws Exception {
    MemoryBlob other = MemoryBlob.of(bytes(3, SIZE));
    try (BlobCache cache = open()) {
      store(cache, bytes(1, SIZE));
      store(cache, bytes(3, SIZE));
    }
    Files.write(file(".part"), new byte[10_000]);
    Files.write(file(".bits"), new byte[10_000]);
    Files.write(file(".bits.new"), new byte[10_000]);
    Files.write(file(".unknown"), new byte[10_000]);
    Files.delete(file(other, ".data"));
    Files.write(state.resolve("cache").resolve("pins.new"), new byte[10_000]);
    Files.write(file(other, ".data").resolveSibling("strange"), new byte[10_000]);
    String misplaced = Files.exists(state.resolve("cache/00")) ? "01" : "00";
    Path shard = Files.createDirectories(state.resolve("cache").resolve(misplaced));
    Files.copy(file(".data"), shard.resolve(BLOB.hash() + ".data"));
    try (BlobCache cache = open()) {
      assertServed(cache, BLOB);
      assertThat(isThere(cache, other.hash())).isFalse();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
      assertThat(cache.stats().completeBlobs()).isEqualTo(1);
      assertThat(cache.stats().usedBytes()).isLessThan(SIZE + MIB / 4);
    }
  }

  @Test
  void anyBitfieldIsReadOrRefused() {
    Random random = new Random(4);
    Bitfield bitfield = new Bitfield(SIZE);
    byte[] sound = bitfield.encode(BLOB.hash());
    assertThat(Bitfield.decode(BLOB.hash(), sound)).isNotNull();
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = java.util.Arrays.copyOf(sound, random.nextInt(2 * sound.length));
      for (int n = random.nextInt(3); n >= 0 && damaged.length > 0; n--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      assertThat(Bitfield.decode(BLOB.hash(), damaged)).isNull();
    }
  }
}
