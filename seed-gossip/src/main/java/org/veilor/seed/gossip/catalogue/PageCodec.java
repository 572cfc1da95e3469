package org.veilor.seed.gossip.catalogue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Pages of one catalogue: a count and the entries by ascending lookup key. With clear names an
 * entry has no key, since it follows from the path: a third less to transfer, and nothing to lie
 * about.
 *
 * <p>A <em>record</em> is the key and behind it what the page holds of the entry, but for the key.
 */
final class PageCodec {
  private static final int MIN_ENTRY_BYTES = Hash.LENGTH + 3;

  private final byte[] topic;
  private final Names names;

  /** Takes the entries of a page, in order and checked. */
  @FunctionalInterface
  interface Visitor {
    void entry(CatalogueItem item, byte[] rest);
  }

  PageCodec(TopicId topic, Names names) {
    this.topic = topic.toBytes();
    this.names = names;
  }

  LookupKey key(CataloguePath path) {
    return LookupKey.of(topic, path);
  }

  byte[] record(CataloguePath path, CatalogueEntry entry) {
    PostcardWriter out = new PostcardWriter().writeFixed(key(path).value().toBytes());
    entry.write(out);
    if (names == Names.CLEAR) {
      out.writeText(path.text());
    }
    return out.toBytes();
  }

  static byte[] record(LookupKey key, byte[] rest) {
    byte[] record = Arrays.copyOf(key.value().toBytes(), LookupKey.LENGTH + rest.length);
    System.arraycopy(rest, 0, record, LookupKey.LENGTH, rest.length);
    return record;
  }

  /** The order of records, which is that of their keys. */
  static int compareKeys(byte[] record, byte[] other) {
    return Arrays.compareUnsigned(record, 0, LookupKey.LENGTH, other, 0, LookupKey.LENGTH);
  }

  /** The size of the blob that a record is about. */
  static long sizeBytes(byte[] record) {
    int start = LookupKey.LENGTH + Hash.LENGTH;
    try {
      return new PostcardReader(record, start, record.length - start).readU64();
    } catch (MalformedException e) {
      throw new IllegalStateException("a record of our own", e);
    }
  }

  byte[] encode(List<byte[]> records) {
    PostcardWriter count = new PostcardWriter().writeVarint(records.size());
    int skipped = names == Names.CLEAR ? LookupKey.LENGTH : 0;
    int length = count.size();
    for (byte[] record : records) {
      length += record.length - skipped;
    }
    byte[] page = Arrays.copyOf(count.toBytes(), length);
    int position = count.size();
    for (byte[] record : records) {
      System.arraycopy(record, skipped, page, position, record.length - skipped);
      position += record.length - skipped;
    }
    return page;
  }

  /**
   * Reads a page that has the hash which the root gives.
   *
   * @param index of the page, from 0
   */
  void decode(int index, PageSlot slot, byte[] page, Visitor visitor) throws UnreadableException {
    if (page.length > CatalogueLimits.MAX_PAGE_BYTES) {
      throw UnreadableException.refused(
          new CatalogueFault.TooLarge(CatalogueFault.Part.PAGE, CatalogueLimits.MAX_PAGE_BYTES));
    }
    PostcardReader in = new PostcardReader(page);
    try {
      int count = in.readCount(CatalogueLimits.MAX_PAGE_ENTRIES, MIN_ENTRY_BYTES);
      if (count != slot.entries()) {
        throw UnreadableException.refused(
            new CatalogueFault.FiguresDiffer(
                CatalogueFault.Figure.PAGE_ENTRIES, slot.entries(), count));
      }
      LookupKey before = null;
      for (int i = 0; i < count; i++) {
        LookupKey key =
            names == Names.CLEAR ? null : new LookupKey(Hash.of(in.readFixed(LookupKey.LENGTH)));
        int start = in.position();
        CatalogueItem item = readItem(in, key);
        check(index, slot, i, before, item.key());
        visitor.entry(item, Arrays.copyOfRange(page, start, in.position()));
        before = item.key();
      }
      if (in.remaining() > 0) {
        throw in.malformed("trailing bytes");
      }
    } catch (MalformedException e) {
      throw UnreadableException.refused(
          new CatalogueFault.Malformed(CatalogueFault.Part.PAGE, String.valueOf(e.getMessage())));
    }
  }

  private CatalogueItem readItem(PostcardReader in, @Nullable LookupKey key)
      throws MalformedException {
    CatalogueEntry entry = CatalogueEntry.read(in);
    if (key != null) {
      return new CatalogueItem(key, entry, Optional.empty());
    }
    CataloguePath path = CataloguePath.parse(in.readText(CatalogueLimits.MAX_PATH_BYTES));
    return new CatalogueItem(key(path), entry, Optional.of(path));
  }

  private static void check(
      int page, PageSlot slot, int entry, @Nullable LookupKey before, LookupKey key)
      throws UnreadableException {
    if (!slot.prefix().contains(key)) {
      throw UnreadableException.refused(new CatalogueFault.ForeignKey(page, entry));
    }
    int order = before == null ? -1 : before.compareTo(key);
    if (order == 0) {
      throw UnreadableException.refused(new CatalogueFault.DuplicateKey(page, entry));
    }
    if (order > 0) {
      throw UnreadableException.refused(new CatalogueFault.OutOfOrder(page, entry));
    }
  }
}
