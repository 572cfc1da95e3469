package org.veilor.seed.core.blob;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * Named blobs: a hash sequence whose child 0 is a metadata blob with the names of children 1, 2, …
 * (iroh-blobs {@code format/collection.rs}).
 *
 * <p>Names are free text, usually relative paths with {@code /}; nothing keeps a stranger from
 * writing {@code ../x}. Check them with {@link ExportName} before they become files.
 */
public record Collection(List<Entry> entries) {
  private static final byte[] HEADER = "CollectionV0.".getBytes(US_ASCII);

  /** A name and the blob that it stands for. */
  public record Entry(String name, Hash hash) {}

  /** Copies the list. */
  public Collection {
    entries = List.copyOf(entries);
  }

  /** The bytes of the metadata blob. */
  public byte[] metadata() {
    PostcardWriter out = new PostcardWriter().writeFixed(HEADER).writeVarint(entries.size());
    entries.forEach(entry -> out.writeText(entry.name()));
    return out.toBytes();
  }

  /** The root: the hash of the metadata, then those of the entries. */
  public HashSequence hashSequence() {
    List<Hash> hashes = new ArrayList<>(entries.size() + 1);
    hashes.add(Blake3Hasher.hash(metadata()));
    entries.forEach(entry -> hashes.add(entry.hash()));
    return HashSequence.of(hashes);
  }

  /** The hash of the root, which names the collection. */
  public Hash hash() {
    return hashSequence().hash();
  }

  /**
   * Puts a collection together. Trailing bytes of the metadata are ignored, as in iroh-blobs; a
   * foreign header is an error here, while one of its two readers lets it pass.
   *
   * @param root the hash sequence
   * @param metadata the bytes of its child 0, already verified against the hash
   * @throws MalformedException if the header is foreign, or the numbers of names and of blobs
   *     differ
   */
  public static Collection decode(HashSequence root, byte[] metadata) throws MalformedException {
    if (metadata.length > CoreLimits.MAX_COLLECTION_METADATA_BYTES) {
      throw new MalformedException(0, "metadata too long");
    }
    PostcardReader in = new PostcardReader(metadata);
    if (!Arrays.equals(in.readFixed(HEADER.length), HEADER)) {
      throw in.malformed("no collection header");
    }
    int names = in.readCount(CoreLimits.MAX_HASH_SEQUENCE_BYTES / Hash.LENGTH, 1);
    if (names + 1 != root.size()) {
      throw in.malformed("as many names as blobs expected");
    }
    List<Entry> entries = new ArrayList<>(names);
    for (int i = 0; i < names; i++) {
      entries.add(new Entry(in.readText(CoreLimits.MAX_NAME_BYTES), root.get(i + 1)));
    }
    return new Collection(entries);
  }
}
