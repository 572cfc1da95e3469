package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.ServiceName;

/**
 * Child 0 of a catalogue.
 *
 * @param generation grows with each catalogue of an origin
 * @param createdMillis when it was built, in milliseconds since 1970
 * @param entries number of entries, the sum over the pages
 * @param totalBytes sum of the sizes of all entries
 * @param pages of all children but the first, in their order; together they hold every key once
 */
public record CatalogueHeader(
    ServiceName service,
    TopicId topic,
    long generation,
    long createdMillis,
    long entries,
    long totalBytes,
    Names names,
    List<PageSlot> pages) {
  /** Copies the list. */
  public CatalogueHeader {
    pages = List.copyOf(pages);
  }

  /** The bytes of the blob. */
  public byte[] toBytes() {
    PostcardWriter out =
        new PostcardWriter()
            .writeU8(CatalogueLimits.VERSION)
            .writeText(service.realm())
            .writeText(service.name())
            .writeFixed(topic.toBytes())
            .writeVarint(generation)
            .writeVarint(createdMillis)
            .writeVarint(entries)
            .writeVarint(totalBytes)
            .writeBoolean(names == Names.CLEAR)
            .writeVarint(pages.size());
    for (PageSlot page : pages) {
      out.writeU8(page.prefix().bits()).writeVarint(page.entries());
    }
    return out.toBytes();
  }

  /** Reads a blob that has the hash which the root gives. */
  static CatalogueHeader read(byte[] bytes) throws UnreadableException {
    if (bytes.length > CatalogueLimits.MAX_HEADER_BYTES) {
      throw UnreadableException.refused(
          new CatalogueFault.TooLarge(
              CatalogueFault.Part.HEADER, CatalogueLimits.MAX_HEADER_BYTES));
    }
    if (bytes.length > 0 && bytes[0] != CatalogueLimits.VERSION) {
      throw UnreadableException.refused(new CatalogueFault.UnknownVersion(bytes[0] & 0xff));
    }
    try {
      return decode(new PostcardReader(bytes));
    } catch (MalformedException e) {
      throw UnreadableException.refused(
          new CatalogueFault.Malformed(CatalogueFault.Part.HEADER, String.valueOf(e.getMessage())));
    }
  }

  private static CatalogueHeader decode(PostcardReader in) throws MalformedException {
    in.readU8();
    ServiceName service = readService(in);
    TopicId topic = TopicId.of(in.readFixed(TopicId.LENGTH));
    long generation = readNumber(in, Long.MAX_VALUE);
    long created = readNumber(in, CatalogueLimits.MAX_TIME_MILLIS);
    long entries = readNumber(in, CatalogueLimits.MAX_ENTRIES);
    long totalBytes = readNumber(in, Long.MAX_VALUE);
    Names names = in.readBoolean() ? Names.CLEAR : Names.HIDDEN;
    List<PageSlot> pages = readPages(in);
    if (in.remaining() > 0) {
      throw in.malformed("trailing bytes");
    }
    return new CatalogueHeader(
        service, topic, generation, created, entries, totalBytes, names, pages);
  }

  private static ServiceName readService(PostcardReader in) throws MalformedException {
    String realm = in.readText(ServiceName.MAX_BYTES);
    String name = in.readText(ServiceName.MAX_BYTES);
    try {
      return new ServiceName(realm, name);
    } catch (IllegalArgumentException _) {
      throw in.malformed("no name of a service");
    }
  }

  private static long readNumber(PostcardReader in, long max) throws MalformedException {
    long value = in.readU64();
    if (Long.compareUnsigned(value, max) > 0) {
      throw in.malformed("number above " + max);
    }
    return value;
  }

  /** The prefixes follow from their lengths, because each begins where the one before it ends. */
  private static List<PageSlot> readPages(PostcardReader in) throws MalformedException {
    int count = in.readCount(CatalogueLimits.MAX_PAGES, 2);
    List<PageSlot> pages = new ArrayList<>(count);
    long next = 0;
    for (int i = 0; i < count; i++) {
      int bits = in.readU8();
      if (bits > CatalogueLimits.MAX_PREFIX_BITS || !KeyPrefix.isAligned(next, bits)) {
        throw in.malformed("pages that do not divide the keys");
      }
      KeyPrefix prefix = new KeyPrefix(next, bits);
      pages.add(new PageSlot(prefix, (int) readNumber(in, CatalogueLimits.MAX_PAGE_ENTRIES)));
      next = prefix.end();
    }
    if (next != KeyPrefix.END) {
      throw in.malformed("pages that do not hold all keys");
    }
    return pages;
  }

  /** Sum over the pages. */
  long entriesOfPages() {
    return pages.stream().mapToLong(PageSlot::entries).sum();
  }

  /** The root of these children: hash of the header, hashes of the pages. */
  static List<Hash> children(Hash header, List<Hash> pages) {
    List<Hash> children = new ArrayList<>(pages.size() + 1);
    children.add(header);
    children.addAll(pages);
    return children;
  }
}
