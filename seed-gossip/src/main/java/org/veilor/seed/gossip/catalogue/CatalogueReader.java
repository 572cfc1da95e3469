package org.veilor.seed.gossip.catalogue;

import java.util.Optional;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.ServiceKey;

/** Opens catalogues: takes root and header, and checks what they say against what is known. */
public final class CatalogueReader {
  private CatalogueReader() {}

  /**
   * Opens a catalogue that was announced. Reads root and header and no page.
   *
   * @param service whose topic the announcement came from
   */
  public static Reading<CatalogueView> open(
      ServiceKey service, CatalogueClaim claim, PageSource source) {
    return UnreadableException.reading(() -> {
      CatalogueView view = open(service, claim.root(), source);
      CatalogueHeader header = view.header();
      equal(CatalogueFault.Figure.GENERATION, claim.generation(), header.generation());
      equal(CatalogueFault.Figure.ANNOUNCED_ENTRIES, claim.entries(), header.entries());
      equal(CatalogueFault.Figure.ANNOUNCED_BYTES, claim.totalBytes(), header.totalBytes());
      return view;
    });
  }

  /** Opens a catalogue of one's own, of which only the root is written down. */
  public static Reading<CatalogueView> openOwn(ServiceKey service, Hash root, PageSource source) {
    return UnreadableException.reading(() -> open(service, root, source));
  }

  private static CatalogueView open(ServiceKey service, Hash rootHash, PageSource source)
      throws UnreadableException {
    HashSequence root = root(read(source, rootHash, CatalogueFault.Part.ROOT));
    CatalogueHeader header =
        CatalogueHeader.read(read(source, root.get(0), CatalogueFault.Part.HEADER));
    if (!header.service().equals(service.name())) {
      throw UnreadableException.refused(new CatalogueFault.OtherService(header.service()));
    }
    if (!header.topic().equals(service.topic())) {
      throw UnreadableException.refused(new CatalogueFault.OtherTopic());
    }
    equal(CatalogueFault.Figure.PAGES, header.pages().size(), root.size() - 1);
    equal(CatalogueFault.Figure.ENTRIES, header.entries(), header.entriesOfPages());
    return new CatalogueView(rootHash, root, header, source);
  }

  private static HashSequence root(byte[] bytes) throws UnreadableException {
    try {
      HashSequence root = HashSequence.ofBytes(bytes);
      if (root.size() < 2) {
        throw new MalformedException(bytes.length, "header and a page expected");
      }
      return root;
    } catch (MalformedException e) {
      throw UnreadableException.refused(
          new CatalogueFault.Malformed(CatalogueFault.Part.ROOT, String.valueOf(e.getMessage())));
    }
  }

  /** The bytes of a blob, with its hash and within its limit. */
  static byte[] read(PageSource source, Hash hash, CatalogueFault.Part part)
      throws UnreadableException {
    int limit =
        switch (part) {
          case ROOT -> Math.min(CatalogueLimits.MAX_ROOT_BYTES, CoreLimits.MAX_HASH_SEQUENCE_BYTES);
          case HEADER -> CatalogueLimits.MAX_HEADER_BYTES;
          case PAGE -> CatalogueLimits.MAX_PAGE_BYTES;
        };
    Optional<byte[]> read = source.read(hash, limit);
    if (read.isEmpty()) {
      throw UnreadableException.missing(hash);
    }
    byte[] bytes = read.get();
    if (bytes.length > limit) {
      throw UnreadableException.refused(new CatalogueFault.TooLarge(part, limit));
    }
    if (!SubtreeEngine.preferred().hash(bytes, 0, bytes.length).equals(hash)) {
      throw UnreadableException.missing(hash);
    }
    return bytes;
  }

  static void equal(CatalogueFault.Figure figure, long claimed, long found)
      throws UnreadableException {
    if (claimed != found) {
      throw UnreadableException.refused(new CatalogueFault.FiguresDiffer(figure, claimed, found));
    }
  }
}
