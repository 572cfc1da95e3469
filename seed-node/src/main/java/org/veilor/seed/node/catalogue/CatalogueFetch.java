package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.catalogue.CatalogueLimits;
import org.veilor.seed.gossip.catalogue.CatalogueReader;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.PageSlot;
import org.veilor.seed.gossip.catalogue.Reading;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * Brings the blobs of a catalogue here that are not here yet, and checks what is new against what
 * the announcement and the header say. What was checked before is not read again: sizes are added
 * up by difference.
 */
final class CatalogueFetch {
  /** What came of it. */
  sealed interface Outcome {
    /** All is here and as it must be. */
    record Here(CatalogueView view) implements Outcome {}

    /** The origin signed what no catalogue may be. */
    record Refused(String why) implements Outcome {}

    /** It cannot be had now. */
    record Failed(String why) implements Outcome {}
  }

  private final ServiceKey service;
  private final CatalogueClaim claim;
  private final @Nullable CatalogueView before;
  private final PageFolder pages;
  private final BlobSource.Session blobs;
  private final AtomicLong fetchedBytes = new AtomicLong();

  private CatalogueFetch(
      ServiceKey service,
      CatalogueClaim claim,
      @Nullable CatalogueView before,
      PageFolder pages,
      BlobSource.Session blobs) {
    this.service = service;
    this.claim = claim;
    this.before = before;
    this.pages = pages;
    this.blobs = blobs;
  }

  /**
   * Fetches; waits, so that it belongs on a virtual thread.
   *
   * @param before the catalogue of the same origin that was checked last, or null
   */
  static Outcome run(
      ServiceKey service,
      CatalogueClaim claim,
      @Nullable CatalogueView before,
      PageFolder pages,
      BlobSource.Session blobs) {
    try {
      return new CatalogueFetch(service, claim, before, pages, blobs).run();
    } catch (BlobTooLargeException | RefusedException e) {
      return new Outcome.Refused(String.valueOf(e.getMessage()));
    } catch (IOException | UncheckedIOException e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()));
    }
  }

  private Outcome run() throws IOException {
    CatalogueView view = open();
    for (int tries = 0; tries < 2; tries++) {
      fetch(view.missingPages(pages::holds));
      Hash damaged = check(view);
      if (damaged == null) {
        return new Outcome.Here(view);
      }
      pages.drop(damaged);
    }
    return new Outcome.Failed("pages are damaged on the disk");
  }

  /** Root and header. */
  private CatalogueView open() throws IOException {
    for (int tries = 0; tries < 4; tries++) {
      switch (CatalogueReader.open(service, claim, pages)) {
        case Reading.Done<CatalogueView>(CatalogueView view) -> {
          return view;
        }
        case Reading.Missing<CatalogueView>(Hash blob) -> {
          pages.drop(blob);
          fetch(
              blob,
              blob.equals(claim.root())
                  ? CatalogueLimits.MAX_ROOT_BYTES
                  : CatalogueLimits.MAX_HEADER_BYTES);
        }
        case Reading.Refused<CatalogueView> refused ->
            throw new RefusedException(refused.fault().sentence());
      }
    }
    throw new IOException("root and header are damaged on the disk");
  }

  private void fetch(Hash hash, int maxBytes) throws IOException {
    byte[] bytes = blobs.fetch(hash, maxBytes);
    if (fetchedBytes.addAndGet(bytes.length) > KeepingLimits.MAX_CATALOGUE_BYTES) {
      throw new RefusedException(
          "it has more than " + KeepingLimits.MAX_CATALOGUE_BYTES + " bytes of pages");
    }
    pages.write(hash, bytes);
  }

  private void fetch(List<Hash> missing) throws IOException {
    Semaphore room = new Semaphore(KeepingLimits.PAGES_AT_ONCE);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Hash page : missing) {
        running.add(
            threads.submit(() -> {
              room.acquire();
              try {
                fetch(page, CatalogueLimits.MAX_PAGE_BYTES);
              } finally {
                room.release();
              }
              return page;
            }));
      }
      for (Future<?> each : running) {
        await(each, threads);
      }
    }
  }

  private static void await(Future<?> page, ExecutorService threads) throws IOException {
    try {
      page.get();
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      threads.shutdownNow();
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }

  /** Checks what is new; the hash of a page that is not what it must be, or null. */
  private @Nullable Hash check(CatalogueView view) {
    CatalogueView last = before;
    Set<Place> known = last == null ? Set.of() : places(last);
    long bytes = last == null ? 0 : last.header().totalBytes();
    for (int page = 0; page < view.header().pages().size(); page++) {
      if (!known.contains(place(view, page))) {
        switch (view.page(page)) {
          case Reading.Done<List<CatalogueItem>>(List<CatalogueItem> items) -> bytes += sum(items);
          case Reading.Missing<List<CatalogueItem>>(Hash blob) -> {
            return blob;
          }
          case Reading.Refused<List<CatalogueItem>> refused ->
              throw new RefusedException(refused.fault().sentence());
        }
      }
    }
    if (last != null) {
      Set<Place> kept = places(view);
      for (int page = 0; page < last.header().pages().size(); page++) {
        if (!kept.contains(place(last, page))) {
          if (!(last.page(page) instanceof Reading.Done<List<CatalogueItem>>(var items))) {
            return checkAll(view);
          }
          bytes -= sum(items);
        }
      }
    }
    if (bytes != view.header().totalBytes()) {
      throw new RefusedException(
          "its header says " + view.header().totalBytes() + " bytes, its pages " + bytes);
    }
    return null;
  }

  private static @Nullable Hash checkAll(CatalogueView view) {
    return switch (view.forEach(item -> {})) {
      case Reading.Done<Long> _ -> null;
      case Reading.Missing<Long>(Hash blob) -> blob;
      case Reading.Refused<Long> refused -> throw new RefusedException(refused.fault().sentence());
    };
  }

  /** A page and what the header says of it: the same page elsewhere is to be checked again. */
  private record Place(PageSlot slot, Hash hash) {}

  private static Place place(CatalogueView view, int page) {
    return new Place(view.header().pages().get(page), view.pageHash(page));
  }

  private static Set<Place> places(CatalogueView view) {
    Set<Place> places = new HashSet<>();
    for (int page = 0; page < view.header().pages().size(); page++) {
      places.add(place(view, page));
    }
    return places;
  }

  private static long sum(List<CatalogueItem> items) {
    return items.stream().mapToLong(item -> item.entry().sizeBytes()).sum();
  }

  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String why) {
      super(why);
    }
  }
}
