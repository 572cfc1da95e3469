package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;

/** Unmodified Rust getters fetch from our daemon. */
final class ServingTest {
  private static final int MIB = 1 << 20;
  private static final String UNKNOWN_HASH = "07".repeat(32);
  private static final int[] SIZES = {0, 1, 1023, 1024, 1025, 16383, 16384, 16385, MIB + 1};

  @TempDir private static Path shared = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void seed() {
    for (int size : SIZES) {
      TestFiles.random(shared.resolve("sizes/" + size), size, size);
    }
    daemon = Daemon.on(shared.resolve("state")).start();
    daemon.cli("add", "--raw", shared.resolve("sizes"));
  }

  @AfterAll
  static void nothingIsLeftOpen() {
    daemon.await(
        "no request and no connection is left open",
        Duration.ofSeconds(35),
        d -> d.counter("requests_open") == 0 && d.counter("connections") == 0);
    assertThat(daemon.status().path("store").path("open_leases").asInt()).isZero();
    assertThat(daemon.stop().exit()).as("a stop that was asked for").isZero();
  }

  private static Path file(int size) {
    return shared.resolve("sizes/" + size);
  }

  @Test
  void everySizeArrives() {
    for (int size : SIZES) {
      String ticket = daemon.ticket(file(size));
      Path plain = temporary.resolve("plain-" + size);
      JsonNode done = Peers.start("get", "--ticket", ticket, "--out", plain, "--rehash").done();
      assertThat(done.path("bytes").asLong()).as("size").isEqualTo(size);
      TestFiles.assertSame(file(size), plain);

      Path stored = temporary.resolve("stored-" + size);
      Path store = temporary.resolve("store");
      Peers.start("get", "--ticket", ticket, "--store", "fs", "--dir", store, "--out", stored)
          .done();
      TestFiles.assertSame(file(size), stored);
    }
  }

  @Test
  void aGibibyteArrives() throws IOException {
    Path large = TestFiles.random(shared.resolve("large.bin"), 1L << 30, 30);
    String ticket = daemon.cli("add", "--raw", large).stdout().getLast();
    JsonNode plain = Peers.start("get", "--ticket", ticket, "--rehash").done(Duration.ofMinutes(2));
    assertThat(plain.path("bytes").asLong()).isEqualTo(1L << 30);
    assertThat(plain.path("blake3").asText()).isEqualTo(daemon.hash(large));
    Path out = temporary.resolve("large.bin");
    JsonNode stored =
        Peers.start(
                "get",
                "--ticket",
                ticket,
                "--store",
                "fs",
                "--dir",
                temporary.resolve("store"),
                "--out",
                out)
            .done(Duration.ofMinutes(2));
    TestFiles.assertSame(large, out);
    System.out.printf(
        "1 GiB from our daemon: %.0f MiB/s without a store, %.0f MiB/s into FsStore, daemon %.1f CPU-s%n",
        plain.path("mib_per_s").asDouble(),
        1024 / stored.path("fetch_seconds").asDouble(),
        daemon.child().cpu().toMillis() / 1000.0);
    Files.delete(out);
    Files.delete(large);
  }

  @Test
  void rangesArrive() {
    int size = MIB + 1;
    String ticket = daemon.cli("ticket", file(size)).stdout().getLast();
    String[][] cases = {
      {"0..1", "1024"},
      {"..1", "1024"},
      {"1..2,3..4", "2048"},
      {"15..17", "2048"},
      {"0..1024", Integer.toString(MIB)},
      {"1000..", Integer.toString(24 * 1024 + 1)},
      {"last", "1"},
      {"0..3,100..200,last", Integer.toString(103 * 1024 + 1)},
      {"5000..6000", "1"},
      {"all", Integer.toString(size)},
    };
    for (String[] each : cases) {
      JsonNode done = Peers.start("get", "--ticket", ticket, "--ranges", each[0]).done();
      assertThat(done.path("bytes").asText()).as(each[0]).isEqualTo(each[1]);
    }
  }

