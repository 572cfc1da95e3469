package org.veilor.seed.node.catalogue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.CatalogueEntry;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.ServiceKey;

/** The files of one service, in a map; paths are relative. */
final class FakeFiles implements ServiceFiles {
  final Map<String, CatalogueEntry> entries = new ConcurrentSkipListMap<>();
  volatile Names names = Names.HIDDEN;

  static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  static CatalogueEntry entry(String content, long sizeBytes) {
    return CatalogueEntry.ofFile(hash(content), sizeBytes, "image/png", 1_000);
  }

  void put(String path, String content) {
    entries.put(path, entry(content, content.length()));
  }

  @Override
  public Optional<Names> names(ServiceKey service) {
    return Optional.of(names);
  }

  @Override
  public long count(String service) {
    return entries.size();
  }

  @Override
  public void forEach(String service, Consumer<Listed> consumer) {
    entries.forEach((path, entry) -> consumer.accept(new Listed(new CataloguePath(path), entry)));
  }

  @Override
  public Optional<CataloguePath> pathOf(String service, Path file) {
    return Optional.of(new CataloguePath(file.toString()));
  }

  @Override
  public Optional<CatalogueEntry> entry(String service, Path file) {
    return Optional.ofNullable(entries.get(file.toString()));
  }
}
