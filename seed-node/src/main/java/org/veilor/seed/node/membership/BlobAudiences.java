package org.veilor.seed.node.membership;

import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.store.Audience;
import org.veilor.seed.store.BlobStore;

/**
 * Which blobs that are no files of ours belong to which service: what was fetched, and what was
 * made here, such as the pages of a catalogue. What nobody said anything about is for nobody once
 * the node has been in a group. Any thread; every method may wait for the database.
 */
public final class BlobAudiences {
  private final BlobStore store;
  private final Groups groups;

  /** Kept in a store. */
  public BlobAudiences(BlobStore store, Groups groups) {
    this.store = store;
    this.groups = groups;
  }

  /**
   * This blob belongs to that service: from now on members may have it, of a public service
   * everybody. It is never given to more than it was before, since what others say about a hash
   * proves nothing. It holds, also over restarts, until {@link #belongsNoMore}.
   */
  public synchronized void belongsTo(Hash blob, ServiceKey service) {
    Audience known = store.audience(blob);
    if (known != null && known.isClaimed()) {
      return;
    }
    Hash mark = groups.markOf(service);
    Audience fresh =
        known != null
            ? new Audience(known.everybody(), known.services(), true)
            : new Audience(mark == null, mark == null ? Set.of() : Set.of(mark), true);
    store.keepAudience(blob, fresh);
  }

  /** Ends what {@link #belongsTo} began; the blob should be gone. */
  public synchronized void belongsNoMore(Hash blob) {
    store.forgetAudience(blob);
  }

  /** What is known of a blob, or null. */
  public @Nullable Audience known(Hash blob) {
    return store.audience(blob);
  }

  /** Writes down what a download found out, before the first byte is kept. */
  synchronized void keep(Hash blob, Audience audience) {
    if (!audience.equals(store.audience(blob))) {
      store.keepAudience(blob, audience);
    }
  }

  /** A fetched blob has left the cache. */
  public synchronized void evicted(Hash blob) {
    Audience known = store.audience(blob);
    if (known != null && !known.isClaimed()) {
      store.forgetAudience(blob);
    }
  }

  /** Forgets what is known of fetched blobs that are not here. */
  public void sweep(Predicate<Hash> isHere) {
    store.forEachAudience((blob, audience) -> {
      if (!audience.isClaimed() && !isHere.test(blob)) {
        evicted(blob);
      }
    });
  }

  /**
   * Whether somebody may have a blob.
   *
   * @param isMember whether they are a member of the service with that mark
   */
  public boolean mayHave(Hash blob, Predicate<Hash> isMember) {
    if (!groups.hasBeenInGroups()) {
      return true; // whoever gave it gives it to anybody
    }
    Audience known = store.audience(blob);
    return known != null && (known.everybody() || known.services().stream().anyMatch(isMember));
  }

  /** Whether a blob was noted as that of a service whose mark this is true for. */
  public boolean isFor(Hash blob, Predicate<Hash> isMember) {
    Audience known = store.audience(blob);
    return known != null && known.services().stream().anyMatch(isMember);
  }
}
