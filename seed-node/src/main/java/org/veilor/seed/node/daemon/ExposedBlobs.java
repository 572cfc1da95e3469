package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.membership.BlobAudiences;
import org.veilor.seed.node.membership.Groups;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.CollectionRecord;
import org.veilor.seed.store.PathRecord;

/**
 * The blobs that a peer may have: those with at least one file in a public service, or in a group
 * of which it is known as a member; collections of these; and what was fetched for them. What
 * belongs only to services that it is no member of, or that are local or not configured any more,
 * looks as if it were not there, even to those who know the hash. What the policy forbids is
 * refused.
 */
final class ExposedBlobs implements PeerBlobs {
  private static final Logger LOG = LoggerFactory.getLogger(ExposedBlobs.class);

  /**
   * Who asks.
   *
   * @param isMember whether they are a member of the service with that mark
   * @param isAnybody whether they may have what everybody may have; else only what is their group's
   */
  private record Viewer(Predicate<Hash> isMember, boolean isAnybody) {
    private static final Viewer STRANGER = new Viewer(Viewer::never, true);

    private static boolean never(Hash mark) {
      return false;
    }
  }

  /** The blobs of catalogues. */
  @FunctionalInterface
  interface Listings {
    /**
     * Opens a blob for somebody.
     *
     * @param audience whether they may have what belongs to a service
     */
    BlobLookup open(Hash hash, Predicate<ServiceKey> audience) throws IOException;
  }

  /** What is needed to tell. */
  record Sources(
      BlobStore store,
      Listings listings,
      BlobCatalog cached,
      Denials denials,
      Groups groups,
      BlobAudiences audiences,
      EndpointId self) {}

  private final Sources from;
  private final BlobStore store;
  private final AtomicReference<Rules> rules = new AtomicReference<>(new Rules(Map.of(), false));

  /**
   * What is in force.
   *
   * @param everything whether every stored file was seen to be public, so that none need be asked
   */
  private record Rules(Map<String, Rule> services, boolean everything) {}

  /**
   * A configured service.
   *
   * @param mark as {@link Groups#mark} makes it
   */
  private record Rule(ServiceSettings settings, Hash mark) {}

  ExposedBlobs(Sources from) {
    this.from = from;
    this.store = from.store();
  }

  /** Takes over the services; then looks, in the background, whether all is public. */
  void services(List<ServiceSettings> configured) {
    Rules fresh =
        new Rules(
            configured.stream()
                .collect(
                    Collectors.toMap(
                        ServiceSettings::name, each -> new Rule(each, mark(each, from.self())))),
            false);
    rules.set(fresh);
    if (configured.stream().allMatch(service -> service.exposure() == Exposure.PUBLIC)) {
      Thread.ofPlatform().name("exposure").daemon().start(() -> lookAtAll(fresh));
    }
  }

  private static Hash mark(ServiceSettings service, EndpointId self) {
    return Groups.mark(Services.name(service, self));
  }

  private void lookAtAll(Rules looked) {
    AtomicBoolean all = new AtomicBoolean(true);
    try {
      store.forEachPath(
          null,
          row -> {
            if (all.get() && denied(looked, row.service(), row.path(), Viewer.STRANGER) != null) {
              all.set(false);
            }
          });
      store.forEachCollection(
          null,
          row -> {
            if (all.get()
                && (denied(looked, row.service(), row.folder(), Viewer.STRANGER) != null
                    || deniedInside(looked, row.folder(), Viewer.STRANGER) != null)) {
              all.set(false);
            }
          });
      if (all.get()) {
        rules.compareAndSet(looked, new Rules(looked.services(), true));
      }
    } catch (RuntimeException e) {
      // the store closes, or its disk fails: every blob goes on being asked about one by one
      LOG.debug("not every file could be looked at", e);
    }
  }

  @Override
  public BlobCatalog forPeer(EndpointId peer) {
    Viewer viewer = new Viewer(mark -> from.groups().isMember(mark, peer), true);
    return hash -> open(hash, viewer);
  }

  /**
   * The size of a blob that is here whole, and may be announced on a service's topic: on that of a
   * group what is the group's, on others what everybody may have. What is for everybody and not the
   * group's is not said there, or those who hear it would keep it for the group.
   */
  OptionalLong sizeOn(ServiceKey service, Hash hash) {
    Hash mark = from.groups().markOf(service);
    try {
      Viewer viewer = mark == null ? Viewer.STRANGER : new Viewer(mark::equals, false);
      if (open(hash, viewer) instanceof BlobLookup.Found found) {
        try (var reader = found.reader()) {
          return reader.presentChunks().isAll()
              ? OptionalLong.of(reader.sizeBytes())
              : OptionalLong.empty();
        }
      }
    } catch (IOException e) {
      LOG.warn("{} is not announced: {}", hash, e.getMessage());
    }
    return OptionalLong.empty();
  }