  @Test
  void everyRecordedRequestGetsTheRecordedAnswer() throws IOException {
    JsonNode complete = RecordedRequests.load().path("complete");
    Path folder = temporary.resolve("recorded");
    complete
        .path("pattern_sizes")
        .forEach(size -> TestFiles.pattern(folder.resolve("p" + size.asInt()), size.asInt()));
    write(folder.resolve("hashseq5"), IntStream.of(0, 1025, 16385, 100_000, 1));
    write(folder.resolve("long1000"), IntStream.range(0, 1000).map(i -> i % 70));
    write(folder.resolve("dup_children"), IntStream.of(1025, 1025, 1025, 16385, 1025));
    daemon.cli("add", "--raw", folder);

    List<JsonNode> cases = new ArrayList<>();
    complete.path("cases").forEach(cases::add);
    assertThat(cases).hasSize(819);
    List<JsonNode> responses = ask(cases, "--parallel", 8);
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i);
      JsonNode response = responses.get(i);
      String name = expected.path("name").asText();
      assertThat(response.path("end").asText()).as(name).isEqualTo("fin");
      assertThat(response.path("length").asInt())
          .as(name)
          .isEqualTo(expected.path("response_len").asInt());
      if (expected.has("response_blake3")) {
        assertThat(response.path("blake3").asText())
            .as(name)
            .isEqualTo(expected.path("response_blake3").asText());
      }
    }
  }

  /** Sends the cases' requests and gives the responses in their order. */
  private List<JsonNode> ask(List<JsonNode> cases, Object... options) throws IOException {
    Path file = temporary.resolve("requests");
    Files.write(
        file, cases.stream().map(each -> '"' + RecordedRequests.requestHex(each) + '"').toList());
    List<Object> arguments =
        new ArrayList<>(List.of("raw", "--addr", daemon.target(), "--request", "@" + file));
    arguments.addAll(List.of(options));
    Peer.Result result = Peers.start(arguments.toArray()).finish(Duration.ofMinutes(1));
    result.raw().expectExit(0);
    List<JsonNode> responses = new ArrayList<>(result.all("response"));
    assertThat(responses).hasSameSizeAs(cases);
    responses.sort((a, b) -> Integer.compare(a.path("index").asInt(), b.path("index").asInt()));
    return responses;
  }

  private static void write(Path file, IntStream sizes) {
    byte[] sequence = new byte[0];
    for (int size : sizes.toArray()) {
      byte[] hash = Blake3Hasher.hash(TestFiles.pattern(size)).toBytes();
      int end = sequence.length;
      sequence = java.util.Arrays.copyOf(sequence, end + hash.length);
      System.arraycopy(hash, 0, sequence, end, hash.length);
    }
    TestFiles.write(file, sequence);
  }

  @Test
  void malformedRequestsEndAsRecorded() throws IOException {
    Path folder = temporary.resolve("malformed");
    TestFiles.pattern(folder.resolve("p1025"), 1025);
    TestFiles.pattern(folder.resolve("p16385"), 16385);
    daemon.cli("add", "--raw", folder);
    List<JsonNode> cases = new ArrayList<>();
    for (JsonNode each : RecordedRequests.load().path("malformed").path("cases")) {
      if (each.path("fin_sent").asBoolean(true)) {
        cases.add(each);
      }
    }
    assertThat(cases).hasSizeGreaterThan(100);
    List<JsonNode> responses = ask(cases);
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i);
      JsonNode response = responses.get(i);
      String end = response.path("end").asText();
      String found = end.equals("reset") ? "reset " + response.path("code").asInt() : end;
      assertThat(found).as(expected.toString()).isEqualTo(expected.path("end").asText());
      assertThat(response.path("length").asInt())
          .as(expected.toString())
          .isEqualTo(expected.path("response_len").asInt());
    }
    assertThat(daemon.counter("provider_requests_refused")).isPositive();
  }

  @Test
  void whatIsMissingIsNotFound() throws IOException {
    Peer.Result missing =
        Peers.start("get", "--addr", daemon.target(), "--hash", UNKNOWN_HASH).finish(Peer.USUAL);
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.last("failed").path("code").asInt()).isEqualTo(3);

    Path folder = temporary.resolve("missing");
    for (int size : new int[] {1025, 100_000, 100}) {
      TestFiles.pattern(folder.resolve("p" + size), size);
    }
    write(folder.resolve("root"), IntStream.of(1025, 16386, 100_000));
    daemon.cli("add", "--raw", folder);
    String root = daemon.hash(folder.resolve("root"));
    Peer.Result child =
        Peers.start("get", "--addr", daemon.target(), "--hash", root, "--hashseq")
            .finish(Peer.USUAL);
    assertThat(child.exit()).as("a child is missing").isEqualTo(1);
    assertThat(child.last("failed").path("kind").asText()).isIn("not_found", "read");
  }

  @Test
  void pushIsRefused() throws IOException {
    String push = "08" + "30" + "07".repeat(32) + "020001000100" + "00".repeat(20_000);
    Path file = Files.writeString(temporary.resolve("push"), '"' + push + '"');
    JsonNode response =
        Peers.start("raw", "--addr", daemon.target(), "--request", "@" + file, "--no-fin")
            .await("response");
    assertThat(response.path("end").asText()).isEqualTo("reset");
    assertThat(response.path("code").asInt()).isEqualTo(1);
    assertThat(response.path("stop_sending").asInt(-1)).isZero();
  }

  @Test
  void observersSeeWhatIsThereAndWhatAppears() {
    Peer complete =
        Peers.start("observe", "--addr", daemon.target(), "--hash", daemon.hash(file(16385)));
    JsonNode item = complete.await("item");
    assertThat(item.path("size").asLong()).isEqualTo(16385);
    assertThat(item.path("complete").asBoolean()).isTrue();
    complete.done();

    Path later = TestFiles.pattern(temporary.resolve("later.bin"), 70_001);
    String hash = Blake3Hasher.hash(TestFiles.pattern(70_001)).toString();
    Peer waiting =
        Peers.start(
            "observe",
            "--addr",
            daemon.target(),
            "--hash",
            hash,
            "--items",
            2,
            "--timeout-ms",
            30_000);
    assertThat(waiting.await("item").path("complete").asBoolean()).isFalse();
    daemon.cli("add", "--raw", later);
    assertThat(waiting.await("item").path("complete").asBoolean()).isTrue();
    waiting.done();
  }

  @Test
  void sendmeReceivesAThousandFilesInFolders() {
    Path folder = shared.resolve("collection");
    for (int i = 0; i < 1000; i++) {
      String name = "%d/%d/file ü %d.bin".formatted(i % 7, i % 31, i);
      TestFiles.random(folder.resolve(name), i * 37L % 20_000, i);
    }
    String ticket = daemon.cli("add", folder).stdout().getLast();
    Path into = temporary.resolve("into");
    TestFiles.random(into.resolve(".keep"), 0, 0);
    Sendme.receive(into, ticket, Duration.ofMinutes(1)).expectExit(0);
    TestFiles.assertSameTree(folder, into.resolve("collection"));

    Path plain = temporary.resolve("plain");
    JsonNode done = Peers.start("get", "--ticket", ticket, "--out", plain).done();
    assertThat(done.path("blobs").asInt()).as("root, metadata, files").isEqualTo(1002);
    TestFiles.assertSameTree(folder, plain.resolve("collection"));
  }

  @Test
  void sendmeReceivesASingleFileAndItsName() {
    Path file = TestFiles.random(temporary.resolve("talk.mp4"), 500_001, 9);
    String ticket = daemon.cli("add", "--collection", file).stdout().getLast();
    Path into = temporary.resolve("into");
    TestFiles.random(into.resolve(".keep"), 0, 0);
    Sendme.receive(into, ticket, Peer.USUAL).expectExit(0);
    TestFiles.assertSame(file, into.resolve("talk.mp4"));

    String raw = daemon.cli("add", "--raw", file).stdout().getLast();
    Path out = temporary.resolve("raw.mp4");
    Peers.start("get", "--ticket", raw, "--out", out).done();
    TestFiles.assertSame(file, out);
  }
}
