package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real peers among themselves, without any of our code. Where one of these fails, the harness
 * or the machine is at fault, and no other interop test means anything.
 */
final class PeersTest {
  private static final int BLOB_BYTES = 3_000_001;
  private static final String EMPTY_HASH =
      "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
  private static final String UNKNOWN_HASH = "07".repeat(32);

  @TempDir private static Path shared = Path.of("");
  private static Path blob = Path.of("");
  private static Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Peer provider;

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void startProvider() {
    blob = TestFiles.random(shared.resolve("blob.bin"), BLOB_BYTES, 1);
    folder = shared.resolve("folder");
    TestFiles.random(folder.resolve("empty"), 0, 2);
    TestFiles.random(folder.resolve("small.bin"), 1_025, 3);
    TestFiles.random(folder.resolve("deep/er/large.bin"), 200_000, 4);
    provider =
        Peers.start("provide", "--store", "fs", "--dir", shared.resolve("store"), blob, folder);
    provider.ready();
  }

  @AfterAll
  static void stopProvider() {
    Peer.Result result = provider.stop();
    result.raw().expectExit(0);
    assertThat(result.last("stats").path("max_rss_kib").asLong()).isPositive();
  }

  private static String blobTicket() {
    return provider.item(0).path("ticket").asText();
  }

  private static String blobHash() {
    return provider.item(0).path("hash").asText();
  }

  private static String folderTicket() {
    return provider.item(1).path("ticket").asText();
  }

  @Test
  void nothingButLoopbackIsUp() throws SocketException {
    List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces().toList();
    assertThat(interfaces).isNotEmpty();
    for (NetworkInterface each : interfaces) {
      assertThat(each.isLoopback() || !each.isUp()).as(each.getName()).isTrue();
    }
  }

  @Test
  void getsBlobsWithAndWithoutStore() {
    Path plain = temporary.resolve("plain");
    JsonNode done = Peers.start("get", "--ticket", blobTicket(), "--out", plain, "--rehash").done();
    TestFiles.assertSame(blob, plain);
    assertThat(done.path("bytes").asLong()).isEqualTo(BLOB_BYTES);
    assertThat(done.path("size").asLong()).isEqualTo(BLOB_BYTES);
    assertThat(done.path("blake3").asText()).isEqualTo(blobHash());

    Path stored = temporary.resolve("stored");
    Path store = temporary.resolve("store");
    Object[] get = {"get", "--ticket", blobTicket(), "--store", "fs", "--dir", store};
    assertThat(Peers.start(get).done().path("local_before").asLong()).isZero();
    JsonNode again =
        Peers.start(
                "get", "--ticket", blobTicket(), "--store", "fs", "--dir", store, "--out", stored)
            .done();
    assertThat(again.path("local_before").asLong()).isEqualTo(BLOB_BYTES);
    TestFiles.assertSame(blob, stored);
  }

  @Test
  void getsCollectionsWithAndWithoutStore() {
    Path plain = temporary.resolve("plain");
    JsonNode done = Peers.start("get", "--ticket", folderTicket(), "--out", plain).done();
    assertThat(done.path("blobs").asInt()).as("root, metadata, files").isEqualTo(5);
    TestFiles.assertSameTree(folder, plain.resolve("folder"));

    Path stored = temporary.resolve("stored");
    Peers.start("get", "--ticket", folderTicket(), "--store", "mem", "--out", stored).done();
    TestFiles.assertSameTree(folder, stored.resolve("folder"));
  }

