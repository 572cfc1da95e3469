package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.AnnouncementLimits;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.store.file.Folders;
import org.veilor.seed.store.file.ReplacedFile;

/**
 * What the origins of a service said and what stays true, as they signed it: the newest Catalogue
 * of each, the one whose blobs are here, and the Forgets in force. Each is a file; a file with a
 * signature that is not good, or of somebody who is no origin any more, is deleted. One thread at a
 * time.
 */
final class OriginWords {
  private static final Logger LOG = LoggerFactory.getLogger(OriginWords.class);
  private static final String NEWEST = ".newest";
  private static final String CURRENT = ".current";
  private static final String FORGET = ".forget";

  private final Path folder;
  private final ServiceKey service;
  private final Set<EndpointId> origins;
  private final Map<EndpointId, Announcement> newest = new HashMap<>();
  private final Map<EndpointId, Announcement> current = new HashMap<>();
  private final Map<EndpointId, Map<Long, Announcement>> forgets = new HashMap<>();

  private OriginWords(Path folder, ServiceKey service, Collection<EndpointId> origins) {
    this.folder = folder;
    this.service = service;
    this.origins = Set.copyOf(origins);
  }

  static OriginWords open(Path folder, ServiceKey service, Collection<EndpointId> origins)
      throws IOException {
    OriginWords words = new OriginWords(folder, service, origins);
    Folders.createPrivate(folder);
    List<Path> useless = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!words.take(file)) {
          useless.add(file);
        }
      }
    }
    for (Path file : useless) {
      LOG.info("{} says nothing that counts and is deleted", file);
      Files.deleteIfExists(file);
    }
    return words;
  }

  private boolean take(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    byte[] bytes = SmallFiles.read(file, AnnouncementLimits.MAX_BYTES).orElse(new byte[0]);
    Announcement said;
    try {
      said = Announcement.decode(bytes);
    } catch (MalformedException _) {
      return false;
    }
    if (!origins.contains(said.issuer()) || !said.verify(service)) {
      return false;
    }
    return switch (said.body()) {
      case Body.Catalogue _ when name.endsWith(NEWEST) -> newest.put(said.issuer(), said) == null;
      case Body.Catalogue _ when name.endsWith(CURRENT) -> current.put(said.issuer(), said) == null;
      case Body.Forget _ when name.endsWith(FORGET) ->
          forgetsOf(said.issuer()).put(said.sequence(), said) == null;
      default -> false;
    };
  }

  private Map<Long, Announcement> forgetsOf(EndpointId origin) {
    return forgets.computeIfAbsent(origin, id -> new TreeMap<>());
  }

  /** The newest Catalogue of an origin, whether its blobs are here or not. */
  Optional<Announcement> newest(EndpointId origin) {
    return Optional.ofNullable(newest.get(origin));
  }

  /** The Catalogue of an origin whose blobs were here. */
  Optional<Announcement> current(EndpointId origin) {
    return Optional.ofNullable(current.get(origin));
  }

  /**
   * Takes a Catalogue whose signature is known to be good.
   *
   * @return false if it is older than the one that is here, or contradicts it
   */
  boolean keepNewest(Announcement said) throws IOException {
    Announcement known = newest.get(said.issuer());
    if (known != null && !follows(known, said)) {
      return false;
    }
    ReplacedFile.write(folder.resolve(said.issuer() + NEWEST), said.encode(), true);
    newest.put(said.issuer(), said);
    return true;
  }

  private static boolean follows(Announcement known, Announcement said) {
    if (said.sequence() <= known.sequence()
        || !(known.body() instanceof Body.Catalogue before)
        || !(said.body() instanceof Body.Catalogue after)) {
      return false;
    }
    // The same catalogue may be announced again, from another address.
    return after.generation() > before.generation()
        || (after.generation() == before.generation() && after.root().equals(before.root()));
  }

  /** All blobs of a Catalogue are here from now on. */
  void keepCurrent(Announcement said) throws IOException {
    ReplacedFile.write(folder.resolve(said.issuer() + CURRENT), said.encode(), true);
    current.put(said.issuer(), said);
  }

  /**
   * Takes a Forget whose signature is known to be good.
   *
   * @return false if it is here already
   */
  boolean keepForget(Announcement said) throws IOException {
    Map<Long, Announcement> known = forgetsOf(said.issuer());
    if (known.containsKey(said.sequence())) {
      return false;
    }
    ReplacedFile.write(file(said), said.encode(), true);
    known.put(said.sequence(), said);
    if (known.size() > KeepingLimits.MAX_FORGETS) {
      drop(
          known.values().stream()
              .min(Comparator.comparingLong(OriginWords::untilMillis))
              .orElseThrow());
    }
    return true;
  }

  private Path file(Announcement forget) {
    return folder.resolve(forget.issuer() + "-" + forget.sequence() + FORGET);
  }

  /** As if it had never been said. */
  void drop(Announcement forget) throws IOException {
    forgetsOf(forget.issuer()).remove(forget.sequence());
    Files.deleteIfExists(file(forget));
  }

  private static long untilMillis(Announcement said) {
    return said.body() instanceof Body.Forget forget ? forget.untilMillis() : 0;
  }

  /** The Forgets in force, the latest first; others are deleted. */
  List<Announcement> forgets(long nowMillis) throws IOException {
    List<Announcement> all = new ArrayList<>();
    forgets.values().forEach(known -> all.addAll(known.values()));
    List<Announcement> inForce = new ArrayList<>();
    for (Announcement forget : all) {
      if (untilMillis(forget) > nowMillis) {
        inForce.add(forget);
      } else {
        drop(forget);
      }
    }
    inForce.sort(Comparator.comparingLong(Announcement::issuedAtMillis).reversed());
    return inForce;
  }

  /** What new neighbours are told: Catalogues, then Forgets. */
  List<byte[]> kept(long nowMillis) throws IOException {
    List<byte[]> kept = new ArrayList<>();
    newest.values().forEach(said -> kept.add(said.encode()));
    forgets(nowMillis).forEach(said -> kept.add(said.encode()));
    return List.copyOf(kept);
  }
}
