package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueReader;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.Reading;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * All that is kept of one service's topic. Changed on the thread of {@link Catalogues}; {@link
 * #followed} and {@link #kept} may be read by any.
 */
final class KeptTopic {
  private static final Logger LOG = LoggerFactory.getLogger(KeptTopic.class);

  /** The catalogue of another origin, as far as it is here. */
  static final class Followed {
    private volatile @Nullable CatalogueView view;
    private volatile @Nullable Announcement newest;
    volatile boolean isFetching;
    volatile @Nullable String problem;
    int failures;

    /** What was checked, and may be used. */
    Optional<CatalogueView> view() {
      return Optional.ofNullable(view);
    }

    /** A page of it is damaged: it does not count before it is here again. */
    void lose() {
      view = null;
    }

    /** The newest that was heard of. */
    Optional<Announcement> newest() {
      return Optional.ofNullable(newest);
    }
  }

  private final Invite invite;
  private final PageFolder pages;
  private final OriginWords words;
  private final @Nullable OwnCatalogue own;
  private final Map<EndpointId, Followed> followed = new ConcurrentHashMap<>();
  private volatile List<byte[]> kept = List.of();
  boolean isBuildDue;
  long nextBuildMillis;
  volatile boolean isOver;

  private KeptTopic(
      Invite invite, PageFolder pages, OriginWords words, @Nullable OwnCatalogue own) {
    this.invite = invite;
    this.pages = pages;
    this.words = words;
    this.own = own;
  }

  /**
   * Reads what is on the disk.
   *
   * @param folder of the topic
   * @param self who would be an origin with a catalogue of its own
   */
  static KeptTopic open(Path folder, Invite invite, EndpointId self, ServiceFiles files)
      throws IOException {
    PageFolder pages = PageFolder.open(folder.resolve("blobs"));
    OriginWords words =
        OriginWords.open(folder.resolve("words"), invite.service(), invite.origins());
    OwnCatalogue own =
        invite.origins().contains(self) ? new OwnCatalogue(invite.service(), files, pages) : null;
    KeptTopic topic = new KeptTopic(invite, pages, words, own);
    for (EndpointId origin : invite.origins()) {
      if (!origin.equals(self)) {
        topic.followed.put(origin, topic.followed(origin));
      }
    }
    return topic;
  }

  /** Deletes what {@link #open} would read. */
  static void delete(Path folder) throws IOException {
    for (String part : List.of("blobs", "words")) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(part))) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException _) {
        continue;
      }
      Files.deleteIfExists(folder.resolve(part));
    }
    Files.deleteIfExists(folder);
  }

  private Followed followed(EndpointId origin) {
    Followed here = new Followed();
    Optional<Announcement> said = words.current(origin);
    if (said.isPresent()
        && CatalogueReader.open(service(), claim(said.get()), pages)
            instanceof Reading.Done<CatalogueView>(CatalogueView view)
        && view.missingPages(pages::holds).isEmpty()) {
      here.view = view;
    }
    here.newest = words.newest(origin).orElse(null);
    return here;
  }

  /** What an announcement of a Catalogue says. */
  static CatalogueClaim claim(Announcement said) {
    return CatalogueClaim.of((Body.Catalogue) said.body());
  }

  Invite invite() {
    return invite;
  }

  ServiceKey service() {
    return invite.service();
  }

  String name() {
    return service().name().name();
  }

  PageFolder pages() {
    return pages;
  }

  OriginWords words() {
    return words;
  }

  /** The catalogue that this node builds; null if it is no origin. */
  @Nullable OwnCatalogue own() {
    return own;
  }

  /** The catalogues of others. */
  Map<EndpointId, Followed> followed() {
    return followed;
  }

  /** What new neighbours are told. */
  List<byte[]> kept() {
    return kept;
  }

  void refreshKept(long nowMillis) {
    try {
      kept = words.kept(nowMillis);
    } catch (IOException e) {
      LOG.error("{}: what origins said cannot be kept: {}", name(), e.getMessage());
    }
  }

  /** Takes what an origin said of its catalogue; whether it is new. */
  boolean keepNewest(Followed here, Announcement said, long nowMillis) throws IOException {
    if (!words.keepNewest(said)) {
      return false;
    }
    here.newest = said;
    here.failures = 0;
    refreshKept(nowMillis);
    return true;
  }

  /** A catalogue was fetched and checked. */
  void use(Followed here, Announcement said, CatalogueView view) {
    try {
      words.keepCurrent(said);
    } catch (IOException e) {
      LOG.error("{}: which catalogue is here cannot be kept: {}", name(), e.getMessage());
    }
    here.view = view;
    here.problem = null;
    here.failures = 0;
  }

  /** Deletes blobs that no catalogue has. */
  void sweep(long nowMillis) {
    if (followed.values().stream().anyMatch(each -> each.isFetching)) {
      return; // what comes in is of a catalogue that is not known yet
    }
    Set<Hash> wanted = new HashSet<>();
    if (own != null) {
      own.view().ifPresent(view -> addBlobs(view, wanted));
      wanted.addAll(own.collectionBlobs());
    }
    followed.values().forEach(each -> each.view().ifPresent(view -> addBlobs(view, wanted)));
    pages.sweep(wanted, nowMillis);
  }

  private static void addBlobs(CatalogueView view, Set<Hash> into) {
    into.add(view.rootHash());
    for (int child = 0; child < view.root().size(); child++) {
      into.add(view.root().get(child));
    }
  }
}
