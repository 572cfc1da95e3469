package org.veilor.seed.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code veilor-seed get} from real iroh-blobs providers: one and several, whole and partial, fast
 * and slow, honest and not. Whatever happens, the bytes compare equal, or there are none.
 */
final class PullTest {
  private static final int MB = 1_000_000;
  private static final int BLOB_BYTES = 6 * MB + 345;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String UNKNOWN_HASH = "07".repeat(32);

  @TempDir private static Path shared = Path.of("");
  private static Path blob = Path.of("");

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void makeBlob() {
    blob = TestFiles.random(shared.resolve("blob.bin"), BLOB_BYTES, 1);
  }

  private Path target() {
    return temporary.resolve("into/got.bin");
  }

  /** Fetches from all of a swarm, compares, and sees that nothing else is left behind. */
  private Fetch.Result pull(Swarm swarm) {
    Fetch.Result result;
    try (Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      result = fetch.done(LIMIT);
    }
    TestFiles.assertSame(blob, target());
    assertThat(result.json().path("bytes").asLong()).isEqualTo(BLOB_BYTES);
    assertThat(filesIn(temporary.resolve("into"))).containsExactly(target());
    return result;
  }

  private static List<Path> filesIn(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      return found.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16_385})
  void aSmallBlobArrivesFromOneProvider(int size) {
    Path file = TestFiles.random(temporary.resolve("from/" + size), size, size);
    try (Swarm swarm = Swarm.of(file).honest().start();
        Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      JsonNode json = fetch.done(LIMIT).json();
      TestFiles.assertSame(file, target());
      assertThat(json.path("hash").asText()).isEqualTo(swarm.hash());
      assertThat(json.path("bytes").asLong()).isEqualTo(size);
    }
  }

  /** Files of all sizes where the tree changes its shape, and many. */
  @Test
  void aCollectionArrivesFromSeveralProviders() {
    Path folder = temporary.resolve("folder");
    for (int size : new int[] {0, 1, 1023, 1024, 1025, 16_383, 16_384, 16_385, 300_001}) {
      TestFiles.random(folder.resolve("size/" + size), size, size);
    }
    TestFiles.random(folder.resolve("deep/er/large.bin"), 3 * MB, 4);
    for (int i = 0; i < 100; i++) {
      TestFiles.random(folder.resolve("many/" + i), i * 100L, i);
    }
    Path into = temporary.resolve("into");
    try (Swarm swarm = Swarm.of(folder).honest().parts(2).bad("lie").start();
        Fetch fetch = Fetch.start(into, swarm.tickets())) {
      fetch.done(LIMIT);
      TestFiles.assertSameTree(folder, into.resolve("folder"));
    }
  }

  @Test
  void fourProvidersThatHaveEverythingShareTheWork() {
    try (Swarm swarm = Swarm.of(blob).capped(MB).capped(MB).capped(MB).capped(MB).start()) {
      Fetch.Result result = pull(swarm);
      for (int i = 0; i < 4; i++) {
        assertThat(result.bytesFrom(swarm.peer(i)))
            .as("of provider %s; the time that is saved stands in docs/benchmarks.md", i)
            .isGreaterThan(BLOB_BYTES / 8);
      }
      assertThat(swarm.sentBytes()).isLessThan(BLOB_BYTES * 5L / 4);
    }
  }

  @Test
  void fourProvidersWithDifferentPartsMakeAWhole() {
    Swarm.Builder wanted = Swarm.of(blob);
    for (int i = 1; i <= 4; i++) {
      wanted.honest("--part", i + "/4", "--store", "fs", "--dir", temporary.resolve("store/" + i));
    }
    try (Swarm swarm = wanted.start()) {
      pull(swarm);
      for (int i = 0; i < 4; i++) {
        long held = swarm.peer(i).item(0).path("held").asLong();
        assertThat(swarm.stats(i).path("bytes_sent").asLong()).isBetween(held, held * 5 / 4);
        assertThat(swarm.stats(i).path("observes").asLong()).as("asked what it has").isPositive();
      }
    }
  }

  /** The last third has only one of five, and the others are asked for theirs. */
  @Test
  void whatOnlyOneHasIsAskedOfThatOne() {
    try (Swarm swarm =
        Swarm.of(blob).honest("--part", "1/3").honest("--part", "2/3").parts(3).start()) {
      pull(swarm);
      assertThat(swarm.stats(4).path("bytes_sent").asLong())
          .isGreaterThanOrEqualTo(swarm.peer(4).item(0).path("held").asLong());
    }
  }

  @Test
  void aMissingPartIsToldApartFromAMissingBlob() {
    try (Swarm swarm = Swarm.of(blob).honest("--part", "1/3").honest("--part", "3/3").start();
        Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      Fetch.Result result = fetch.finish(LIMIT);
      assertThat(result.raw().exit()).isEqualTo(4);
      assertThat(target()).doesNotExist();
    }
  }

  @Test
  void theFasterGivesMore() {
    try (Swarm swarm =
        Swarm.of(blob).capped(200_000).capped(200_000).capped(6 * MB).capped(200_000).start()) {
      Fetch.Result result = pull(swarm);
      assertThat(result.bytesFrom(swarm.peer(2))).isGreaterThan(BLOB_BYTES * 3L / 4);
    }
  }

  /**
   * One honest provider and three that are not. The honest one is slow enough for the others to be
   * asked.
   */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @CsvSource({
    "lie, stall-after, reset-3",
    "trickle, huge-size, reset-after",
    "lie-pair, lie-late, fin-after",
    "reset-1, reset-2, reset-at-end",
    "close-after, wrong-size, size-zero",
    "no-fin, extra, huge-size",
  })
  void anyHonestProviderIsEnough(String one, String two, String three) {
    try (Swarm swarm = Swarm.of(blob).bad(one).bad(two).capped(4 * MB).bad(three).start()) {
      Fetch.Result result = pull(swarm);
      assertThat(result.bytesFrom(swarm.peer(2))).isPositive();
      System.out.printf("beside %s, %s and %s: %.1f s%n", one, two, three, result.seconds());
    }
  }

  @Test
  void liarsAreNamedAndAskedForLittle() {
    try (Swarm swarm = Swarm.of(blob).bad("lie").bad("huge-size").capped(2 * MB).start()) {
      Fetch.Result result = pull(swarm);
      for (int i = 0; i < 2; i++) {
        assertThat(result.bytesFrom(swarm.peer(i))).isZero();
        assertThat(swarm.stats(i).path("requests").asLong()).as("dropped").isLessThan(20);
      }
      assertThat(result.raw().stderr())
          .contains(swarm.peer(0).endpoint(), "sent bytes that do not belong to " + swarm.hash())
          .doesNotContain(swarm.peer(2).endpoint());
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"lie,1", "reset-1,5", "size-zero,4"})
  void whereNobodyIsHonestThereIsAnErrorAndNoFile(String mode, int exit) {
    try (Swarm swarm = Swarm.of(blob).bad(mode).bad(mode).start();
        Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      Fetch.Result result = fetch.finish(LIMIT);
      assertThat(result.raw().exit()).as(result.raw().stderr()).isEqualTo(exit);
      assertThat(result.raw().stderr())
          .contains(swarm.peer(0).endpoint(), swarm.peer(1).endpoint());
      assertThat(target()).doesNotExist();
    }
  }

  @Test
  void killedProvidersAreReplaced() {
    try (Swarm swarm =
            Swarm.of(blob).capped(MB / 2).capped(MB / 2).capped(MB / 2).capped(MB).start();
        Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      for (int i = 0; i < 3; i++) {
        awaitSent(swarm, i, 100_000);
        swarm.kill(i);
      }
      fetch.done(LIMIT);
      TestFiles.assertSame(blob, target());
    }
  }

  @Test
  void aProviderThatStandsStillIsReplaced() {
    try (Swarm swarm = Swarm.of(blob).capped(2 * MB).capped(2 * MB).start();
        Fetch fetch = Fetch.start(target(), swarm.tickets())) {
      awaitSent(swarm, 0, 200_000);
      swarm.peer(0).pause();
      fetch.done(LIMIT);
      TestFiles.assertSame(blob, target());
      swarm.peer(0).resume();
    }
  }

  @Test
  void aKilledGetResumes() {
    try (Swarm swarm = Swarm.of(blob).capped(MB / 2).capped(MB / 2).start()) {
      Path part = temporary.resolve("into/." + swarm.hash() + ".veilor-part");
      try (Fetch fetch = Fetch.start(target(), swarm.tickets())) {
        TestFiles.awaitCheckpoint(part, LIMIT);
        assertThat(fetch.isAlive()).as("the kill comes in the middle").isTrue();
        fetch.kill();
      }
      assertThat(target()).doesNotExist();
      long durable = TestFiles.durableBytes(part, swarm.hash());
      assertThat(durable).isPositive();
      long before = swarm.sentBytesWhenQuiet(LIMIT);
      pull(swarm);
      long again = swarm.sentBytes() - before;
      System.out.printf(
          "killed with %d of %d bytes durable, then %d sent%n", durable, BLOB_BYTES, again);
      // The beginning comes again until the size is proved; what is late is asked for twice.
      assertThat(again).isLessThan(BLOB_BYTES - durable + MB);
    }
  }

  @Test
  void standardOutputGetsVerifiedBytesInOrder() {
    try (Swarm swarm = Swarm.of(blob).capped(4 * MB).bad("lie-late").capped(4 * MB).start();
        Fetch fetch = Fetch.toStandardOutput(target(), swarm.tickets())) {
      fetch.done(LIMIT);
      TestFiles.assertSame(blob, target());
    }
  }

  @Test
  void standardOutputOfAFailureIsABeginning() {
    try (Swarm swarm = Swarm.of(blob).bad("lie-late", "--after", 3 * MB).start();
        Fetch fetch = Fetch.toStandardOutput(target(), swarm.tickets())) {
      assertThat(fetch.finish(LIMIT).raw().exit()).isEqualTo(1);
      assertThat(TestFiles.assertBeginning(blob, target())).isLessThan(BLOB_BYTES);
    }
  }

  @Test
  void filesThatAreThereAreKeptUnlessAskedOtherwise() {
    TestFiles.write(target(), "mine".getBytes(UTF_8));
    try (Swarm swarm = Swarm.of(blob).honest().start()) {
      try (Fetch fetch = Fetch.start(target(), swarm.tickets())) {
        assertThat(fetch.finish(LIMIT).raw().exit()).isNotZero();
        assertThat(target()).hasContent("mine");
      }
      try (Fetch fetch = Fetch.start(target(), swarm.tickets(), "--overwrite")) {
        fetch.done(LIMIT);
        TestFiles.assertSame(blob, target());
      }
    }
  }

  @Test
  void wrongTicketsSayWhatIsWrongWithThem() {
    Path other = TestFiles.random(temporary.resolve("from/other"), 10, 9);
    try (Swarm swarm = Swarm.of(blob).honest().start();
        Swarm others = Swarm.of(other).honest().start()) {
      assertThat(exitOf(List.of("blobnonsense"))).isEqualTo(2);
      assertThat(exitOf(List.of(swarm.ticket(0), others.ticket(0)))).isEqualTo(2);
      assertThat(exitOf(List.of())).isEqualTo(2);
    }
  }

  private int exitOf(List<String> tickets) {
    try (Fetch fetch = Fetch.start(target(), tickets)) {
      return fetch.finish(LIMIT).raw().exit();
    }
  }

  /** Another blob, endpoint or protocol there, nobody or something else there are told apart. */
  @Test
  void anErrorSaysWhichWay() throws IOException {
    Map<String, String> said = new LinkedHashMap<>();
    try (Swarm swarm = Swarm.of(blob).honest().start();
        Swarm other = Swarm.of(blob).honest().start();
        Peer stranger = Peers.start("echo-server");
        var socket =
            new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
      Thread.ofVirtual().start(() -> answer(socket));
      String ticket = swarm.ticket(0);
      swarm.kill(0);
      String live = other.ticket(0);
      try (Fetch dead = Fetch.start(target("dead"), List.of(ticket));
          Fetch noIroh = Fetch.start(target("no-iroh"), List.of(Swarm.at(socket, live)))) {
        said.put("wrong hash", sentence(Swarm.ofHash(UNKNOWN_HASH, live), 4));
        said.put("wrong key", sentence(Swarm.at(other.peer(0), ticket), 1));
        said.put("other protocol", sentence(Swarm.from(stranger, live), 1));
        said.put("dead peer", sentence(dead, 1));
        said.put("no iroh", sentence(noIroh, 1));
      }
    }
    said.forEach((what, sentence) -> System.out.println(what + ": " + sentence));
    assertThat(said.get("wrong hash")).contains("no provider has the blob");
    assertThat(said.get("wrong key")).contains("is another endpoint than");
    assertThat(said.get("other protocol")).contains("does not offer");
    assertThat(said.get("dead peer")).contains("no answer from");
    assertThat(said.get("no iroh")).contains("is no iroh endpoint");
    assertThat(said.values()).noneMatch(text -> text.contains("Exception"));
  }

  /** Something that is not QUIC says something to everything. */
  private static void answer(DatagramSocket socket) {
    byte[] greeting = "hello, who are you?".getBytes(UTF_8);
    var packet = new DatagramPacket(new byte[2048], 2048);
    try {
      while (true) {
        packet.setLength(2048);
        socket.receive(packet);
        socket.send(new DatagramPacket(greeting, greeting.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      assertThat(socket.isClosed()).as(e.toString()).isTrue();
    }
  }

  private Path target(String name) {
    return temporary.resolve(name + "/got.bin");
  }

  /** What the error says, without the endpoint that it names. */
  private String sentence(String ticket, int exit) {
    try (Fetch fetch = Fetch.start(target(), List.of(ticket))) {
      return sentence(fetch, exit);
    }
  }

  private static String sentence(Fetch fetch, int exit) {
    Child.Finished finished = fetch.finish(LIMIT).raw().expectExit(exit);
    String last = finished.stderr().strip().lines().toList().getLast();
    assertThat(last).startsWith("veilor-seed: ");
    return last.replaceAll("[0-9a-f]{16,}", "<id>");
  }

  private static void awaitSent(Swarm swarm, int index, long bytes) {
    Deadline deadline = Deadline.after(LIMIT);
    while (swarm.stats(index).path("bytes_sent").asLong() < bytes) {
      if (deadline.isOver()) {
        throw new AssertionError("provider " + index + " was asked for less than " + bytes);
      }
      Deadline.pause(Duration.ofMillis(20));
    }
  }
}
