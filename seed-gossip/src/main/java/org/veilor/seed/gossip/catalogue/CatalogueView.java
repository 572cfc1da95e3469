package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;

/**
 * A catalogue whose root and header are here and checked. Pages are read when they are needed, each
 * checked when it is read; none is kept. May be used by many threads if its source may.
 */
public final class CatalogueView {
  private final Hash rootHash;
  private final HashSequence root;
  private final CatalogueHeader header;
  private final PageSource source;
  private final PageCodec codec;

  CatalogueView(Hash rootHash, HashSequence root, CatalogueHeader header, PageSource source) {
    this.rootHash = rootHash;
    this.root = root;
    this.header = header;
    this.source = source;
    codec = new PageCodec(header.topic(), header.names());
  }

  /** The hash that names the catalogue. */
  public Hash rootHash() {
    return rootHash;
  }

  /** Hashes of header and pages: with the root, all that it takes to pass the catalogue on. */
  public HashSequence root() {
    return root;
  }

  public CatalogueHeader header() {
    return header;
  }

  /** The hash of a page, from 0. */
  public Hash pageHash(int page) {
    return root.get(page + 1);
  }

  /** Which pages have to be fetched before all can be read, each once. */
  public List<Hash> missingPages(Predicate<Hash> held) {
    Set<Hash> missing = new LinkedHashSet<>();
    for (int page = 0; page < header.pages().size(); page++) {
      Hash hash = pageHash(page);
      if (!held.test(hash)) {
        missing.add(hash);
      }
    }
    return List.copyOf(missing);
  }

  /** The number of the page that a key belongs into, whose hash says what to fetch for it. */
  public int pageOf(LookupKey key) {
    long bits = key.leadingBits();
    int low = 0;
    int high = header.pages().size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (header.pages().get(middle).prefix().first() <= bits) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** What stands under a path; empty if nothing does. Reads one page. */
  public Reading<Optional<CatalogueItem>> find(CataloguePath path) {
    return find(codec.key(path));
  }

  /** What stands under a key; empty if nothing does. Reads one page. */
  public Reading<Optional<CatalogueItem>> find(LookupKey key) {
    return page(pageOf(key))
        .map(items -> items.stream().filter(item -> item.key().equals(key)).findFirst());
  }

  /** The entries of a page, from 0, by ascending key. */
  public Reading<List<CatalogueItem>> page(int page) {
    return UnreadableException.reading(() -> read(page));
  }

  List<CatalogueItem> read(int page) throws UnreadableException {
    List<CatalogueItem> items = new ArrayList<>(header.pages().get(page).entries());
    byte[] bytes = CatalogueReader.read(source, pageHash(page), CatalogueFault.Part.PAGE);
    codec.decode(page, header.pages().get(page), bytes, (item, _) -> items.add(item));
    return items;
  }

  /**
   * Reads all pages, one after the other, and checks the bytes of all blobs, too, which one page
   * alone cannot show.
   *
   * @param consumer gets every entry by ascending key, also those before the place where a fault
   *     shows
   * @return the number of entries
   */
  public Reading<Long> forEach(Consumer<CatalogueItem> consumer) {
    return UnreadableException.reading(() -> {
      long totalBytes = 0;
      for (int page = 0; page < header.pages().size(); page++) {
        for (CatalogueItem item : read(page)) {
          totalBytes += item.entry().sizeBytes();
          consumer.accept(item);
        }
      }
      CatalogueReader.equal(CatalogueFault.Figure.BYTES, header.totalBytes(), totalBytes);
      return header.entries();
    });
  }
}
