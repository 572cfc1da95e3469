package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * Builds the catalogues of one origin, one after the other. Equal entries make equal pages, in
 * whatever order and over whatever catalogues they came together; generation and time make the
 * header differ.
 *
 * <p>In memory are the hashes of the pages and what changed since the last catalogue, some 140
 * bytes for each change with hidden names. To build the catalogue of a million files for the first
 * time in little memory, put and build them in parts, by ranges of the lookup key: then each page
 * is written about once. Not to be used by two threads at once.
 */
public final class CatalogueBuilder {
  private static final PageSlot EMPTY = new PageSlot(KeyPrefix.ALL, 0);

  private final ServiceKey service;
  private final Names names;
  private final PageCodec codec;
  private final int maxEntries;
  private final TreeMap<byte[], byte[]> changes = new TreeMap<>(PageCodec::compareKeys);
  private List<PageRef> pages;
  private long totalBytes;
  private @Nullable Hash lastRoot;

  /** A builder of a service without entries. */
  public CatalogueBuilder(ServiceKey service, Names names) {
    this(service, names, CatalogueLimits.MAX_ENTRIES);
  }

  CatalogueBuilder(ServiceKey service, Names names, int maxEntries) {
    this.maxEntries = maxEntries;
    this.service = service;
    this.names = names;
    codec = new PageCodec(service.topic(), names);
    pages = List.of(new PageRef(EMPTY, Blake3Hasher.hash(codec.encode(List.of()))));
  }

  /**
   * A builder that goes on where another one ended, without reading a page.
   *
   * @param last what that one built
   * @return empty if a builder has to begin anew: {@code last} is of another topic, shows names
   *     that are to be hidden or the reverse, or is not divided into pages as this class does it
   */
  public static Optional<CatalogueBuilder> resume(
      ServiceKey service, Names names, CatalogueView last) {
    CatalogueHeader header = last.header();
    if (!header.topic().equals(service.topic())
        || header.names() != names
        || !PageTree.isCanonical(header.pages())) {
      return Optional.empty();
    }
    CatalogueBuilder builder = new CatalogueBuilder(service, names);
    List<PageRef> pages = new ArrayList<>(header.pages().size());
    for (int page = 0; page < header.pages().size(); page++) {
      pages.add(new PageRef(header.pages().get(page), last.pageHash(page)));
    }
    builder.pages = pages;
    builder.totalBytes = header.totalBytes();
    builder.lastRoot = last.rootHash();
    return Optional.of(builder);
  }

  /** The key under which a path will be found. */
  public LookupKey key(CataloguePath path) {
    return codec.key(path);
  }

  /** Sets what stands under a path, in place of what stood there. */
  public void put(CataloguePath path, CatalogueEntry entry) {
    byte[] record = codec.record(path, entry);
    changes.put(record, record);
  }

  /** Nothing is to stand under the path. */
  public void remove(CataloguePath path) {
    remove(codec.key(path));
  }

  /** Nothing is to stand under the key. */
  public void remove(LookupKey key) {
    byte[] bytes = key.value().toBytes();
    changes.put(bytes, bytes);
  }

  /** Number of changes since the last catalogue. They may turn out to change nothing. */
  public int changes() {
    return changes.size();
  }

  /**
   * Builds the catalogue of all that was put and not removed. Should source or sink throw, then
   * nothing has changed here, and it can be tried again.
   *
   * @param generation above those of all catalogues of this origin before
   * @param nowMillis since 1970
   * @param source has all pages of the last catalogue
   * @param sink gets the pages that are new, then the header, then the root: whoever finds a root
   *     that was written, finds all of the catalogue
   */
  public BuildOutcome build(long generation, long nowMillis, PageSource source, PageSink sink) {
    checkTimes(generation, nowMillis);
    Set<Hash> held = new HashSet<>();
    if (lastRoot != null) {
      pages.forEach(page -> held.add(page.hash()));
    }
    byte[][] changed = changes.values().toArray(new byte[0][]);
    PageTree tree = new PageTree(codec, pages, held, changed, source, sink);
    List<PageRef> now;
    try {
      now = tree.apply();
    } catch (UnreadableException e) {
      return new BuildOutcome.LastUnreadable(String.valueOf(e.getMessage()));
    }
    long entries = now.stream().mapToLong(page -> page.slot().entries()).sum();
    if (entries > maxEntries) {
      return new BuildOutcome.TooManyEntries(entries);
    }
    if (lastRoot != null && now.equals(pages)) {
      changes.clear();
      return new BuildOutcome.Unchanged();
    }
    BuiltCatalogue built = finish(tree, held, now, generation, nowMillis, sink);
    changes.clear();
    pages = now;
    totalBytes = built.header().totalBytes();
    lastRoot = built.rootHash();
    return new BuildOutcome.Built(built);
  }

  private BuiltCatalogue finish(
      PageTree tree,
      Set<Hash> held,
      List<PageRef> now,
      long generation,
      long nowMillis,
      PageSink sink) {
    List<Hash> written = new ArrayList<>(tree.written());
    if (lastRoot == null && now.equals(pages)) {
      byte[] empty = codec.encode(List.of());
      sink.write(pages.getFirst().hash(), empty);
      written.add(pages.getFirst().hash());
    }
    CatalogueHeader header =
        new CatalogueHeader(
            service.name(),
            service.topic(),
            generation,
            nowMillis,
            now.stream().mapToLong(page -> page.slot().entries()).sum(),
            totalBytes + tree.addedBytes(),
            names,
            now.stream().map(PageRef::slot).toList());
    byte[] headerBytes = header.toBytes();
    Hash headerHash = Blake3Hasher.hash(headerBytes);
    List<Hash> hashes = now.stream().map(PageRef::hash).toList();
    HashSequence root = HashSequence.of(CatalogueHeader.children(headerHash, hashes));
    Hash rootHash = root.hash();
    sink.write(headerHash, headerBytes);
    sink.write(rootHash, root.toBytes());
    return new BuiltCatalogue(rootHash, root, header, written, dropped(held, hashes));
  }

  private static List<Hash> dropped(Set<Hash> before, List<Hash> now) {
    Set<Hash> dropped = new HashSet<>(before);
    now.forEach(dropped::remove);
    return List.copyOf(dropped);
  }

  private static void checkTimes(long generation, long nowMillis) {
    if (generation < 0 || nowMillis < 0 || nowMillis > CatalogueLimits.MAX_TIME_MILLIS) {
      throw new IllegalArgumentException("generation " + generation + ", time " + nowMillis);
    }
  }
}
