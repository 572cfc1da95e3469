package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.wire.MalformedException;

class CataloguePathTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "...", "a b/%2F", ".a/b.", "C:/x", "\u00e4", "\ud83d\ude00"})
  void properPaths(String text) throws MalformedException {
    assertThat(CataloguePath.parse(text)).isEqualTo(new CataloguePath(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", ".", "a/..", "../a", "a/./b", "a\\b", "a\n", "\ud83d"
      })
  void othersAreRefused(String text) {
    assertThatThrownBy(() -> CataloguePath.parse(text)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new CataloguePath(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("path");
  }

  @Test
  void lengthCountsInBytesAndSegments() throws MalformedException {
    assertThat(CataloguePath.parse("\u00e4".repeat(1024)).text()).hasSize(1024);
    assertThatThrownBy(() -> CataloguePath.parse("\u00e4".repeat(1024) + "a"))
        .hasMessageContaining("too long");
    assertThat(CataloguePath.parse("a" + "/a".repeat(61)).text()).hasSize(123);
    assertThatThrownBy(() -> CataloguePath.parse("a" + "/a".repeat(62)))
        .hasMessageContaining("segments");
  }

  @Test
  void nothingIsFolded() {
    CataloguePath composed = new CataloguePath("\u00e4");
    assertThat(composed).isNotEqualTo(new CataloguePath("a\u0308"));
    assertThat(new CataloguePath("A")).isNotEqualTo(new CataloguePath("a"));
    var topic = Catalogues.PUBLIC.topic();
    assertThat(composed.lookupKey(topic))
        .isEqualTo(LookupKey.of(topic, composed))
        .isNotEqualTo(composed.lookupKey(Catalogues.GROUP.topic()))
        .isNotEqualTo(new CataloguePath("a\u0308").lookupKey(topic));
  }

  @Test
  void theirOrderIsThatOfTheirBytes() {
    assertThat(new CataloguePath("\ud83d\ude00")).isGreaterThan(new CataloguePath("\uff45"));
    assertThat(new CataloguePath("a/b")).isGreaterThan(new CataloguePath("a-b"));
  }

  @Test
  void theServicesOwnFolderCanBeTakenOff() {
    assertThat(new CataloguePath("files/a/b").belowFirstSegment())
        .contains(new CataloguePath("a/b"));
    assertThat(new CataloguePath("a").belowFirstSegment()).isEmpty();
  }
}
