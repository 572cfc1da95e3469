package org.veilor.seed.gossip.catalogue;

import java.util.Collections;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What changed between two catalogues of a topic. Where both have the same page, it is not read; so
 * one changed file costs two pages.
 *
 * <p>A page that was split or merged lies over several pages of the other side: they are compared
 * by regions, the smallest ranges of keys that begin and end with a page on both sides.
 */
public final class CatalogueDiff {
  private final CatalogueView before;
  private final CatalogueView after;
  private final Consumer<CatalogueChange> consumer;
  private long changes;

  private CatalogueDiff(
      CatalogueView before, CatalogueView after, Consumer<CatalogueChange> consumer) {
    this.before = before;
    this.after = after;
    this.consumer = consumer;
  }

  /**
   * Compares. Holds one page of either side in memory.
   *
   * @param consumer gets the changes by ascending key, also those before the place where a fault
   *     shows
   * @return their number
   * @throws IllegalArgumentException if they are of different topics, in which keys differ
   */
  public static Reading<Long> between(
      CatalogueView before, CatalogueView after, Consumer<CatalogueChange> consumer) {
    if (!before.header().topic().equals(after.header().topic())) {
      throw new IllegalArgumentException("catalogues of different topics");
    }
    return UnreadableException.reading(() -> new CatalogueDiff(before, after, consumer).run());
  }

  private long run() throws UnreadableException {
    int left = 0;
    int right = 0;
    while (left < before.header().pages().size()) {
      int leftEnd = left + 1;
      int rightEnd = right + 1;
      while (end(before, leftEnd) != end(after, rightEnd)) {
        if (end(before, leftEnd) < end(after, rightEnd)) {
          leftEnd++;
        } else {
          rightEnd++;
        }
      }
      boolean single = leftEnd - left == 1 && rightEnd - right == 1;
      if (!single || !before.pageHash(left).equals(after.pageHash(right))) {
        compare(new Cursor(before, left, leftEnd), new Cursor(after, right, rightEnd));
      }
      left = leftEnd;
      right = rightEnd;
    }
    return changes;
  }

  /** Where the last of the first {@code pages} pages ends. */
  private static long end(CatalogueView view, int pages) {
    return view.header().pages().get(pages - 1).prefix().end();
  }

  private void compare(Cursor old, Cursor now) throws UnreadableException {
    CatalogueItem was = old.next();
    CatalogueItem is = now.next();
    while (was != null || is != null) {
      int order = was == null ? 1 : is == null ? -1 : was.key().compareTo(is.key());
      if (was != null && order < 0) {
        tell(new CatalogueChange.Removed(was));
      } else if (is != null && order > 0) {
        tell(new CatalogueChange.Added(is));
      } else if (was != null && is != null && !was.entry().equals(is.entry())) {
        tell(new CatalogueChange.Changed(was, is));
      }
      was = order <= 0 ? old.next() : was;
      is = order >= 0 ? now.next() : is;
    }
  }

  private void tell(CatalogueChange change) {
    changes++;
    consumer.accept(change);
  }

  /** The entries of some pages in a row, one page in memory at a time. */
  private static final class Cursor {
    private final CatalogueView view;
    private final int endPage;
    private int nextPage;
    private Iterator<CatalogueItem> items = Collections.emptyIterator();

    Cursor(CatalogueView view, int firstPage, int endPage) {
      this.view = view;
      this.nextPage = firstPage;
      this.endPage = endPage;
    }

    @Nullable CatalogueItem next() throws UnreadableException {
      while (!items.hasNext() && nextPage < endPage) {
        items = view.read(nextPage++).iterator();
      }
      return items.hasNext() ? items.next() : null;
    }
  }
}
