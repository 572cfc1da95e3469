package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.identity.Signature;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueLimits;
import org.veilor.seed.gossip.catalogue.LookupKey;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.node.config.PeerText;

/**
 * A daemon with a heap of {@value #HEAP_MIB} MiB, in a group with an honest origin and one that
 * lies, and a stranger who sits in the group's topic without its secret. Whatever is tried, it is
 * refused and counted, and honest traffic goes on: after each attack a file that appears at the
 * honest origin is announced, fetched by the daemon, and given by it to a member.
 *
 * <p>{@code -Dveilor.announcements=1000000} floods with a million; a run of all tests has 10,000.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StrangerTest {
  private static final Duration SOON = Duration.ofSeconds(100);
  private static final int HEAP_MIB = 64;

  /** Heap, code, threads, the database's memory, and Netty's. */
  private static final long MOST_RSS_KIB = 400 << 10;

  private static final int ANNOUNCEMENTS = Integer.getInteger("veilor.announcements", 10_000);
  private static final long HOUR = 3_600_000;
  private static final ServiceKey OPEN = new ServiceKey.Public(new ServiceName("x.veilor", "open"));

  @TempDir private static Path temporary = Path.of("");

  private final SecretKey member = key("member");
  private final SecretKey strangersKey = key("stranger");
  private final Asker reader = new Asker("reader");
  private final Asker outsider = new Asker("outsider");
  private final List<AutoCloseable> open = new ArrayList<>();
  private Daemon origin;
  private Daemon target;
  private ServiceKey.Group club;
  private LyingOrigin liar;

  /** Sits in the topic and listens. */
  private OurGossip stranger;

  /** Says what it likes to the daemon alone. */
  private FloodingPeer mouth;

  private int files;
  private long sequence = System.currentTimeMillis();
  private int threads;
  private int descriptors;

  StrangerTest() throws IOException {}

  private static SecretKey key(String name) {
    return SecretKey.of(hash(name).toBytes());
  }

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Path config(String name, String... services) throws IOException {
    List<String> lines =
        new ArrayList<>(List.of("seeding.settle = \"100ms\"", "seeding.settle_open = \"500ms\""));
    for (String each : services) {
      Files.createDirectories(temporary.resolve(each));
      lines.addAll(
          List.of(
              "[[service]]",
              "name = \"" + each + "\"",
              "exposure = \"group\"",
              "directory = \"" + temporary.resolve(each) + "\""));
    }
    return TestFiles.config(
        Files.createDirectories(temporary.resolve("conf-" + name)), lines.toArray(String[]::new));
  }

  private static Daemon.Builder daemon(String name, String service) throws IOException {
    return Daemon.on(temporary.resolve(name))
        .shortLived()
        .gateway("127.0.0.1:0")
        .argument("--config")
        .argument(config(name, service));
  }

  @BeforeAll
  void meet() throws Exception {
    origin = daemon("origin", "club").start();
    target = daemon("target", "own").jvm("-Xmx" + HEAP_MIB + "m").start();
    Invite invite = Invite.parse(origin.invite("club"));
    club = (ServiceKey.Group) invite.service();
    liar = new LyingOrigin(key("liar"), club);
    List<EndpointId> origins =
        Stream.concat(invite.origins().stream(), Stream.of(key("liar").id())).toList();
    target.join(new Invite(club, origins, invite.bootstrap()).text());
    target.join(new Invite(OPEN, List.of(member.id()), List.of()).text());
    stranger = OurGossip.start(strangersKey, GossipConfig.hardened());
    open.addAll(List.of(stranger, liar));
    enter();
    assertHonestTrafficGoesOn();
    threads = threads();
    descriptors = descriptors();
  }

  /** Stranger and liar are neighbours of the daemon. */
  private void enter() throws IOException {
    liar.node().join(club.topic(), List.of(target.target()));
    stranger.join(club.topic(), List.of(target.target()));
    stranger.join(OPEN.topic(), List.of(target.target()));
    for (OurGossip each : List.of(liar.node(), stranger)) {
      GossipMember.await(
          "the daemon is a neighbour",
          () -> each.neighbors(club.topic()).contains(target.endpoint()));
    }
    PeerConnection connection = reader.connect(target, MembershipProof.ALPN);
    assertThat(Asker.exchange(connection, reader.proof(connection, club))).startsWith("01");
  }

  @BeforeEach
  void openMouth() throws IOException {
    mouth = new FloodingPeer(key("mouth"), target, club.topic());
  }

  @AfterEach
  void honestTrafficGoesOn() throws IOException {
    assertHonestTrafficGoesOn();
    mouth.close();
  }

  private void assertHonestTrafficGoesOn() throws IOException {
    Path file = TestFiles.png(temporary.resolve("club/honest-" + ++files + ".png"), 20_000, files);
    String hash = hashed(origin, file);
    target.await("the announcement", SOON, d -> !d.why(hash).path("providers").isEmpty());
    assertThat(Http.get(target.gateway() + "/blobs/" + hash)).isEqualTo(Files.readAllBytes(file));
    assertThat(reader.gets(target, hash)).as("a member is given it").isTrue();
    outsider.assertAbsent(target, hash);
  }

  private static String hashed(Daemon daemon, Path file) {
    daemon.await("hashing", SOON, d -> !d.why(file).path("hash").asText().isEmpty());
    return daemon.why(file).path("hash").asText();
  }

  /** What was open is closed, what was held is let go. */
  @AfterAll
  void bounded() throws Exception {
    try {
      long rss = peakRssKib();
      System.out.println("the daemon held at most " + rss + " KiB, with a heap of " + HEAP_MIB);
      assertThat(rss).isLessThan(MOST_RSS_KIB);
      for (AutoCloseable each : open) {
        each.close();
      }
      reader.close();
      outsider.close();
      target.await("descriptors return", SOON, d -> descriptors() <= descriptors + 16);
      target.await("threads return", SOON, d -> threads() <= threads + 32);
      assertThat(target.child().stderr()).doesNotContain("OutOfMemory");
    } finally {
      target.close();
      origin.close();
    }
  }

  private int threads() {
    return entries("task");
  }

  private int descriptors() {
    return entries("fd");
  }

  private int entries(String folder) {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + target.child().pid(), folder))) {
      return (int) all.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private long peakRssKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + target.child().pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("no VmHWM");
  }

  // ---- what the daemon counts

  /** A figure of {@code /metrics}; 0 if it is not there. */
  private long metric(String name) {
    String text = new String(Http.get(target.gateway() + "/metrics"), StandardCharsets.UTF_8);
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** How a topic stands, as soon as the daemon has time to say so: it gives itself a second. */
  private JsonNode topic(String service) {
    target.await("status", SOON, d -> d.status().path("topics").has(service));
    return target.status().path("topics").path(service);
  }

  private long dropped(ServiceKey service, String reason) {
    return metric(
        "veilor_seed_topic_dropped_total{service=\"%s\",reason=\"%s\"}"
            .formatted(service.name().name(), reason));
  }

  private void awaitAbove(String what, long before, LongSupplier figure) {
    target.await(what + " is counted", SOON, d -> figure.getAsLong() > before);
  }

  /** The stranger says something, and it is dropped for that reason. */
  private void assertDropped(String reason, byte[] content) throws IOException {
    long before = dropped(club, reason);
    mouth.tell(content);
    awaitAbove(reason, before, () -> dropped(club, reason));
  }

  private boolean isAnnounced(Hash hash) {
    return !target.why(hash.toString()).path("providers").isEmpty();
  }

  // ---- blobs

  @Test
  void blobsObserveAndCataloguesAreForMembers() throws IOException {
    Path own = TestFiles.png(temporary.resolve("own/secret.png"), 30_000, 77);
    String owned = hashed(target, own);
    assertThat(target.invite("own")).startsWith("veilorservice");
    target.await("catalogues", SOON, d -> !d.roots("own").isEmpty() && !d.roots("club").isEmpty());
    String refused = "veilor_seed_endpoint_provider_requests_failed";
    long before = metric(refused);
    List<String> hashes = new ArrayList<>(target.roots("own"));
    hashes.addAll(target.roots("club"));
    hashes.add(owned);
    for (String hash : hashes) {
      outsider.assertAbsent(target, hash);
    }
    assertThat(metric(refused)).isGreaterThanOrEqualTo(before + 3L * hashes.size());
    Asker.assertAbsentForRust(target, owned);

    // A proof of another secret, and that of a member's connection.
    long believed = metric("veilor_seed_endpoint_proofs_believed");
    long received = metric("veilor_seed_endpoint_proofs_received");
    ServiceKey.Group guessed =
        new ServiceKey.Group(club.name(), ServiceSecret.of(hash("a guess").toBytes()));
    PeerConnection connection = outsider.connect(target, MembershipProof.ALPN);
    PeerConnection other = reader.connect(target, MembershipProof.ALPN);
    for (byte[] proof : List.of(outsider.proof(connection, guessed), reader.proof(other, club))) {
      assertThat(Asker.exchange(connection, proof)).isEqualTo("00 end");
    }
    assertThat(metric("veilor_seed_endpoint_proofs_received")).isEqualTo(received + 2);
    assertThat(metric("veilor_seed_endpoint_proofs_believed")).isEqualTo(believed);
  }

  // ---- envelopes

  private Body.Provide provide(EndpointId issuer, Hash hash) {
    EndpointAddr addr = EndpointAddr.of(issuer, PeerText.parse(stranger.target()).addrs());
    return new Body.Provide(addr, List.of(new Body.Blob(HashAndFormat.raw(hash), 5)));
  }

  private byte[] signed(SecretKey key, ServiceKey service, long now, Body body) {
    return Announcement.sign(key, service, now, ++sequence, body).encode();
  }

  @Test
  void forgedEnvelopesAndWrongClocksAreDropped() throws Exception {
    long now = System.currentTimeMillis();
    Hash nothing = hash("nothing");
    SecretKey me = strangersKey;
    byte[] withoutSecret =
        signed(me, new ServiceKey.Public(club.name()), now, provide(me.id(), nothing));
    assertDropped("bad_signature", withoutSecret);
    EndpointId victim = EndpointId.parse(origin.endpoint());
    Signature mine = Announcement.decode(withoutSecret).signature();
    Announcement inHisName =
        new Announcement(victim, now, Long.MAX_VALUE, provide(victim, nothing), mine);
    assertDropped("bad_signature", inHisName.encode());
    byte[] ofMember = signed(member, club, now, provide(member.id(), nothing));
    byte[] changed = ofMember.clone();
    changed[changed.length - 70] ^= 1; // the size, or the end of the hash
    assertDropped("bad_signature", changed);
    assertDropped("malformed", Arrays.copyOf(ofMember, ofMember.length + 1));
    ofMember[0] = 9;
    assertDropped("other_version", ofMember);

    // Of a member, but an hour early or late, or beyond what members may say.
    assertDropped(
        "from_the_future", signed(member, club, now + HOUR, provide(member.id(), nothing)));
    assertDropped("too_old", signed(member, club, now - HOUR, provide(member.id(), nothing)));
    assertDropped("not_allowed", signed(member, club, now, new Body.Forget(hashes(), now + HOUR)));
    EndpointAddr addr = EndpointAddr.of(member.id());
    assertDropped(
        "not_allowed", signed(member, club, now, new Body.Catalogue(nothing, now, 1, 1, addr)));
    assertDropped(
        "expired", signed(key("liar"), club, now - HOUR, new Body.Forget(hashes(), now - 1)));
    assertThat(isAnnounced(nothing)).isFalse();
    assertThat(target.status().path("denied_blobs").asInt()).isZero();
  }

  /** What the honest origin has. */
  private List<Hash> hashes() throws MalformedException {
    return List.of(Hash.parse(hashed(origin, temporary.resolve("club/honest-1.png"))));
  }

  @Test
  void whatWasHeardIsReplayedInVainAlsoAfterARestart() throws Exception {
    Hash gone = hash("gone");
    long now = System.currentTimeMillis();
    byte[] provided = signed(member, club, now, provide(member.id(), gone));
    byte[] withdrawn = signed(member, club, now, new Body.Withdraw(List.of(gone)));
    mouth.tell(provided);
    target.await("the word of a member", SOON, d -> isAnnounced(gone));
    mouth.tell(withdrawn);
    target.await("its word that it is gone", SOON, d -> !isAnnounced(gone));

    long before = dropped(club, "replayed");
    mouth.tell(provided);
    awaitAbove("the replay", before, () -> dropped(club, "replayed"));
    assertThat(isAnnounced(gone)).isFalse();

    // Who sits in the topic can read what is said there, and do nothing with it.
    Map<Hash, byte[]> heard = new HashMap<>();
    for (byte[] each : stranger.received(club.topic())) {
      if (Announcement.decode(each).issuer().toString().equals(origin.endpoint())) {
        heard.put(Blake3Hasher.hash(each), each);
      }
    }
    assertThat(heard).isNotEmpty();
    heard.put(Blake3Hasher.hash(provided), provided);
    int issuers = topic("club").path("issuers").asInt();
    mouth.close();
    target = target.restart();
    enter();
    openMouth();
    for (byte[] each : heard.values()) {
      mouth.tell(each);
    }
    // After a long flood the oldest are not even looked up.
    awaitAbove(
        "each replay",
        heard.size() - 1,
        () -> dropped(club, "replayed") + dropped(club, "too_old"));
    JsonNode status = topic("club");
    assertThat(status.path("issuers").asInt()).as("remembered").isGreaterThanOrEqualTo(issuers);
    assertThat(isAnnounced(gone)).isFalse();
    assertHonestTrafficGoesOn();
    threads = threads();
    descriptors = descriptors();
  }

  // ---- catalogues

  @Test
  void anOriginThatLiesInItsCatalogueIsRefusedAndTheOneBeforeHolds() throws IOException {
    byte[] picture = Files.readAllBytes(TestFiles.png(temporary.resolve("liar.png"), 9_000, 99));
    Hash blob = liar.give(picture);
    List<LookupKey> keys = liar.keys("liar-a.png", "liar-b.png", "liar-c.png");
    long size = picture.length;
    byte[] honest = LyingOrigin.page(keys, blob, size);
    liar.announce(liar.catalogue(honest, 3, 3 * size));
    target.await("the honest catalogue", SOON, d -> isFound("liar-b.png"));
    assertThat(Http.get(target.gateway() + "/s/club/liar-b.png")).isEqualTo(picture);
    assertThat(outcome("fetched")).isPositive();

    List<LookupKey> twice = new ArrayList<>(keys);
    twice.set(1, keys.getFirst());
    CatalogueClaim good = liar.catalogue(honest, 3, 3 * size);
    long later = liar.catalogue(honest, 3, 3 * size).generation();
    List<CatalogueClaim> lies =
        List.of(
            new CatalogueClaim(good.root(), good.generation(), 4, 3 * size), // entries
            new CatalogueClaim(good.root(), later, 3, 3 * size), // generation
            liar.catalogue(LyingOrigin.page(keys.reversed(), blob, size), 3, 3 * size), // order
            liar.catalogue(LyingOrigin.page(twice, blob, size), 3, 3 * size),
            liar.catalogue(honest, 2, 3 * size), // entries of the page
            liar.catalogue(honest, 3, 3 * size + 1), // bytes of all
            liar.catalogue(LyingOrigin.page(keys, blob, 1L << 50), 3, 3L << 50), // of one blob
            liar.catalogue(new byte[CatalogueLimits.MAX_PAGE_BYTES + 1], 3, 3 * size),
            new CatalogueClaim(largeRoot(), later + 100, 3, 3 * size));
    for (CatalogueClaim lie : lies) {
      long refused = outcome("refused");
      liar.announce(lie);
      awaitAbove(lie.toString(), refused, () -> outcome("refused"));
      assertThat(Http.get(target.gateway() + "/s/club/liar-c.png")).isEqualTo(picture);
    }
  }

  private boolean isFound(String path) {
    try {
      return Http.ask(target.gateway() + "/s/club/" + path).statusCode() == 200;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Hash largeRoot() {
    List<Hash> children = new ArrayList<>();
    for (int i = 0; i <= CatalogueLimits.MAX_ROOT_BYTES / Hash.LENGTH; i++) {
      children.add(hash("child"));
    }
    return liar.give(HashSequence.of(children).toBytes());
  }

  private long outcome(String what) {
    return metric("veilor_seed_catalogues_total{outcome=\"" + what + "\"}");
  }

  // ---- floods

  @Test
  void aMemberThatSaysTooMuchIsHeardInPart() throws IOException {
    long before = dropped(club, "over_rate");
    long now = System.currentTimeMillis();
    for (int i = 0; i < 400; i++) {
      byte[] content = signed(member, club, now, provide(member.id(), hash("many " + i)));
      mouth.tell(content);
    }
    awaitAbove("too much", before + 100, () -> dropped(club, "over_rate"));
  }

  /** Half of them forged in the group, half by new members of a public service. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void aFloodIsReadCountedAndForgotten() throws IOException {
    long seed = System.nanoTime();
    System.out.println("a flood with seed " + seed);
    Random random = new Random(seed);
    String read = "veilor_seed_endpoint_gossip_msgs_data_recv";
    long before = metric(read);
    long forged = dropped(club, "bad_signature");
    long begun = System.nanoTime();
    try (FloodingPeer first = new FloodingPeer(key("flood 1"), target, club.topic());
        FloodingPeer second = new FloodingPeer(key("flood 2"), target, OPEN.topic())) {
      List<SecretKey> issuers = new ArrayList<>();
      for (int i = 0; i < ANNOUNCEMENTS / 2; i++) {
        first.say(forged(random, i));
        if (issuers.size() < ANNOUNCEMENTS / 20) {
          issuers.add(key("issuer " + i));
        }
        SecretKey issuer = issuers.get(random.nextInt(issuers.size()));
        Body body = provide(issuer.id(), hash("flood " + i));
        second.say(signed(issuer, OPEN, System.currentTimeMillis(), body));
        if (i == ANNOUNCEMENTS / 4) {
          assertHonestTrafficGoesOn();
        }
      }
      target.await("all is read", SOON, d -> metric(read) >= before + ANNOUNCEMENTS);
      awaitAbove("forgeries", forged + 500, () -> dropped(club, "bad_signature"));
      JsonNode topic = topic("open");
      System.out.printf(
          "%d announcements in %.1f s; peak %d KiB; open: %s; club: %s; rate drops %d%n",
          ANNOUNCEMENTS,
          (System.nanoTime() - begun) / 1e9,
          peakRssKib(),
          topic,
          topic("club"),
          metric("veilor_seed_endpoint_gossip_rate_drops"));
      assertThat(topic.path("issuers").asInt()).isBetween(1, 10_001);
      assertThat(topic.path("accepted").asLong()).isGreaterThan(500);

      long malformed = metric("veilor_seed_endpoint_gossip_malformed_streams");
      byte[] tooLong = ByteBuffer.allocate(4 + 4_097).putInt(4_097).array();
      first.write(tooLong);
      first.awaitClosed();
      assertThat(metric("veilor_seed_endpoint_gossip_malformed_streams")).isEqualTo(malformed + 1);
    }
  }

  /** In the form of an announcement of one of those who are in the group. */
  private byte[] forged(Random random, int number) throws IOException {
    byte[] signature = new byte[Signature.LENGTH];
    random.nextBytes(signature);
    long now = System.currentTimeMillis();
    Body body = provide(member.id(), hash("forged " + number));
    return new Announcement(member.id(), now, now + number, body, Signature.of(signature)).encode();
  }
}
