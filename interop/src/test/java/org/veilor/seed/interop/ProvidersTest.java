package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The providers that downloads are tested with, met by the unmodified getter of iroh-blobs: what it
 * says of each bad one (blobs.md §2.9), and that parts, caps, delays and figures are as asked for.
 */
final class ProvidersTest {
  /** 184 groups of 16 KiB; its response begins with 8 bytes of size and eight pairs of 64. */
  private static final int BLOB_BYTES = 3_000_001;

  private static final int GROUP = 16;
  private static final String EMPTY_HASH =
      "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

  @TempDir private static Path shared = Path.of("");
  private static Path blob = Path.of("");

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void makeBlob() {
    blob = TestFiles.random(shared.resolve("blob.bin"), BLOB_BYTES, 1);
  }

  private static Peer get(String ticket, Object... arguments) {
    List<Object> command = new ArrayList<>(List.of("get", "--ticket", ticket));
    command.addAll(List.of(arguments));
    return Peers.start(command.toArray());
  }

  /** A code of -1 means that there is none. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "lie,          0,       leaf_hash_mismatch,   -1, 0",
    "lie-pair,     0,       parent_hash_mismatch, -1, 0",
    "lie-late,     1000000, leaf_hash_mismatch,   -1, 900000",
    "stall-after,  1000000, timeout,              -1, 900000",
    "reset-1,      0,       read,                  1, 0",
    "reset-2,      0,       read,                  2, 0",
    "reset-77,     0,       read,                 77, 0",
    "reset-after,  1000000, read,                  3, 0",
    "reset-at-end, 0,       closing,               3, 3000001",
    "fin-after,    0,       not_found,            -1, 0",
    "fin-after,    5,       read,                 -1, 0",
    "fin-after,    8,       parent_not_found,     -1, 0",
    "fin-after,    30,      read,                 -1, 0",
    "fin-after,    520,     leaf_not_found,       -1, 0",
    "fin-after,    600,     read,                 -1, 0",
    "close-after,  1000000, read,                 -1, 0",
    "trickle,      0,       timeout,              -1, 0",
    "huge-size,    0,       parent_hash_mismatch, -1, 0",
    "wrong-size,   0,       read,                 -1, 2900000",
    "size-zero,    0,       leaf_hash_mismatch,   -1, 0",
    "no-fin,       0,       timeout,              -1, 3000001",
  })
  void theGetterSaysWhatIsWrong(String mode, long after, String kind, int code, long atLeast) {
    try (Swarm swarm = Swarm.of(blob).bad(mode, "--after", after).start()) {
      Peer.Result result = get(swarm.ticket(0), "--timeout-ms", 2_000).finish(Peer.USUAL);
      assertThat(result.exit()).isEqualTo(1);
      JsonNode failed = result.last("failed");
      assertThat(failed.path("kind").asText()).as(failed.toString()).isEqualTo(kind);
      assertThat(failed.path("code").asInt(-1)).as(failed.toString()).isEqualTo(code);
      assertThat(failed.path("bytes").asLong()).isGreaterThanOrEqualTo(atLeast);
      assertThat(swarm.stats(0).path("requests").asInt()).isEqualTo(1);
    }
  }

  @Test
  void theGetterToleratesBytesBehindTheEnd() {
    try (Swarm swarm = Swarm.of(blob).bad("extra").start()) {
      JsonNode done = get(swarm.ticket(0), "--rehash").done();
      assertThat(done.path("blake3").asText()).isEqualTo(swarm.hash());
    }
  }

  /**
   * As long as the last chunk is not asked for, a wrong size within the same power of two holds.
   */
  @Test
  void aWrongSizeIsBelievedUntilTheLastChunk() {
    try (Swarm swarm = Swarm.of(blob).bad("wrong-size", "--claim", BLOB_BYTES + 4_000).start()) {
      JsonNode first = get(swarm.ticket(0), "--ranges", "0..16").done();
      assertThat(first.path("bytes").asInt()).isEqualTo(16_384);
      assertThat(first.path("size").asInt()).isEqualTo(BLOB_BYTES + 4_000);
      Peer.Result last = get(swarm.ticket(0), "--ranges", "last").finish(Peer.USUAL);
      assertThat(last.last("failed").path("kind").asText()).endsWith("_mismatch");
    }
  }

