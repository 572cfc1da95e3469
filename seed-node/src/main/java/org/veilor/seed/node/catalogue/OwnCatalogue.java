package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.BuildOutcome;
import org.veilor.seed.gossip.catalogue.BuiltCatalogue;
import org.veilor.seed.gossip.catalogue.CatalogueBuilder;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueCollection;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.CatalogueReader;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.LookupKey;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.catalogue.Reading;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * The catalogue of a service of which this node is an origin. It is told which files changed, and
 * looks at them when it builds; at the start, and where it cannot be sure of having been told, it
 * compares everything. One thread at a time.
 */
final class OwnCatalogue {
  private static final Logger LOG = LoggerFactory.getLogger(OwnCatalogue.class);

  /** What the first byte of a key can tell apart. */
  private static final int MAX_PARTS = 256;

  private final ServiceKey service;
  private final ServiceFiles files;
  private final PageFolder pages;
  private final Set<Path> touched = new LinkedHashSet<>();
  private boolean compareAll = true;
  private boolean tooLarge;
  private long generation;
  private @Nullable CatalogueBuilder builder;
  private volatile @Nullable CatalogueView view;
  private volatile @Nullable Hash collection;
  private Set<Hash> collectionBlobs = Set.of();

  /** A catalogue of which nothing is known. */
  OwnCatalogue(ServiceKey service, ServiceFiles files, PageFolder pages) {
    this.service = service;
    this.files = files;
    this.pages = pages;
  }

  private String name() {
    return service.name().name();
  }

  /** Goes on where an earlier life ended, as far as its blobs can be read. */
  void resume(CatalogueClaim last) {
    generation = last.generation();
    view =
        switch (CatalogueReader.open(service, last, pages)) {
          case Reading.Done<CatalogueView>(CatalogueView here) -> here;
          case Reading.Missing<CatalogueView>(Hash blob) -> {
            LOG.info("{}: the catalogue is made anew, {} is missing", name(), blob);
            yield null;
          }
          case Reading.Refused<CatalogueView> refused -> {
            LOG.warn("{}: the catalogue is made anew: {}", name(), refused.fault().sentence());
            yield null;
          }
        };
  }

  /** A file may have come, changed or gone. */
  void touch(Path file) {
    if (!compareAll && !touched.add(file)) {
      return;
    }
    if (touched.size() > KeepingLimits.MAX_TOUCHED) {
      touchAll();
    }
  }

  /** Anything may have changed. */
  void touchAll() {
    compareAll = true;
    touched.clear();
  }

  /** Whether there is something to look at. */
  boolean isTouched() {
    return compareAll || !touched.isEmpty();
  }

  /** The catalogue that was built last. */
  Optional<CatalogueView> view() {
    return Optional.ofNullable(view);
  }

  /** What is to be announced of it. */
  Optional<CatalogueClaim> claim() {
    CatalogueView last = view;
    return last == null
        ? Optional.empty()
        : Optional.of(
            new CatalogueClaim(
                last.rootHash(),
                last.header().generation(),
                last.header().entries(),
                last.header().totalBytes()));
  }

  /** The collection of the same files, where names are clear. */
  Optional<Hash> collection() {
    return Optional.ofNullable(collection);
  }

  /** Blobs beside those of the catalogue that are to be had. */
  Set<Hash> collectionBlobs() {
    return collectionBlobs;
  }

  /**
   * Builds a catalogue of what is there now.
   *
   * @param nowMillis since 1970
   * @return what is to be announced; empty if nothing changed, or it cannot be built
   * @throws UncheckedIOException if store or pages cannot be read or written; what changed is
   *     looked at again next time
   */
  Optional<CatalogueClaim> build(long nowMillis) {
    Optional<Names> names = files.names(service);
    if (names.isEmpty()) {
      return Optional.empty();
    }
    boolean first = builder == null;
    Optional<BuiltCatalogue> built;
    try {
      built = collected(builder(names.get()), nowMillis);
    } catch (UnreadablePageException e) {
      LOG.warn("{}: the catalogue is made anew: {}", name(), e.getMessage());
      forgetLast();
      built = collected(builder(names.get()), nowMillis);
    } catch (UncheckedIOException e) {
      builder = null; // it may have built a part
      touchAll();
      throw e;
    }
    touched.clear();
    compareAll = false;
    if (built.isPresent()) {
      generation = built.get().header().generation();
      view = opened(built.get().claim());
    }
    if (first || built.isPresent()) {
      collection = null;
      collectionBlobs = Set.of();
      makeCollection();
    }
    return built.map(BuiltCatalogue::claim);
  }

  private void forgetLast() {
    builder = null;
    view = null;
    touchAll();
  }

  private CatalogueBuilder builder(Names names) {
    if (view != null && view.header().names() != names) {
      forgetLast(); // the operator decided otherwise
    }
    if (builder == null) {
      CatalogueView last = view;
      Optional<CatalogueBuilder> resumed =
          last == null ? Optional.empty() : CatalogueBuilder.resume(service, names, last);
      if (resumed.isEmpty()) {
        view = null;
      }
      builder = resumed.orElseGet(() -> new CatalogueBuilder(service, names));
      touchAll();
    }
    return builder;
  }

