package org.veilor.seed.gossip.catalogue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.ExportName;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The same files as an ordinary iroh collection, so that any iroh program fetches the whole
 * service: names are paths, in the order of their bytes.
 *
 * <p>A path that cannot be a file everywhere, because of a colon or a long segment, and one that
 * lies below another file would make getters refuse the whole collection; they are left out.
 */
public final class CatalogueCollection {
  /** Names with their lengths; header and count of the metadata are far below 64 bytes. */
  private static final int MAX_NAME_BYTES = CoreLimits.MAX_COLLECTION_METADATA_BYTES - 64;

  private CatalogueCollection() {}

  /** What came of it. */
  public sealed interface Outcome {
    /**
     * The collection.
     *
     * @param leftOut how many entries it lacks
     */
    record Made(Collection collection, int leftOut) implements Outcome {}

    /** Paths are hidden: nothing to name the files by. */
    record NamesHidden() implements Outcome {}

    /**
     * More than {@link CatalogueLimits#MAX_COLLECTION_ENTRIES} entries, or names that are together
     * longer than a collection may have them ({@link CoreLimits#MAX_COLLECTION_METADATA_BYTES}).
     */
    record TooLarge() implements Outcome {}
  }

  private record NamedBlob(CataloguePath path, Hash hash) {}

  /** Reads all pages and makes the collection of their entries. */
  public static Reading<Outcome> of(CatalogueView view) {
    return of(view, MAX_NAME_BYTES);
  }

  static Reading<Outcome> of(CatalogueView view, int maxNameBytes) {
    if (view.header().names() == Names.HIDDEN) {
      return new Reading.Done<>(new Outcome.NamesHidden());
    }
    if (view.header().entries() > CatalogueLimits.MAX_COLLECTION_ENTRIES) {
      return new Reading.Done<>(new Outcome.TooLarge());
    }
    List<NamedBlob> blobs = new ArrayList<>();
    return view.forEach(item ->
            item.path().ifPresent(path -> blobs.add(new NamedBlob(path, item.entry().hash()))))
        .map(_ -> make(blobs, maxNameBytes));
  }

  private static Outcome make(List<NamedBlob> blobs, int maxNameBytes) {
    blobs.sort(Comparator.comparing(NamedBlob::path));
    Set<String> files = new HashSet<>();
    blobs.forEach(blob -> files.add(blob.path().text()));
    List<Collection.Entry> entries = new ArrayList<>(blobs.size());
    long nameBytes = 0;
    for (NamedBlob blob : blobs) {
      if (isFit(blob.path().text(), files)) {
        entries.add(new Collection.Entry(blob.path().text(), blob.hash()));
        nameBytes += blob.path().toBytes().length + 2;
      }
    }
    return nameBytes > maxNameBytes
        ? new Outcome.TooLarge()
        : new Outcome.Made(new Collection(entries), blobs.size() - entries.size());
  }

  private static boolean isFit(String name, Set<String> files) {
    for (int i = name.indexOf('/'); i >= 0; i = name.indexOf('/', i + 1)) {
      if (files.contains(name.substring(0, i))) {
        return false;
      }
    }
    try {
      return !ExportName.components(name).isEmpty();
    } catch (MalformedException _) {
      return false;
    }
  }
}
