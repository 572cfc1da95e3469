package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

/** The vectors of a second implementation, field by field; see {@code CATALOGUE-ORIGIN.md}. */
class CatalogueVectorsTest {
  private static final JsonNode VECTORS = Vectors.read("catalogue.json");

  private final MemoryPages pages = new MemoryPages();

  static List<JsonNode> listed() {
    return Vectors.list(VECTORS.get("listed"));
  }

  static List<JsonNode> byRule() {
    return Vectors.list(VECTORS.get("by_rule"));
  }

  private static ServiceKey service(JsonNode vector) {
    ServiceName name = new ServiceName(vector.get("realm").asText(), vector.get("name").asText());
    JsonNode secret = vector.get("secret");
    return secret.isNull()
        ? new ServiceKey.Public(name)
        : new ServiceKey.Group(name, ServiceSecret.of(Vectors.hex(secret.asText())));
  }

  private static Names names(JsonNode vector) {
    return vector.get("names").asText().equals("clear") ? Names.CLEAR : Names.HIDDEN;
  }

  private static Hash hash(JsonNode node, String field) {
    return Hash.of(Vectors.hex(node.get(field).asText()));
  }

  private static CatalogueEntry entry(JsonNode node) {
    return new CatalogueEntry(
        hash(node, "hash"),
        node.get("size").asLong(),
        node.get("media_type").asText(),
        node.get("modified").asLong());
  }

  private BuiltCatalogue build(JsonNode vector, CatalogueBuilder builder) {
    BuildOutcome outcome =
        builder.build(
            vector.get("generation").asLong(), vector.get("created_ms").asLong(), pages, pages);
    return ((BuildOutcome.Built) outcome).catalogue();
  }

  private void check(JsonNode vector, BuiltCatalogue built) {
    assertThat(built.header().topic().value()).isEqualTo(hash(vector, "topic"));
    assertThat(built.header().entries()).isEqualTo(vector.get("entries").asLong());
    assertThat(built.header().totalBytes()).isEqualTo(vector.get("total_bytes").asLong());
    assertThat(Hex.encode(built.header().toBytes())).isEqualTo(vector.get("header").asText());
    assertThat(built.root().get(0)).isEqualTo(hash(vector, "header_hash"));
    List<JsonNode> expected = Vectors.list(vector.get("pages"));
    assertThat(built.header().pages()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      PageSlot slot = built.header().pages().get(i);
      assertThat(slot.prefix().bits()).isEqualTo(expected.get(i).get("bits").asInt());
      assertThat(slot.entries()).isEqualTo(expected.get(i).get("entries").asInt());
      assertThat(built.root().get(i + 1)).isEqualTo(hash(expected.get(i), "hash"));
    }
    assertThat(Hex.encode(built.root().toBytes())).isEqualTo(vector.get("root").asText());
    assertThat(built.rootHash()).isEqualTo(hash(vector, "root_hash"));
  }

  @ParameterizedTest
  @MethodSource("listed")
  void listedAreBuilt(JsonNode vector) {
    CatalogueBuilder builder = new CatalogueBuilder(service(vector), names(vector));
    for (JsonNode each : vector.get("listed")) {
      builder.put(new CataloguePath(each.get("path").asText()), entry(each));
    }
    BuiltCatalogue built = build(vector, builder);
    check(vector, built);
    byte[] page = pages.blobs.get(built.root().get(1));
    assertThat(page).isEqualTo(Vectors.hex(vector.get("pages").get(0).get("bytes").asText()));
  }

  @ParameterizedTest
  @MethodSource("listed")
  void listedAreRead(JsonNode vector) {
    pages.add(Vectors.hex(vector.get("header").asText()));
    vector.get("pages").forEach(page -> pages.add(Vectors.hex(page.get("bytes").asText())));
    Hash root = pages.add(Vectors.hex(vector.get("root").asText()));
    CatalogueClaim claim =
        new CatalogueClaim(
            root,
            vector.get("generation").asLong(),
            vector.get("entries").asLong(),
            vector.get("total_bytes").asLong());
    CatalogueView view = done(CatalogueReader.open(service(vector), claim, pages));
    assertThat(view.header().createdMillis()).isEqualTo(vector.get("created_ms").asLong());
    assertThat(view.header().names()).isEqualTo(names(vector));
    List<CatalogueItem> expected = new ArrayList<>();
    for (JsonNode each : vector.get("listed")) {
      CataloguePath path = new CataloguePath(each.get("path").asText());
      expected.add(
          new CatalogueItem(
              new LookupKey(hash(each, "key")),
              entry(each),
              names(vector) == Names.CLEAR ? Optional.of(path) : Optional.empty()));
      assertThat(done(view.find(path))).contains(expected.getLast());
    }
    List<CatalogueItem> items = new ArrayList<>();
    assertThat(done(view.forEach(items::add))).isEqualTo(expected.size());
    assertThat(items).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("byRule")
  void thoseByRuleAreBuilt(JsonNode vector) {
    CatalogueBuilder builder = new CatalogueBuilder(service(vector), names(vector));
    for (int i = 0; i < vector.get("entries").asInt(); i++) {
      builder.put(Catalogues.path(i), byRule(i));
    }
    check(vector, build(vector, builder));
  }

  /** The rule that stands in the vectors. */
  private static CatalogueEntry byRule(int i) {
    String type = List.of("image/webp", "video/mp4", "model/x-test").get(i % 3);
    return new CatalogueEntry(Catalogues.hash(i), 1000L * i, type, 1_795_000_000_000L - i);
  }

  @Test
  void theTableOfMediaTypes() {
    assertThat(VECTORS.get("rule").asText()).contains("1795000000000 - i");
    assertThat(Vectors.list(VECTORS.get("media_types")).stream().map(JsonNode::asText))
        .containsExactlyElementsOf(MediaTypes.table());
  }
}