  /** What a liar says is only wrong for data: it is found by Observe like any other. */
  @ParameterizedTest
  @ValueSource(strings = {"lie", "stall-after", "reset-3", "size-zero"})
  void badProvidersClaimToHaveEverything(String mode) {
    try (Swarm swarm = Swarm.of(blob).bad(mode).start()) {
      JsonNode item = observe(swarm, 0);
      assertThat(item.path("complete").asBoolean()).isTrue();
      assertThat(item.path("size").asLong()).isEqualTo(BLOB_BYTES);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mem", "fs", "fs-noinline"})
  void partsHoldWhatTheySay(String store) {
    Swarm.Builder wanted = Swarm.of(blob);
    for (int i = 1; i <= 4; i++) {
      Path folder = temporary.resolve("store-" + i);
      wanted.honest("--part", i + "/4", "--store", store, "--dir", folder);
    }
    try (Swarm swarm = wanted.start()) {
      for (int i = 0; i < 4; i++) {
        int from = 46 * i * GROUP;
        int until = i == 3 ? (BLOB_BYTES + 1023) / 1024 : 46 * (i + 1) * GROUP;
        // Who has the last chunk has everything from there on.
        String boundaries = i == 3 ? "[" + from + "]" : "[" + from + "," + until + "]";
        JsonNode item = observe(swarm, i);
        assertThat(item.path("complete").asBoolean()).isFalse();
        assertThat(item.path("boundaries").toString()).isEqualTo(boundaries);
        assertThat(item.path("validated_size").isNumber()).isEqualTo(i == 3);
        long held = Math.min(until * 1024L, BLOB_BYTES) - from * 1024L;
        assertThat(swarm.peer(i).item(0).path("held").asLong()).isEqualTo(held);

        String range = from + ".." + until;
        JsonNode done = get(swarm.ticket(i), "--ranges", range).done();
        assertThat(done.path("bytes").asLong()).isEqualTo(held);
        JsonNode failed = get(swarm.ticket(i)).finish(Peer.USUAL).last("failed");
        assertThat(failed.path("code").asInt()).as(failed.toString()).isEqualTo(3);
      }
      assertThat(swarm.each("requests")).containsOnly(2L);
    }
  }

  @Test
  void collectionsOfPartsHaveAWholeRoot() {
    Path folder = temporary.resolve("folder");
    TestFiles.random(folder.resolve("a"), 100_000, 2);
    TestFiles.random(folder.resolve("b"), 10, 3);
    try (Swarm swarm = Swarm.of(folder).parts(2).start()) {
      assertThat(swarm.peer(0).item(0).path("held").asLong()).isEqualTo(3 * 16_384);
      assertThat(swarm.peer(1).item(0).path("held").asLong()).isEqualTo(100_010 - 3 * 16_384);
      assertThat(Set.copyOf(swarm.tickets())).hasSize(2);
      JsonNode root = get(swarm.ticket(1), "--ranges", "0..0").done();
      assertThat(root.path("bytes").asLong()).as("metadata and two files").isEqualTo(3 * 32);
    }
  }

  @Test
  void capsAndDelaysHold() {
    try (Swarm swarm = Swarm.of(blob).capped(2_000_000).honest("--delay-ms", 400).start()) {
      JsonNode capped = get(swarm.ticket(0)).done();
      assertThat(capped.path("seconds").asDouble()).isBetween(1.3, 6.0);
      // What is in flight at once shares the cap of the connection.
      JsonNode together = get(swarm.ticket(0), "--ranges", "0..700", "--parallel", 4).done();
      assertThat(together.path("seconds").asDouble()).isBetween(1.2, 6.0);
      JsonNode delayed = get(swarm.ticket(1)).done();
      assertThat(delayed.path("seconds").asDouble()).isBetween(0.4, 5.0);
      assertThat(swarm.stats(0).path("bytes_sent").asLong())
          .isBetween(BLOB_BYTES + 4L * 700 * 1024, (BLOB_BYTES + 4L * 700 * 1024) * 101 / 100);
    }
  }

  @Test
  void figuresTellWhatWasAskedAndCancelled() throws IOException {
    try (Swarm swarm = Swarm.of(blob).honest("--log-requests", "--rate-bytes", 1_000_000).start()) {
      // The second one keeps the connection open until the STOP_SENDING of the first has left.
      Path requests = temporary.resolve("requests");
      String ofOneBlob = "020001000100";
      Files.write(
          requests, List.of("00" + swarm.hash() + ofOneBlob, "00" + EMPTY_HASH + ofOneBlob));
      Object[] stopped = {
        "raw",
        "--addr",
        swarm.peer(0).target(),
        "--request",
        "@" + requests,
        "--stop-after",
        100_000,
        "--stop-code",
        9
      };
      Peer.Result responses = Peers.start(stopped).finish(Peer.USUAL);
      assertThat(responses.all("response"))
          .extracting(r -> r.path("end").asText())
          .containsExactly("stopped", "fin");
      get(swarm.ticket(0), "--ranges", "16..32,64..80").done();
      observe(swarm, 0);
      JsonNode figures = swarm.stop().getFirst();
      assertThat(figures.path("connections").asInt()).isEqualTo(3);
      assertThat(figures.path("requests").asInt()).isEqualTo(3);
      assertThat(figures.path("observes").asInt()).isEqualTo(1);
      assertThat(figures.path("cancelled").asInt()).isEqualTo(1);
      assertThat(figures.path("cancel_codes").path("9").asInt()).isEqualTo(1);
      assertThat(figures.path("completed").asInt()).isEqualTo(2);
      assertThat(figures.path("aborted").asInt()).isEqualTo(1);
      List<JsonNode> log = swarm.requests(0);
      assertThat(log)
          .extracting(r -> r.path("kind").asText())
          .containsExactly("get", "get", "get", "observe");
      assertThat(log.get(2).path("ranges").toString())
          .isEqualTo("[{\"boundaries\":[16,32,64,80],\"index\":0}]");
    }
  }

  @Test
  void ticketsLeadThroughAProxy() {
    try (Swarm swarm = Swarm.of(blob).honest().start();
        Proxy proxy = Proxy.to(swarm.peer(0).addr()).delay(Duration.ofMillis(20)).start()) {
      String ticket = Swarm.through(proxy, swarm.ticket(0));
      JsonNode done = get(ticket, "--noq", "--rehash").done();
      assertThat(done.path("blake3").asText()).isEqualTo(swarm.hash());
      assertThat(proxy.stats().path("up").path("packets").asLong()).isPositive();
    }
  }

  private static JsonNode observe(Swarm swarm, int index) {
    Peer peer =
        Peers.start("observe", "--addr", swarm.peer(index).target(), "--hash", swarm.hash());
    JsonNode item = peer.await("item");
    peer.done();
    return item;
  }
}
