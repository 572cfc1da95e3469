package org.veilor.seed.gossip.catalogue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.PostcardReader;

/**
 * Whatever an origin signed, it is read or refused, and what is read can be written again. Without
 * the environment variable of Jazzer these run on their seed inputs only.
 */
class CatalogueFuzzTest {
  @FuzzTest
  void header(byte[] input) {
    try {
      CatalogueHeader header = CatalogueHeader.read(input);
      check(CatalogueHeader.read(header.toBytes()).equals(header), "header");
      check(header.pages().size() <= CatalogueLimits.MAX_PAGES, "pages");
    } catch (UnreadableException e) {
      check(e.getMessage() != null, "reason");
    }
  }

  /** The first byte says how many entries are expected, and whether names are clear. */
  @FuzzTest
  void page(byte[] input) {
    if (input.length == 0) {
      return;
    }
    PageCodec codec =
        new PageCodec(Catalogues.PUBLIC.topic(), input[0] < 0 ? Names.CLEAR : Names.HIDDEN);
    PageSlot slot = new PageSlot(KeyPrefix.ALL, input[0] & 0x7f);
    try {
      List<byte[]> records = read(codec, slot, Arrays.copyOfRange(input, 1, input.length));
      byte[] again = codec.encode(records);
      List<byte[]> reread = read(codec, slot, again);
      check(records.size() == slot.entries() && reread.size() == records.size(), "entries");
      for (int i = 0; i < records.size(); i++) {
        check(Arrays.equals(records.get(i), reread.get(i)), "record");
        check(PageCodec.sizeBytes(records.get(i)) >= 0, "size");
      }
    } catch (UnreadableException e) {
      check(e.getMessage() != null, "reason");
    }
  }

  private static List<byte[]> read(PageCodec codec, PageSlot slot, byte[] page)
      throws UnreadableException {
    List<byte[]> records = new ArrayList<>();
    codec.decode(0, slot, page, (item, rest) -> records.add(PageCodec.record(item.key(), rest)));
    return records;
  }

  /** Header and pages of one input, so that they can fit together: lengths of two bytes each. */
  @FuzzTest
  void catalogue(byte[] input) {
    MemoryPages pages = new MemoryPages();
    List<Hash> children = new ArrayList<>();
    PostcardReader in = new PostcardReader(input);
    try {
      while (in.remaining() > 2) {
        int length = Math.min(in.readU8() << 8 | in.readU8(), in.remaining());
        children.add(pages.add(in.readFixed(length)));
      }
    } catch (org.veilor.seed.core.wire.MalformedException e) {
      throw new AssertionError(e);
    }
    Hash root = pages.add(HashSequence.of(children).toBytes());
    switch (CatalogueReader.openOwn(Catalogues.PUBLIC, root, pages)) {
      case Reading.Done<CatalogueView>(CatalogueView view) -> {
        check(!(view.forEach(_ -> {}) instanceof Reading.Missing), "all pages are here");
        check(view.pageOf(new LookupKey(root)) < view.header().pages().size(), "page of a key");
        Optional<CatalogueBuilder> builder =
            CatalogueBuilder.resume(Catalogues.PUBLIC, view.header().names(), view);
        builder.ifPresent(found -> {
          found.remove(new LookupKey(Blake3Hasher.hash(input)));
          BuildOutcome outcome = found.build(1, 1, pages, pages);
          check(outcome != null, "an outcome");
        });
      }
      case Reading.Missing<CatalogueView> _ -> throw new AssertionError("all blobs are here");
      case Reading.Refused<CatalogueView>(CatalogueFault fault) ->
          check(!fault.sentence().isEmpty(), "sentence");
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