  private CatalogueView opened(CatalogueClaim claim) {
    if (CatalogueReader.open(service, claim, pages)
        instanceof Reading.Done<CatalogueView>(CatalogueView here)) {
      return here;
    }
    throw new UncheckedIOException(
        new IOException("what was written of a catalogue cannot be read"));
  }

  /** Looks at what was touched, and builds; what is built in parts counts as one. */
  private Optional<BuiltCatalogue> collected(CatalogueBuilder builder, long nowMillis) {
    long next = Math.max(generation + 1, nowMillis);
    Optional<BuiltCatalogue> latest = Optional.empty();
    if (compareAll) {
      long parts = 1;
      while (files.count(name()) / parts > KeepingLimits.MAX_PART && parts < MAX_PARTS) {
        parts *= 2;
      }
      for (int part = 0; part < parts; part++) {
        compare(builder, new Part(part, (int) parts));
        if (builder.changes() > KeepingLimits.MAX_PART) {
          Optional<BuiltCatalogue> some = built(builder, next, nowMillis);
          latest = some.isPresent() ? some : latest;
        }
      }
    } else {
      for (Path file : touched) {
        look(builder, file);
      }
    }
    Optional<BuiltCatalogue> last = built(builder, next, nowMillis);
    return last.isPresent() ? last : latest;
  }

  private void look(CatalogueBuilder builder, Path file) {
    Optional<CataloguePath> path = files.pathOf(name(), file);
    if (path.isPresent()) {
      files
          .entry(name(), file)
          .ifPresentOrElse(
              entry -> builder.put(path.get(), entry), () -> builder.remove(path.get()));
    }
  }

  /** Every so-manieth key, by its first bits. */
  private record Part(int number, int parts) {
    boolean has(LookupKey key) {
      return ((key.value().toBytes()[0] & 0xff) * parts) >>> 8 == number;
    }
  }

  private void compare(CatalogueBuilder builder, Part part) {
    Map<LookupKey, ServiceFiles.Listed> here = new HashMap<>();
    files.forEach(
        name(),
        listed -> {
          LookupKey key = builder.key(listed.path());
          if (part.has(key)) {
            here.put(key, listed);
          }
        });
    CatalogueView last = view;
    if (last != null) {
      for (int page = 0; page < last.header().pages().size(); page++) {
        for (CatalogueItem item : items(last, page)) {
          if (part.has(item.key())) {
            ServiceFiles.Listed listed = here.remove(item.key());
            if (listed == null) {
              builder.remove(item.key());
            } else if (!listed.entry().equals(item.entry())) {
              builder.put(listed.path(), listed.entry());
            }
          }
        }
      }
    }
    here.values().forEach(listed -> builder.put(listed.path(), listed.entry()));
  }

  private static List<CatalogueItem> items(CatalogueView view, int page) {
    return switch (view.page(page)) {
      case Reading.Done<List<CatalogueItem>>(List<CatalogueItem> items) -> items;
      case Reading.Missing<List<CatalogueItem>>(Hash blob) ->
          throw new UnreadablePageException(blob + " is missing");
      case Reading.Refused<List<CatalogueItem>> refused ->
          throw new UnreadablePageException(refused.fault().sentence());
    };
  }

  private Optional<BuiltCatalogue> built(CatalogueBuilder builder, long next, long nowMillis) {
    switch (builder.build(next, nowMillis, pages, pages)) {
      case BuildOutcome.Built(BuiltCatalogue catalogue) -> {
        tooLarge = false;
        return Optional.of(catalogue);
      }
      case BuildOutcome.Unchanged() -> {
        return Optional.empty();
      }
      case BuildOutcome.TooManyEntries(long entries) -> {
        if (!tooLarge) {
          LOG.error(
              "{}: {} files are more than a catalogue lists; others know the ones of before",
              name(),
              entries);
        }
        tooLarge = true;
        return Optional.empty();
      }
      case BuildOutcome.LastUnreadable(String reason) -> throw new UnreadablePageException(reason);
    }
  }

  private void makeCollection() {
    CatalogueView last = view;
    if (last == null
        || !(CatalogueCollection.of(last)
            instanceof Reading.Done<CatalogueCollection.Outcome>(var outcome))) {
      return;
    }
    if (outcome instanceof CatalogueCollection.Outcome.Made(Collection made, int leftOut)) {
      byte[] metadata = made.metadata();
      byte[] root = made.hashSequence().toBytes();
      if (Math.max(metadata.length, root.length) > KeepingLimits.MAX_COLLECTION_BYTES) {
        return;
      }
      Hash names = Blake3Hasher.hash(metadata);
      pages.write(names, metadata);
      pages.write(made.hash(), root);
      collection = made.hash();
      collectionBlobs = Set.of(names, made.hash());
      if (leftOut > 0) {
        LOG.info("{}: {} files have names that no collection may have", name(), leftOut);
      }
    }
  }

  /** A page of the last catalogue is not what it must be: everything is built anew. */
  private static final class UnreadablePageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadablePageException(String message) {
      super(message);
    }
  }
}
