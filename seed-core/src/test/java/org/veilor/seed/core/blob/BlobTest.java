package org.veilor.seed.core.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardWriter;

/** Hash texts, hash sequences and collections. */
class BlobTest {
  static List<JsonNode> hashParseCases() {
    return Vectors.list(Vectors.blobs().get("live").get("hash_parse"));
  }

  @ParameterizedTest
  @MethodSource("hashParseCases")
  void hashTexts(JsonNode vector) {
    String text = vector.get("text").asText();
    assertThat(accepts(() -> Hash.parse(text)))
        .isEqualTo(vector.get("hash").asText().equals("accepted"));
    assertThat(accepts(() -> HashAndFormat.parse(text)))
        .isEqualTo(vector.get("hash_and_format").asText().equals("accepted"));
  }

  private interface Parser {
    Object parse() throws MalformedException;
  }

  private static boolean accepts(Parser parser) {
    try {
      return parser.parse() != null;
    } catch (MalformedException e) {
      return false;
    }
  }

  @Test
  void hashTextForms() throws MalformedException {
    JsonNode vector = Vectors.blobs().get("hash_text");
    Hash hash = Blake3Hasher.hash("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertThat(hash).hasToString(vector.get("hash_of_hello").asText());
    assertThat(Hash.parse(hash.toString())).isEqualTo(hash);
    assertThat(Hash.parse(vector.get("base32_nopad_lower").asText())).isEqualTo(hash);
    assertThat(HashAndFormat.raw(hash)).hasToString(vector.get("hash_and_format_raw").asText());
    assertThat(HashAndFormat.hashSequence(hash))
        .hasToString(vector.get("hash_and_format_hashseq").asText());
    assertThat(HashAndFormat.parse(vector.get("hash_and_format_hashseq").asText()))
        .isEqualTo(HashAndFormat.hashSequence(hash));
    assertThat(hash.shortText()).isEqualTo("ea8f163db3");
  }

  @Test
  void hashIsAValue() {
    byte[] bytes = Hash.EMPTY_BLOB.toBytes();
    assertThat(Blake3Hasher.hash(new byte[0])).isEqualTo(Hash.EMPTY_BLOB);
    Hash hash = Hash.of(bytes);
    bytes[31] ^= 1;
    Hash other = Hash.of(bytes);
    assertThat(hash).isEqualTo(Hash.EMPTY_BLOB).isNotEqualTo(other).isLessThan(other);
    assertThat(hash.matches(bytes, 0)).isFalse();
    assertThat(other.matches(bytes, 0)).isTrue();
    assertThatThrownBy(() -> Hash.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void collectionVectors() throws MalformedException {
    JsonNode vector = Vectors.blobs().get("collection");
    List<Collection.Entry> entries = new ArrayList<>();
    for (JsonNode file : vector.get("files")) {
      entries.add(
          new Collection.Entry(file.get("name").asText(), Hash.parse(file.get("hash").asText())));
    }
    check(new Collection(entries), vector);

    JsonNode repo = Vectors.blobs().get("collection_repo_test");
    List<Collection.Entry> repoEntries = new ArrayList<>();
    for (byte i = 0; i < 3; i++) {
      repoEntries.add(new Collection.Entry("blob" + i, Blake3Hasher.hash(new byte[] {i})));
    }
    check(new Collection(repoEntries), repo);
    check(new Collection(List.of()), Vectors.blobs().get("collection_empty"));
  }

  private static void check(Collection collection, JsonNode vector) throws MalformedException {
    assertThat(Hex.encode(collection.metadata())).isEqualTo(vector.get("meta_hex").asText());
    assertThat(collection.hash()).hasToString(vector.get("hashseq_hash").asText());
    HashSequence root = HashSequence.ofBytes(collection.hashSequence().toBytes());
    assertThat(root.get(0)).hasToString(vector.get("meta_hash").asText());
    assertThat(Collection.decode(root, collection.metadata())).isEqualTo(collection);
  }

  @Test
  void foreignCollectionsAreMalformed() {
    Collection two =
        new Collection(
            List.of(
                new Collection.Entry("a", Hash.EMPTY_BLOB),
                new Collection.Entry("b", Hash.EMPTY_BLOB)));
    HashSequence root = two.hashSequence();
    byte[] header = "CollectionV0.".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] otherHeader = "CollectionV1.".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    List<byte[]> malformed =
        List.of(
            new byte[0],
            header,
            names(header, "a"),
            names(header, "a", "b", "c"),
            names(otherHeader, "a", "b"),
            names(header, "a", "b".repeat(5000)));
    for (byte[] metadata : malformed) {
      assertThatThrownBy(() -> Collection.decode(root, metadata))
          .isInstanceOf(MalformedException.class);
    }
  }

  private static byte[] names(byte[] header, String... names) {
    PostcardWriter out = new PostcardWriter().writeFixed(header).writeVarint(names.length);
    for (String name : names) {
      out.writeText(name);
    }
    return out.toBytes();
  }

  @Test
  void hashSequenceLengths() throws MalformedException {
    assertThat(HashSequence.ofBytes(new byte[0]).size()).isZero();
    assertThat(HashSequence.ofBytes(new byte[64]).size()).isEqualTo(2);
    assertThatThrownBy(() -> HashSequence.ofBytes(new byte[33]))
        .isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "dir/a.txt", "..a/b..", "ä/€", "a b"})
  void goodNames(String name) throws MalformedException {
    assertThat(String.join("/", ExportName.components(name))).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        "C:\\x",
        "a\\b",
        "c:x",
        "a\u0000",
        "a\nb",
        "a/\u007f",
        "\u0085"
      })
  void badNames(String name) {
    assertThatThrownBy(() -> ExportName.components(name)).isInstanceOf(MalformedException.class);
  }

  @Test
  void namesThatClash() throws MalformedException {
    ExportName.checkAll(collection("a", "b/a", "b/c"));
    assertThatThrownBy(() -> ExportName.checkAll(collection("a", "a")))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> ExportName.checkAll(collection("a/b/c", "a/b")))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> ExportName.components("a".repeat(256)))
        .isInstanceOf(MalformedException.class);
  }

  private static Collection collection(String... names) {
    return new Collection(
        java.util.Arrays.stream(names)
            .map(name -> new Collection.Entry(name, Hash.EMPTY_BLOB))
            .toList());
  }
}
