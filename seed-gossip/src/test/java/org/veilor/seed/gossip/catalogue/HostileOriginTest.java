package org.veilor.seed.gossip.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.catalogue.Catalogues.GROUP;
import static org.veilor.seed.gossip.catalogue.Catalogues.NOW;
import static org.veilor.seed.gossip.catalogue.Catalogues.PUBLIC;
import static org.veilor.seed.gossip.catalogue.Catalogues.done;
import static org.veilor.seed.gossip.catalogue.Catalogues.entry;
import static org.veilor.seed.gossip.catalogue.Catalogues.path;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.catalogue.CatalogueFault.Figure;
import org.veilor.seed.gossip.catalogue.CatalogueFault.Part;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.ServiceName;

/** Catalogues that an origin signed and that are wrong: each lie is named, and none is believed. */
class HostileOriginTest {
  private static final ServiceName NAME = PUBLIC.name();
  private static final TopicId TOPIC = PUBLIC.topic();
  private static final PageCodec HIDDEN = new PageCodec(TOPIC, Names.HIDDEN);
  private static final PageCodec CLEAR = new PageCodec(TOPIC, Names.CLEAR);

  private final MemoryPages pages = new MemoryPages();

  private static CatalogueHeader header(Names names, long entries, long bytes, PageSlot... slots) {
    return new CatalogueHeader(NAME, TOPIC, 3, NOW, entries, bytes, names, List.of(slots));
  }

  private static PageSlot all(int entries) {
    return new PageSlot(KeyPrefix.ALL, entries);
  }

  private Hash root(byte[] header, byte[]... pageBytes) {
    List<Hash> children = new ArrayList<>(List.of(pages.add(header)));
    Arrays.stream(pageBytes).map(pages::add).forEach(children::add);
    return pages.add(HashSequence.of(children).toBytes());
  }

  private Reading<CatalogueView> open(CatalogueHeader header, byte[]... pageBytes) {
    Hash root = root(header.toBytes(), pageBytes);
    return CatalogueReader.open(
        PUBLIC,
        new CatalogueClaim(root, header.generation(), header.entries(), header.totalBytes()),
        pages);
  }

  private static void refused(Reading<?> reading, CatalogueFault fault) {
    assertThat(reading).isEqualTo(new Reading.Refused<>(fault));
    assertThat(fault.sentence()).isNotEmpty();
  }

  private static void malformed(Reading<?> reading, Part part, String reason) {
    assertThat(reading)
        .isInstanceOfSatisfying(
            Reading.Refused.class,
            refused ->
                assertThat(refused.fault())
                    .isInstanceOfSatisfying(
                        CatalogueFault.Malformed.class,
                        fault -> {
                          assertThat(fault.part()).isEqualTo(part);
                          assertThat(fault.reason()).contains(reason);
                        }));
  }

