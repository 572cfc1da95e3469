package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;

/** Blobs in memory, and which of them were asked for and written. */
final class MemoryPages implements PageSource, PageSink {
  final Map<Hash, byte[]> blobs = new HashMap<>();
  final List<Hash> read = new ArrayList<>();
  final List<Hash> written = new ArrayList<>();

  Hash add(byte[] bytes) {
    Hash hash = Blake3Hasher.hash(bytes);
    blobs.put(hash, bytes);
    return hash;
  }

  @Override
  public Optional<byte[]> read(Hash hash, int maxBytes) {
    read.add(hash);
    return Optional.ofNullable(blobs.get(hash));
  }

  @Override
  public void write(Hash hash, byte[] bytes) {
    written.add(hash);
    blobs.put(hash, bytes);
  }

  long writtenBytes() {
    return written.stream().mapToLong(hash -> Objects.requireNonNull(blobs.get(hash)).length).sum();
  }
}