  @Test
  void getsRangesAndSeesWhatIsMissing() {
    JsonNode ranges =
        Peers.start("get", "--ticket", blobTicket(), "--ranges", "0..3,100..200,last").done();
    assertThat(ranges.path("bytes").asLong()).isEqualTo(103 * 1024 + BLOB_BYTES % 1024);

    Peer.Result missing =
        Peers.start("get", "--ticket", blobTicket(), "--hash", UNKNOWN_HASH).finish(Peer.USUAL);
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.last("failed").path("code").asInt()).isEqualTo(3);
  }

  @Test
  void seedsEveryFileOfAFolderByItself() throws IOException {
    Path list = temporary.resolve("list");
    for (int i = 0; i < 300; i++) {
      TestFiles.random(temporary.resolve("many/" + i), i * 100L, i);
    }
    try (Peer many = Peers.start("provide", "--each", "--list", list, temporary.resolve("many"))) {
      assertThat(many.ready().path("files").asInt()).isEqualTo(300);
      assertThat(Files.readAllLines(list)).hasSize(300);
      JsonNode done =
          Peers.start("get-list", "--addr", many.target(), "--hashes", list, "--in-flight", 32)
              .done();
      assertThat(done.path("blobs").asInt()).isEqualTo(300);
      assertThat(done.path("bytes").asLong()).isEqualTo(300L * 299 / 2 * 100);
    }
  }

  @Test
  void sendsRawRequestsAndSeesHowTheyEnd() throws IOException {
    String whole = "00" + blobHash() + "020001000100";
    Path file = temporary.resolve("requests");
    Files.write(
        file,
        List.of(
            "{\"name\":\"whole\",\"request\":\"" + whole + "\"}",
            "\"00" + UNKNOWN_HASH + "020001000100\"",
            "05",
            "00" + EMPTY_HASH + "020001000100"));
    Peer.Result result =
        Peers.start("raw", "--addr", provider.target(), "--request", "@" + file).finish(Peer.USUAL);
    result.raw().expectExit(0);
    List<JsonNode> responses = result.all("response");
    assertThat(responses)
        .extracting(r -> r.path("end").asText())
        .containsExactly("fin", "reset", "fin", "fin");
    assertThat(responses.get(0).path("name").asText()).isEqualTo("whole");
    assertThat(responses.get(0).path("length").asLong()).isGreaterThan(BLOB_BYTES);
    assertThat(responses.get(1).path("code").asInt()).isEqualTo(3);
    assertThat(responses.get(2).path("length").asLong()).isZero();
    assertThat(responses.get(3).path("head").asText()).isEqualTo("00".repeat(8));

    JsonNode unfinished =
        Peers.start(
                "raw",
                "--addr",
                provider.target(),
                "--request",
                whole,
                "--no-fin",
                "--chunk-bytes",
                7,
                "--chunk-delay-ms",
                5,
                "--timeout-ms",
                400)
            .await("response");
    assertThat(unfinished.path("end").asText()).isEqualTo("open");
    JsonNode refused =
        Peers.start("raw", "--addr", provider.target(), "--request", "05", "--no-fin")
            .await("response");
    assertThat(refused.path("end").asText()).isEqualTo("fin");
    assertThat(refused.path("stop_sending").asInt(-1)).isZero();
  }

  @Test
  void observes() {
    Peer peer = Peers.start("observe", "--addr", provider.target(), "--hash", blobHash());
    JsonNode item = peer.await("item");
    assertThat(item.path("size").asLong()).isEqualTo(BLOB_BYTES);
    assertThat(item.path("complete").asBoolean()).isTrue();
    peer.done();
  }

  @Test
  void holdsManyConnections() {
    Object[] arguments = {
      "many",
      "--addr",
      provider.target(),
      "--connections",
      50,
      "--hold",
      1,
      "--streams",
      4,
      "--parallel",
      8
    };
    Peer.Result result = Peers.start(arguments).finish(Peer.USUAL);
    result.raw().expectExit(0);
    assertThat(result.last("connected").path("p50_ms").asDouble()).isPositive();
    assertThat(result.last("done").path("alive").asInt()).isEqualTo(50);
  }

  @Test
  void becomesTheGetterOfWhoeverDials() {
    try (Peer getter = Peers.start("accept-get", "--hash", blobHash());
        Peer dialler = Peers.start("provide", "--dial", getter.target(), blob)) {
      JsonNode got = getter.await("got");
      assertThat(got.path("remote").asText()).isEqualTo(dialler.endpoint());
      assertThat(got.path("bytes").asLong()).isEqualTo(BLOB_BYTES);
      assertThat(got.path("blake3").asText()).isEqualTo(blobHash());
      getter.done();
    }
  }

  @Test
  void refusesAnUnknownProtocol() {
    Peer.Result refused =
        Peers.start("echo-client", "--addr", provider.target()).finish(Peer.USUAL);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.last("error").path("message").asText()).contains("peer doesn't support");
  }

  @Test
  void echoesThroughKeyUpdatesAndPortChanges() {
    try (Peer server = Peers.start("echo-server", "--key-update-every", 200)) {
      JsonNode plain =
          Peers.start(
                  "echo-client",
                  "--addr",
                  server.target(),
                  "--bytes",
                  1_000_000,
                  "--streams",
                  10,
                  "--uni",
                  3,
                  "--datagrams",
                  20,
                  "--resets",
                  3,
                  "--stops",
                  3)
              .done();
      assertThat(plain.path("bytes_each_way").asLong()).isEqualTo(10_000_000);
      assertThat(plain.path("datagrams_received").asInt()).isPositive();
      JsonNode updated =
          Peers.start(
                  "echo-client",
                  "--addr",
                  server.target(),
                  "--bytes",
                  500_000,
                  "--streams",
                  4,
                  "--key-update-every",
                  100,
                  "--until-key-updates",
                  4,
                  "--rebind-after-bytes",
                  1_000_000)
              .done();
      assertThat(updated.path("key_updates").asLong()).isGreaterThanOrEqualTo(4);
      assertThat(updated.path("rebinds").asLong()).isEqualTo(1);
    }
  }

  @Test
  void getsWhileChangingThePort() {
    JsonNode done =
        Peers.start(
                "get",
                "--ticket",
                blobTicket(),
                "--rehash",
                "--rebind-after-bytes",
                500_000,
                "--rebind-times",
                3)
            .done();
    assertThat(done.path("rebinds").asInt()).isEqualTo(3);
    assertThat(done.path("blake3").asText()).isEqualTo(blobHash());
  }

  @Test
  void getsThroughABadNetwork() {
    try (Proxy proxy =
        Proxy.to(provider.addr())
            .loss(0.02)
            .reorder(0.02, Duration.ofMillis(5))
            .duplicate(0.01)
            .corrupt(0.001)
            .delay(Duration.ofMillis(5))
            .resetMapping(100, 1)
            .seed(42)
            .start()) {
      Object[] get = {
        "get",
        "--ticket",
        blobTicket(),
        "--addr",
        proxy.target(provider.endpoint()),
        "--rehash",
        // An iroh getter would find the provider's own address and leave the proxy out.
        "--noq"
      };
      JsonNode done = Peers.start(get).done();
      assertThat(done.path("blake3").asText()).isEqualTo(blobHash());
      JsonNode stats = proxy.set("loss 1.0");
      assertThat(stats.path("down").path("lost").asInt()).isPositive();
      assertThat(stats.path("down").path("reordered").asInt()).isPositive();
      assertThat(stats.path("down").path("duplicated").asInt()).isPositive();
      assertThat(stats.path("mapping_resets").asInt()).isEqualTo(1);
      Object[] hopeless = {
        "get",
        "--ticket",
        blobTicket(),
        "--addr",
        proxy.target(provider.endpoint()),
        "--timeout-ms",
        1000
      };
      Peer.Result lost = Peers.start(hopeless).finish(Peer.USUAL);
      assertThat(lost.last("failed").path("kind").asText()).isEqualTo("timeout");
    }
  }

  @Test
  void sendmeReceivesFromSendme() {
    Path into = temporary.resolve("into");
    TestFiles.random(into.resolve(".keep"), 0, 0);
    try (Sendme.Sender sender = Sendme.send(temporary, folder)) {
      Sendme.receive(into, sender.ticket(), Peer.USUAL).expectExit(0);
    }
    TestFiles.assertSameTree(folder, into.resolve("folder"));
  }

  @Test
  void sendmeReceivesFromAProvider() {
    Path into = temporary.resolve("into");
    TestFiles.random(into.resolve(".keep"), 0, 0);
    Sendme.receive(into, folderTicket(), Peer.USUAL).expectExit(0);
    TestFiles.assertSameTree(folder, into.resolve("folder"));
  }

  @Test
  void aKilledProviderIsMissedAndFoundAgain() {
    String secret = "11".repeat(32);
    try (Peer first = Peers.start("provide", "--secret", secret, blob)) {
      String target = first.target();
      Peer getter =
          Peers.start(
              "get",
              "--addr",
              target,
              "--hash",
              blobHash(),
              "--read-delay-ms",
              20,
              "--progress-every",
              100_000,
              "--idle-ms",
              1500);
      getter.await("progress");
      first.kill();
      assertThat(getter.finish(Peer.USUAL).last("failed").path("kind").asText()).isEqualTo("read");
      try (Peer second = Peers.start("provide", "--secret", secret, "--bind", first.addr(), blob)) {
        assertThat(second.target()).isEqualTo(target);
        JsonNode done = Peers.start("get", "--addr", target, "--hash", blobHash()).done();
        assertThat(done.path("bytes").asLong()).isEqualTo(BLOB_BYTES);
      }
    }
  }
}
