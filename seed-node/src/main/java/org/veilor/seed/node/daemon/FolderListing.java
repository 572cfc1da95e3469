package org.veilor.seed.node.daemon;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.gateway.GatewayPages.Entry;
import org.veilor.seed.node.gateway.GatewayPages.File;
import org.veilor.seed.node.gateway.GatewayPages.Folder;
import org.veilor.seed.node.gateway.GatewayPages.Listing;

/**
 * One page of a folder, gathered from all files of a service in any order: the first names behind
 * {@code after} are kept and no more, so that a service of a million files takes the memory of a
 * page. Names are ordered by code points, which is the order of their UTF-8.
 */
final class FolderListing {
  private static final Comparator<String> BY_CODE_POINTS = FolderListing::compare;

  private final String above;
  private final String after;
  private final int limit;
  private final TreeMap<String, Entry> names = new TreeMap<>(BY_CODE_POINTS);
  private boolean isThere;

  FolderListing(String folder, String after, int limit) {
    above = folder.isEmpty() ? "" : folder + "/";
    isThere = folder.isEmpty();
    this.after = after;
    this.limit = limit;
  }

  /** Takes a file of the service; of two under one path the first counts. */
  void add(String path, long sizeBytes, Hash hash) {
    if (!path.startsWith(above)) {
      return;
    }
    isThere = true;
    int slash = path.indexOf('/', above.length());
    String name = path.substring(above.length(), slash < 0 ? path.length() : slash + 1);
    boolean isBeyond = names.size() > limit && compare(name, names.lastKey()) >= 0;
    if (isBeyond || compare(name, after) <= 0 || names.containsKey(name)) {
      return;
    }
    names.put(name, slash < 0 ? new File(name, sizeBytes, hash.toString()) : new Folder(name));
    if (names.size() > limit + 1) {
      names.pollLastEntry();
    }
  }

  /** The page. */
  Listing page() {
    if (!isThere) {
      return new Listing.NoFolder();
    }
    List<Entry> entries = List.copyOf(names.values());
    boolean more = entries.size() > limit;
    return new Listing.Names(more ? entries.subList(0, limit) : entries, more);
  }

  /** In Java's strings, halves of surrogate pairs come before the last characters of the plane. */
  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean bothSame = Character.isSurrogate(x) == Character.isSurrogate(y);
        return bothSame ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
