package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

/** Services, entries and catalogues of the tests. */
final class Catalogues {
  static final ServiceKey PUBLIC = new ServiceKey.Public(new ServiceName("dl.veilor", "files"));
  static final ServiceKey GROUP =
      new ServiceKey.Group(
          new ServiceName("x.veilor", "misskey"), ServiceSecret.of(new byte[ServiceSecret.LENGTH]));
  static final long NOW = 1_795_000_000_000L;

  private Catalogues() {}

  static CataloguePath path(int number) {
    return new CataloguePath("files/" + number + ".webp");
  }

  static Hash hash(long number) {
    byte[] bytes = Long.toString(number).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return Blake3Hasher.hash(bytes);
  }

  static CatalogueEntry entry(long number) {
    String type = number % 3 == 0 ? "image/webp" : number % 3 == 1 ? "video/mp4" : "model/x-test";
    return new CatalogueEntry(hash(number), number * 1000, type, NOW - number);
  }

  static BuiltCatalogue build(CatalogueBuilder builder, long generation, MemoryPages pages) {
    return ((BuildOutcome.Built) builder.build(generation, NOW, pages, pages)).catalogue();
  }

  static BuiltCatalogue build(
      ServiceKey service, Names names, Map<CataloguePath, CatalogueEntry> all, MemoryPages pages) {
    CatalogueBuilder builder = new CatalogueBuilder(service, names);
    all.forEach(builder::put);
    return build(builder, 1, pages);
  }

  static CatalogueView view(ServiceKey service, BuiltCatalogue built, PageSource source) {
    return done(CatalogueReader.open(service, built.claim(), source));
  }

  static <T> T done(Reading<T> reading) {
    assertThat(reading).isInstanceOf(Reading.Done.class);
    return ((Reading.Done<T>) reading).value();
  }
}
