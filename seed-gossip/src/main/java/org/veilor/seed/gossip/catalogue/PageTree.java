package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Applies changes to the pages of a catalogue.
 *
 * <p>The keys are a binary tree by their bits, and a page is a subtree: the largest ones with at
 * most {@link CatalogueLimits#MAX_PAGE_ENTRIES} entries. So pages are a function of the entries
 * alone, whatever came before, and one change touches one page or, where it crosses the limit, the
 * two that it is split into or merged of. Only subtrees with changes in them are visited; a page is
 * given away as soon as it is certain that it will not be merged with its neighbour.
 */
final class PageTree {
  private final PageCodec codec;
  private final List<PageRef> old;
  private final byte[][] changes;
  private final PageSource source;
  private final PageSink sink;
  private final Set<Hash> held;
  private final List<Hash> written = new ArrayList<>();
  private long addedBytes;

  /** What became of a subtree. */
  private sealed interface Part {
    /** Few entries: a page, or a piece of one. */
    sealed interface Small extends Part {
      int entries();
    }

    /** A page as it was. */
    record Kept(int index, int entries) implements Small {}

    /** Records of a page that is not written yet. */
    record Fresh(KeyPrefix prefix, List<byte[]> records) implements Small {
      @Override
      public int entries() {
        return records.size();
      }
    }

    /** More entries than one page holds. */
    record Large(List<PageRef> pages) implements Part {}
  }

  /**
   * Prepares.
   *
   * @param old pages that together hold all keys
   * @param held hashes of pages that need not be given to the sink
   * @param changes by ascending key, each key once: records, or bare keys of what is removed
   */
  PageTree(
      PageCodec codec,
      List<PageRef> old,
      Set<Hash> held,
      byte[][] changes,
      PageSource source,
      PageSink sink) {
    this.codec = codec;
    this.old = old;
    this.held = held;
    this.changes = changes;
    this.source = source;
    this.sink = sink;
  }

  /** The pages as they are now; new ones have been given to the sink. */
  List<PageRef> apply() throws UnreadableException {
    return write(change(KeyPrefix.ALL, 0, old.size(), 0, changes.length));
  }

  /** Hashes of the pages given to the sink. */
  List<Hash> written() {
    return written;
  }

  /** By how much the blobs grew together. */
  long addedBytes() {
    return addedBytes;
  }

  private Part change(KeyPrefix region, int oldFrom, int oldTo, int from, int to)
      throws UnreadableException {
    boolean onePage = oldTo - oldFrom == 1;
    if (from == to) {
      return onePage
          ? new Part.Kept(oldFrom, old.get(oldFrom).slot().entries())
          : new Part.Large(old.subList(oldFrom, oldTo));
    }
    if (onePage) {
      List<byte[]> records = records(oldFrom);
      List<byte[]> merged = merge(records, from, to);
      addedBytes += sum(merged) - sum(records);
      return divide(region, merged);
    }
    int oldMiddle = oldFrom;
    while (old.get(oldMiddle).slot().prefix().first() < region.upper().first()) {
      oldMiddle++;
    }
    int middle = firstOf(region.upper(), Arrays.asList(changes).subList(from, to)) + from;
    Part lower = change(region.lower(), oldFrom, oldMiddle, from, middle);
    Part upper = change(region.upper(), oldMiddle, oldTo, middle, to);
    return join(region, lower, upper);
  }

  private Part divide(KeyPrefix region, List<byte[]> records) throws UnreadableException {
    if (records.size() <= CatalogueLimits.MAX_PAGE_ENTRIES) {
      return new Part.Fresh(region, records);
    }
    if (region.bits() == CatalogueLimits.MAX_PREFIX_BITS) {
      throw new IllegalStateException("513 paths whose BLAKE3 begins with the same 32 bits");
    }
    int middle = firstOf(region.upper(), records);
    return join(
        region,
        divide(region.lower(), records.subList(0, middle)),
        divide(region.upper(), records.subList(middle, records.size())));
  }

  private Part join(KeyPrefix region, Part lower, Part upper) throws UnreadableException {
    if (lower instanceof Part.Small first
        && upper instanceof Part.Small second
        && first.entries() + second.entries() <= CatalogueLimits.MAX_PAGE_ENTRIES) {
      List<byte[]> records = new ArrayList<>(first.entries() + second.entries());
      records.addAll(records(first));
      records.addAll(records(second));
      return new Part.Fresh(region, records);
    }
    List<PageRef> pages = new ArrayList<>(write(lower));
    pages.addAll(write(upper));
    return new Part.Large(pages);
  }

  private List<PageRef> write(Part part) {
    return switch (part) {
      case Part.Large(List<PageRef> pages) -> pages;
      case Part.Kept(int index, int _) -> List.of(old.get(index));
      case Part.Fresh(KeyPrefix prefix, List<byte[]> records) -> {
        byte[] bytes = codec.encode(records);
        Hash hash = SubtreeEngine.preferred().hash(bytes, 0, bytes.length);
        if (!held.contains(hash)) {
          written.add(hash);
          sink.write(hash, bytes);
        }
        yield List.of(new PageRef(new PageSlot(prefix, records.size()), hash));
      }
    };
  }

  private List<byte[]> records(Part.Small part) throws UnreadableException {
    return switch (part) {
      case Part.Fresh(KeyPrefix _, List<byte[]> records) -> records;
      case Part.Kept(int index, int _) -> records(index);
    };
  }

  private List<byte[]> records(int page) throws UnreadableException {
    PageSlot slot = old.get(page).slot();
    if (slot.entries() == 0) {
      return List.of();
    }
    byte[] bytes = CatalogueReader.read(source, old.get(page).hash(), CatalogueFault.Part.PAGE);
    List<byte[]> records = new ArrayList<>(slot.entries());
    codec.decode(
        page, slot, bytes, (item, rest) -> records.add(PageCodec.record(item.key(), rest)));
    return records;
  }

  /** The records with the changes applied; both are in order. */
  private List<byte[]> merge(List<byte[]> records, int from, int to) {
    List<byte[]> merged = new ArrayList<>(records.size() + to - from);
    int next = 0;
    for (int i = from; i < to; i++) {
      byte[] change = changes[i];
      while (next < records.size() && PageCodec.compareKeys(records.get(next), change) < 0) {
        merged.add(records.get(next++));
      }
      if (next < records.size() && PageCodec.compareKeys(records.get(next), change) == 0) {
        next++;
      }
      if (change.length > LookupKey.LENGTH) {
        merged.add(change);
      }
    }
    merged.addAll(records.subList(next, records.size()));
    return merged;
  }

  private static long sum(List<byte[]> records) {
    return records.stream().mapToLong(PageCodec::sizeBytes).sum();
  }

  /** The position of the first record that is in or behind a region. */
  private static int firstOf(KeyPrefix region, List<byte[]> records) {
    int low = 0;
    int high = records.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (LookupKey.leadingBits(records.get(middle)) < region.first()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether a catalogue of these pages is divided as this class would do it. */
  static boolean isCanonical(List<PageSlot> pages) {
    // Prefixes are read in order, so that a pair of siblings meets on the stack.
    List<PageSlot> stack = new ArrayList<>();
    for (PageSlot page : pages) {
      stack.add(page);
      while (stack.size() > 1 && areSiblings(stack)) {
        PageSlot upper = stack.removeLast();
        PageSlot lower = stack.removeLast();
        int entries = Math.addExact(lower.entries(), upper.entries());
        if (entries <= CatalogueLimits.MAX_PAGE_ENTRIES) {
          return false;
        }
        KeyPrefix both = new KeyPrefix(lower.prefix().first(), lower.prefix().bits() - 1);
        stack.add(new PageSlot(both, entries));
      }
    }
    return true;
  }

  private static boolean areSiblings(List<PageSlot> stack) {
    KeyPrefix upper = stack.getLast().prefix();
    KeyPrefix lower = stack.get(stack.size() - 2).prefix();
    return lower.bits() == upper.bits()
        && lower.end() == upper.first()
        && KeyPrefix.isAligned(lower.first(), lower.bits() - 1);
  }
}
