package org.veilor.seed.gossip.announcement;

import java.util.List;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * What an announcement says. Lists have an element at least and no more than the {@link
 * AnnouncementLimits} say; numbers are not negative; an address has the id of the issuer.
 */
public sealed interface Body {
  /** A blob that somebody holds. */
  record Blob(HashAndFormat content, long sizeBytes) {
    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Blob {
      checkNumber(sizeBytes);
    }
  }

  /** "I hold these, verified, now", by anyone. */
  record Provide(EndpointAddr addr, List<Blob> blobs) implements Body {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it or the address is beyond the limits
     */
    public Provide {
      blobs = checkedCopy(blobs, AnnouncementLimits.MAX_BLOBS);
      checkAddr(addr);
    }
  }

  /** "I no longer hold these", by anyone. */
  record Withdraw(List<Hash> hashes) implements Body {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it is beyond the limits
     */
    public Withdraw {
      hashes = checkedCopy(hashes, AnnouncementLimits.MAX_HASHES);
    }
  }

  /**
   * The whole service as of now, by an origin.
   *
   * @param root names the hash sequence of the pages
   * @param generation grows with each change
   * @param entries how many files
   * @param sizeBytes of all files
   * @param addr the origin's
   */
  record Catalogue(Hash root, long generation, long entries, long sizeBytes, EndpointAddr addr)
      implements Body {
    /**
     * Checks numbers and address.
     *
     * @throws IllegalArgumentException if one is beyond the limits
     */
    public Catalogue {
      checkNumber(generation);
      checkNumber(entries);
      checkNumber(sizeBytes);
      checkAddr(addr);
    }
  }

  /**
   * "Stop serving, evict, do not fetch again", by an origin.
   *
   * @param untilMillis since 1970
   */
  record Forget(List<Hash> hashes, long untilMillis) implements Body {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it or the time is beyond the limits
     */
    public Forget {
      hashes = checkedCopy(hashes, AnnouncementLimits.MAX_HASHES);
      checkNumber(untilMillis);
    }
  }

  /** "Who holds these?", by anyone. */
  record Query(List<Hash> hashes) implements Body {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it is beyond the limits
     */
    public Query {
      hashes = checkedCopy(hashes, AnnouncementLimits.MAX_HASHES);
    }
  }

  /** Whether only an origin of the service may say it. It stays true until it is superseded. */
  default boolean isOfOrigin() {
    return this instanceof Catalogue || this instanceof Forget;
  }

  /** Whether an address can be announced: not too many ways, and not too long. */
  static boolean isWithinLimits(EndpointAddr addr) {
    PostcardWriter out = new PostcardWriter();
    addr.encode(out);
    return addr.addrs().size() <= AnnouncementLimits.MAX_ADDRESSES
        && out.size() <= AnnouncementLimits.MAX_ADDR_BYTES;
  }

  private static void checkAddr(EndpointAddr addr) {
    if (!isWithinLimits(addr)) {
      throw new IllegalArgumentException("too many or too long addresses to announce");
    }
  }

  private static void checkNumber(long number) {
    if (number < 0) {
      throw new IllegalArgumentException("negative: " + number);
    }
  }

  private static <T> List<T> checkedCopy(List<T> list, int max) {
    if (list.isEmpty() || list.size() > max) {
      throw new IllegalArgumentException(list.size() + " elements, not 1 to " + max);
    }
    return List.copyOf(list);
  }
}