  private BlobLookup open(Hash hash, Viewer viewer) throws IOException {
    String forbidden = from.denials().denied(hash);
    if (forbidden != null) {
      return new BlobLookup.Denied(forbidden);
    }
    // Whoever may not have it must not learn that it is here: nothing of it is opened.
    if (denied(hash, viewer) == null) {
      BlobLookup lookup = store.open(hash);
      if (!(lookup instanceof BlobLookup.Missing)) {
        return lookup;
      }
    }
    BlobLookup listing = from.listings().open(hash, service -> mayHaveAll(service, viewer));
    if (!(listing instanceof BlobLookup.Missing)) {
      return listing;
    }
    return mayHaveCached(hash, viewer) ? from.cached().open(hash) : new BlobLookup.Missing();
  }

  /** Whether somebody may have all that belongs to a service with others. */
  private boolean mayHaveAll(ServiceKey service, Viewer viewer) {
    Hash mark = from.groups().markOf(service);
    return mark == null ? viewer.isAnybody() : viewer.isMember().test(mark);
  }

  private boolean mayHaveCached(Hash hash, Viewer viewer) {
    return viewer.isAnybody()
        ? from.audiences().mayHave(hash, viewer.isMember())
        : from.audiences().isFor(hash, viewer.isMember());
  }

  /** Why a stored blob is not given to strangers, or null. */
  @Nullable String denied(Hash hash) {
    return denied(hash, Viewer.STRANGER);
  }

  /** Whether strangers get a blob that was fetched. */
  boolean isCachedForEverybody(Hash hash) {
    return mayHaveCached(hash, Viewer.STRANGER);
  }

  private @Nullable String denied(Hash hash, Viewer viewer) {
    Rules now = rules.get();
    boolean everything = now.everything() && !from.groups().hasBeenInGroups();
    BlobRecord blob = everything ? null : store.blob(hash);
    if (blob == null) {
      return null;
    }
    String reason = "nobody said to which service it belongs";
    for (Path path : blob.paths()) {
      PathRecord row = store.path(path);
      String why = row == null ? reason : denied(now, row.service(), path, viewer);
      if (why == null) {
        return null;
      }
      reason = why;
    }
    return blob.place() == BlobRecord.Place.DATABASE
        ? deniedCollection(now, hash, viewer, reason)
        : reason;
  }

  private @Nullable String deniedCollection(Rules now, Hash hash, Viewer viewer, String unless) {
    String reason = unless;
    for (CollectionRecord row : store.collections(hash)) {
      String why = denied(now, row.service(), row.folder(), viewer);
      String inside = why == null ? deniedInside(now, row.folder(), viewer) : why;
      if (inside == null) {
        return null;
      }
      reason = inside;
    }
    return from.audiences().known(hash) != null && mayHaveCached(hash, viewer) ? null : reason;
  }

  /** Why the names of files in a folder are not for everybody: it is, or holds, a service's. */
  private static @Nullable String deniedInside(Rules rules, Path folder, Viewer viewer) {
    for (Rule rule : rules.services().values()) {
      Path directory = rule.settings().directory();
      if (folder.startsWith(directory) || directory.startsWith(folder)) {
        String why = denied(rules, rule.settings().name(), directory, viewer);
        if (why != null) {
          return why;
        }
      }
    }
    return null;
  }

  private static @Nullable String denied(Rules rules, String name, Path path, Viewer viewer) {
    if (name.equals(ConfigReader.ADDED)) {
      return viewer.isAnybody() ? null : "it was added for everybody";
    }
    Rule rule = rules.services().get(name);
    if (rule == null) {
      return "its service '" + name + "' is not configured any more";
    }
    if (!path.startsWith(rule.settings().directory())) {
      return "the folder of its service '" + name + "' is another one now";
    }
    return switch (rule.settings().exposure()) {
      case PUBLIC ->
          viewer.isAnybody() || viewer.isMember().test(rule.mark())
              ? null
              : "its service '" + name + "' is for everybody";
      case GROUP ->
          viewer.isMember().test(rule.mark())
              ? null
              : "its service '" + name + "' has exposure 'group', so that only members get it";
      case LOCAL -> "its service '" + name + "' has exposure 'local'";
    };
  }
}