  /** Three records with hidden names by ascending key. */
  private static List<byte[]> records(PageCodec codec) {
    List<byte[]> records = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      records.add(codec.record(path(i), entry(i)));
    }
    records.sort(PageCodec::compareKeys);
    return records;
  }

  private Reading<Long> readAll(Names names, long bytes, byte[] page, int entries) {
    return done(open(header(names, entries, bytes, all(entries)), page)).forEach(_ -> {});
  }

  @Test
  void theHonestOneIsRead() {
    assertThat(readAll(Names.HIDDEN, 6000, HIDDEN.encode(records(HIDDEN)), 3))
        .isEqualTo(new Reading.Done<>(3L));
    assertThat(readAll(Names.CLEAR, 6000, CLEAR.encode(records(CLEAR)), 3))
        .isEqualTo(new Reading.Done<>(3L));
  }

  @Test
  void entriesOutOfOrder() {
    List<byte[]> records = records(HIDDEN).reversed();
    refused(
        readAll(Names.HIDDEN, 6000, HIDDEN.encode(records), 3),
        new CatalogueFault.OutOfOrder(0, 1));
    refused(
        readAll(Names.CLEAR, 6000, CLEAR.encode(records(CLEAR).reversed()), 3),
        new CatalogueFault.OutOfOrder(0, 1));
  }

  @Test
  void aKeyTwice() {
    List<byte[]> records = records(HIDDEN);
    records.set(2, records.get(1));
    refused(
        readAll(Names.HIDDEN, 6000, HIDDEN.encode(records), 3),
        new CatalogueFault.DuplicateKey(0, 2));
  }

  @Test
  void aKeyOfAnotherPage() {
    PageSlot lower = new PageSlot(KeyPrefix.ALL.lower(), 1);
    PageSlot upper = new PageSlot(KeyPrefix.ALL.upper(), 1);
    byte[] low = record(KeyPrefix.ALL.lower());
    byte[] high = record(KeyPrefix.ALL.upper());
    CatalogueHeader header = header(Names.HIDDEN, 2, 0, lower, upper);
    CatalogueView view =
        done(open(header, HIDDEN.encode(List.of(high)), HIDDEN.encode(List.of(low))));
    refused(view.page(0), new CatalogueFault.ForeignKey(0, 0));
    refused(view.page(1), new CatalogueFault.ForeignKey(1, 0));
    refused(view.forEach(_ -> {}), new CatalogueFault.ForeignKey(0, 0));
  }

  private static byte[] record(KeyPrefix prefix) {
    for (int i = 0; ; i++) {
      if (prefix.contains(path(i).lookupKey(TOPIC))) {
        return HIDDEN.record(path(i), entry(0));
      }
    }
  }

  @Test
  void figuresOfAnnouncementAndHeader() {
    byte[] page = HIDDEN.encode(records(HIDDEN));
    Hash root = root(header(Names.HIDDEN, 3, 6000, all(3)).toBytes(), page);
    refused(
        CatalogueReader.open(PUBLIC, new CatalogueClaim(root, 4, 3, 6000), pages),
        new CatalogueFault.FiguresDiffer(Figure.GENERATION, 4, 3));
    refused(
        CatalogueReader.open(PUBLIC, new CatalogueClaim(root, 3, 4, 6000), pages),
        new CatalogueFault.FiguresDiffer(Figure.ANNOUNCED_ENTRIES, 4, 3));
    refused(
        CatalogueReader.open(PUBLIC, new CatalogueClaim(root, 3, 3, 6001), pages),
        new CatalogueFault.FiguresDiffer(Figure.ANNOUNCED_BYTES, 6001, 6000));
  }

  @Test
  void figuresOfHeaderRootAndPages() {
    byte[] page = HIDDEN.encode(records(HIDDEN));
    refused(
        open(header(Names.HIDDEN, 4, 6000, all(3)), page),
        new CatalogueFault.FiguresDiffer(Figure.ENTRIES, 4, 3));
    refused(
        open(header(Names.HIDDEN, 3, 6000, all(3)), page, page),
        new CatalogueFault.FiguresDiffer(Figure.PAGES, 1, 2));
    refused(
        readAll(Names.HIDDEN, 6000, page, 4),
        new CatalogueFault.FiguresDiffer(Figure.PAGE_ENTRIES, 4, 3));
    refused(
        readAll(Names.HIDDEN, 5999, page, 3),
        new CatalogueFault.FiguresDiffer(Figure.BYTES, 5999, 6000));
  }

  @Test
  void anotherServiceOrTopic() {
    ServiceName other = new ServiceName(NAME.realm(), "other");
    byte[] page = HIDDEN.encode(List.of());
    refused(
        open(new CatalogueHeader(other, TOPIC, 3, NOW, 0, 0, Names.HIDDEN, List.of(all(0))), page),
        new CatalogueFault.OtherService(other));
    refused(
        open(
            new CatalogueHeader(NAME, GROUP.topic(), 3, NOW, 0, 0, Names.HIDDEN, List.of(all(0))),
            page),
        new CatalogueFault.OtherTopic());
  }

  @Test
  void blobsThatAreTooLarge() {
    byte[] page = new byte[CatalogueLimits.MAX_PAGE_BYTES + 1];
    refused(
        readAll(Names.HIDDEN, 0, page, 3),
        new CatalogueFault.TooLarge(Part.PAGE, CatalogueLimits.MAX_PAGE_BYTES));
    Hash header = root(new byte[CatalogueLimits.MAX_HEADER_BYTES + 1], page);
    refused(
        CatalogueReader.openOwn(PUBLIC, header, pages),
        new CatalogueFault.TooLarge(Part.HEADER, CatalogueLimits.MAX_HEADER_BYTES));
    Hash root = pages.add(new byte[CatalogueLimits.MAX_ROOT_BYTES + 32]);
    refused(
        CatalogueReader.openOwn(PUBLIC, root, pages),
        new CatalogueFault.TooLarge(Part.ROOT, CatalogueLimits.MAX_ROOT_BYTES));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 32, 65})
  void aRootThatIsNone(int length) {
    Hash root = pages.add(new byte[length]);
    malformed(CatalogueReader.openOwn(PUBLIC, root, pages), Part.ROOT, "");
  }

  @Test
  void anotherVersion() {
    byte[] header = header(Names.HIDDEN, 0, 0, all(0)).toBytes();
    header[0] = 2;
    refused(
        CatalogueReader.openOwn(PUBLIC, root(header, new byte[1]), pages),
        new CatalogueFault.UnknownVersion(2));
  }

  @Test
  void headersCutShortOrGoingOn() {
    byte[] header = header(Names.HIDDEN, 0, 0, all(0)).toBytes();
    for (int length = 0; length < header.length; length++) {
      Hash root = root(Arrays.copyOf(header, length), new byte[1]);
      malformed(CatalogueReader.openOwn(PUBLIC, root, pages), Part.HEADER, "");
    }
    Hash longer = root(Arrays.copyOf(header, header.length + 1), new byte[1]);
    malformed(CatalogueReader.openOwn(PUBLIC, longer, pages), Part.HEADER, "trailing");
  }

  @Test
  void pagesThatDoNotDivideTheKeys() {
    header(List.of(1), "do not hold all");
    header(List.of(2, 1, 2), "do not divide");
    header(List.of(1, 1, 1), "do not divide");
    header(List.of(33), "do not divide");
    header(List.of(), "do not hold all");
  }

  private void header(List<Integer> bits, String reason) {
    PostcardWriter out = start(NAME.realm(), 0, 0, 0).writeBoolean(false).writeVarint(bits.size());
    bits.forEach(each -> out.writeU8(each).writeVarint(0));
    Hash root = root(out.toBytes(), new byte[1]);
    malformed(CatalogueReader.openOwn(PUBLIC, root, pages), Part.HEADER, reason);
  }

  private static PostcardWriter start(String realm, long generation, long created, long entries) {
    return new PostcardWriter()
        .writeU8(1)
        .writeText(realm)
        .writeText(NAME.name())
        .writeFixed(TOPIC.toBytes())
        .writeVarint(generation)
        .writeVarint(created)
        .writeVarint(entries)
        .writeVarint(0);
  }

  @Test
  void fieldsOfTheHeaderBeyondTheirLimits() {
    for (PostcardWriter out :
        List.of(
            start("", 0, 0, 0),
            start("a\n", 0, 0, 0),
            start("a".repeat(256), 0, 0, 0),
            start("a", -1, 0, 0),
            start("a", 0, CatalogueLimits.MAX_TIME_MILLIS + 1, 0),
            start("a", 0, 0, CatalogueLimits.MAX_ENTRIES + 1))) {
      out.writeBoolean(false).writeVarint(1).writeU8(0).writeVarint(0);
      Hash root = root(out.toBytes(), new byte[1]);
      malformed(CatalogueReader.openOwn(PUBLIC, root, pages), Part.HEADER, "");
    }
    PostcardWriter crowded = start("a", 0, 0, 513).writeBoolean(false).writeVarint(1).writeU8(0);
    Hash root = root(crowded.writeVarint(513).toBytes(), new byte[1]);
    malformed(CatalogueReader.openOwn(PUBLIC, root, pages), Part.HEADER, "above 512");
    PostcardWriter many = start("a", 0, 0, 0).writeBoolean(false).writeVarint(1 << 30).writeU8(0);
    Hash bomb = root(many.writeVarint(0).toBytes(), new byte[1]);
    malformed(CatalogueReader.openOwn(PUBLIC, bomb, pages), Part.HEADER, "more than 32768");
  }

  private static PostcardWriter rawEntry(long size, long modified) {
    return new PostcardWriter()
        .writeVarint(1)
        .writeFixed(new byte[32])
        .writeVarint(size)
        .writeU8(1)
        .writeVarint(modified);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a\u0000", "\u0085"})
  void pathsThatLead(String path) {
    byte[] page = rawEntry(0, 0).writeText(path).toBytes();
    malformed(readAll(Names.CLEAR, 0, page, 1), Part.PAGE, "path");
  }

  @Test
  void fieldsOfAnEntryBeyondTheirLimits() {
    String deep = "a/".repeat(CatalogueLimits.MAX_PATH_SEGMENTS) + "a";
    for (PostcardWriter out :
        List.of(
            rawEntry(CatalogueLimits.MAX_BLOB_BYTES + 1, 0).writeText("a"),
            rawEntry(-1, 0).writeText("a"),
            rawEntry(0, CatalogueLimits.MAX_TIME_MILLIS + 1).writeText("a"),
            rawEntry(0, 0).writeText(deep),
            rawEntry(0, 0).writeText("a".repeat(CatalogueLimits.MAX_PATH_BYTES + 1)),
            rawEntry(0, 0).writeBytes(new byte[] {(byte) 0xff}),
            rawEntry(0, 0).writeText("a").writeU8(0))) {
      malformed(readAll(Names.CLEAR, 0, out.toBytes(), 1), Part.PAGE, "");
    }
    byte[] many = new PostcardWriter().writeVarint(513).writeFixed(new byte[40_000]).toBytes();
    malformed(readAll(Names.CLEAR, 0, many, 1), Part.PAGE, "more than 512");
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/png", "Image/x", "image", "/x", "x/", "a b/c", "text/plain;x", ""})
  void mediaTypesThatAreNone(String type) {
    PostcardWriter page =
        new PostcardWriter().writeVarint(1).writeFixed(new byte[32]).writeVarint(0).writeU8(0);
    byte[] bytes = page.writeText(type).writeVarint(0).writeText("a").toBytes();
    malformed(readAll(Names.CLEAR, 0, bytes, 1), Part.PAGE, "media type");
  }

  @Test
  void aMediaTypeBeyondTheTable() {
    PostcardWriter page =
        new PostcardWriter().writeVarint(1).writeFixed(new byte[32]).writeVarint(0);
    byte[] bytes = page.writeU8(50).writeVarint(0).writeText("a").toBytes();
    malformed(readAll(Names.CLEAR, 0, bytes, 1), Part.PAGE, "unknown media type");
  }
}
