package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code pin} fetches from real providers into the daemon's cache, where it stays; and what is
 * there, or has come so far, is given to Rust getters.
 */
final class PinTest {
  private static final int MB = 1_000_000;
  private static final int BLOB_BYTES = 4 * MB + 345;
  private static final int OTHER_BYTES = 150_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private static Path shared = Path.of("");
  private static Path blob = Path.of("");

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void makeBlob() {
    blob = TestFiles.random(shared.resolve("blob.bin"), BLOB_BYTES, 1);
  }

  private Daemon daemon() {
    return Daemon.on(temporary.resolve("state")).shortLived().start();
  }

  /** {@code pin} with these tickets, in the background. */
  private Child pin(List<String> tickets) {
    List<Object> arguments = new ArrayList<>(List.of("pin"));
    arguments.addAll(tickets);
    arguments.addAll(List.of("--state", temporary.resolve("state")));
    return Child.start(temporary, Map.of(), Cli.command(List.of(), arguments));
  }

  private static void assertGives(Daemon daemon, String hash, Path expected, Path into) {
    Peers.start("get", "--addr", daemon.target(), "--hash", hash, "--out", into).done(LIMIT);
    TestFiles.assertSame(expected, into);
  }

  private static void assertCached(Daemon daemon, String hash, boolean pinned) {
    JsonNode line = daemon.cached(hash);
    assertThat(line.path("state").asText()).isEqualTo("complete");
    assertThat(line.path("pinned").asBoolean()).isEqualTo(pinned);
    assertThat(line.path("size_bytes").asLong()).isEqualTo(BLOB_BYTES);
    JsonNode why = daemon.why(hash);
    assertThat(why.path("state").asText()).as(why.toString()).isEqualTo("cached");
    assertThat(why.path("pinned").asBoolean()).isEqualTo(pinned);
  }

  /** More goes through the cache than it has room for: the pinned blob stays until unpinned. */
  @Test
  void whatIsPinnedOutlivesItsProvidersRestartsAndPressure() {
    Path folder = temporary.resolve("others");
    for (int i = 0; i < 250; i++) {
      // Small enough to be kept at the first request.
      TestFiles.random(folder.resolve(i + ".bin"), OTHER_BYTES, 100 + i);
    }
    Path list = temporary.resolve("list");
    try (Peer others = Peers.start("provide", "--each", "--list", list, folder)) {
      Path config =
          TestFiles.config(
              temporary,
              "cache.max_size = \"16 MB\"",
              "cache.min_free = \"0 B\"",
              "cache.peers = [\"%s\"]".formatted(others.target()));
      Daemon first =
          Daemon.on(temporary.resolve("state"))
              .shortLived()
              .gateway("127.0.0.1:0")
              .argument("--config")
              .argument(config)
              .start();
      String hash;
      try (Swarm swarm = Swarm.of(blob).honest().bad("lie").start()) {
        hash = swarm.hash();
        Child.Finished done = pin(swarm.tickets()).finish(LIMIT).expectExit(0);
        assertThat(done.stdout().getLast()).startsWith("pinned " + hash);
      }
      assertCached(first, hash, true);
      assertGives(first, hash, blob, temporary.resolve("first"));
      List<String> hashes = TestFiles.lines(list).stream().map(l -> l.substring(0, 64)).toList();
      try (Daemon next = first.restart()) {
        pressed(next, hashes.subList(0, 125));
        assertCached(next, hash, true);
        assertGives(next, hash, blob, temporary.resolve("next"));
        next.cli("unpin", hash);
        assertCached(next, hash, false);
        pressed(next, hashes.subList(125, 250));
        assertThat(next.cached()).doesNotContainKey(hash);
        assertThat(next.why(hash).path("seeded").asBoolean()).isFalse();
      }
    }
  }

  /** Asks for each: room is made for them, and the budget holds. */
  private static void pressed(Daemon daemon, List<String> hashes) {
    for (String each : hashes) {
      assertThat(Http.get(daemon.gateway() + "/blobs/" + each)).hasSize(OTHER_BYTES);
    }
    JsonNode cache = daemon.status().path("cache");
    assertThat(cache.path("used_bytes").asLong()).isLessThanOrEqualTo(16 * MB);
    assertThat(cache.path("removed").path("evicted").asLong()).isPositive();
  }

  @Test
  void aCollectionIsPinnedWithAllItsFiles() {
    Path folder = temporary.resolve("album");
    TestFiles.random(folder.resolve("empty"), 0, 2);
    TestFiles.random(folder.resolve("deep/er/large.bin"), 3 * MB, 4);
    for (int i = 0; i < 50; i++) {
      TestFiles.random(folder.resolve("many/" + i), 1 + i * 500L, i);
    }
    Daemon first = daemon();
    String hash;
    try (Swarm swarm = Swarm.of(folder).honest().parts(2).start()) {
      hash = swarm.hash();
      pin(swarm.tickets()).finish(LIMIT).expectExit(0);
    }
    Path out = temporary.resolve("out");
    try (Daemon next = first.restart()) {
      Object[] get = {"get", "--addr", next.target(), "--hash", hash, "--hashseq", "--out", out};
      Peers.start(get).done(LIMIT);
      TestFiles.assertSameTree(folder, out.resolve("album"));
      // 51 files of which the empty one is nowhere, the list of hashes, and the names.
      assertThat(next.cached().values())
          .hasSize(53)
          .allMatch(line -> line.path("state").asText().equals("complete"))
          .allMatch(line -> line.path("pinned").asBoolean());
      next.cli("unpin", hash);
      assertThat(next.cached().values())
          .hasSize(53)
          .noneMatch(line -> line.path("pinned").asBoolean());
    }
  }

  @Test
  void aPinThatWasKilledGoesOn() {
    try (Swarm swarm = Swarm.of(blob).capped(MB / 2).capped(MB / 2).start()) {
      Daemon first = daemon();
      try (Child pin = pin(swarm.tickets())) {
        TestFiles.awaitCheckpoint(temporary.resolve("state"), LIMIT);
        first.kill();
        assertThat(pin.finish(LIMIT).exit()).isNotZero();
      }
      long durable = TestFiles.durableBytes(temporary.resolve("state"), swarm.hash());
      assertThat(durable).isPositive();
      long before = swarm.sentBytesWhenQuiet(LIMIT);
      try (Daemon next = first.restart()) {
        next.await(
            "the pin goes on by itself",
            LIMIT,
            d -> d.why(swarm.hash()).path("state").asText().equals("cached"));
        System.out.printf(
            "killed with %d of %d bytes durable, then %d sent%n",
            durable, BLOB_BYTES, swarm.sentBytes() - before);
        assertThat(swarm.sentBytes() - before).isLessThan(BLOB_BYTES - durable + MB);
        assertCached(next, swarm.hash(), true);
        assertGives(next, swarm.hash(), blob, temporary.resolve("got"));
      }
    }
  }

  @Test
  void aPinThatCannotBeHadNowStays() {
    try (Daemon daemon = daemon()) {
      String hash;
      List<String> tickets;
      try (Swarm swarm = Swarm.of(blob).honest().start()) {
        hash = swarm.hash();
        tickets = swarm.tickets();
      }
      Child.Finished failed = pin(tickets).finish(LIMIT).expectExit(1);
      assertThat(failed.stderr()).contains(hash, "is pinned but not here yet");
      assertThat(daemon.cached(hash).path("state").asText()).isEqualTo("missing");
      assertThat(daemon.why(hash).path("state").asText()).isEqualTo("pinned");
      assertThat(daemon.status().path("alerts").toString()).contains("1 pins are not here yet");
      daemon.cli("unpin", hash);
      assertThat(daemon.cached()).doesNotContainKey(hash);
      assertThat(daemon.status().path("alerts")).isEmpty();
      assertThat(daemon.tryCli("unpin", hash).exit()).isEqualTo(4);
    }
  }

  @Test
  void aPartialBlobIsObservedAndGivenWhileItArrives() {
    try (Daemon daemon = daemon();
        Swarm swarm = Swarm.of(blob).capped(MB / 2).capped(MB / 2).start();
        Child pin = pin(swarm.tickets())) {
      JsonNode first = observePart(daemon, swarm.hash());
      long from = first.path("boundaries").path(0).asLong();
      String range = from + ".." + (from + 16);
      Object[] get = {
        "get", "--addr", daemon.target(), "--hash", swarm.hash(), "--ranges", range, "--rehash"
      };
      JsonNode part = Peers.start(get).done();
      assertThat(part.path("bytes").asLong()).isEqualTo(16 * 1024);
      Object[] observe = {
        "observe", "--addr", daemon.target(), "--hash", swarm.hash(), "--items", 3
      };
      List<JsonNode> items = Peers.start(observe).finish(LIMIT).all("item");
      assertThat(items).hasSize(3);
      long chunks = 0;
      for (JsonNode item : items) {
        assertThat(chunks(item)).as("what is new").isPositive();
        chunks += chunks(item);
      }
      assertThat(chunks).isLessThan(BLOB_BYTES / 1024);
      assertThat(pin.isAlive()).as("still pulling").isTrue();
      pin.finish(LIMIT).expectExit(0);
      assertGives(daemon, swarm.hash(), blob, temporary.resolve("got"));
    }
  }

  /** How many chunks an item of Observe says are there. */
  private static long chunks(JsonNode item) {
    long chunks = 0;
    JsonNode boundaries = item.path("boundaries");
    for (int i = 0; i < boundaries.size(); i += 2) {
      long end =
          i + 1 < boundaries.size() ? boundaries.get(i + 1).asLong() : (BLOB_BYTES + 1023) / 1024;
      chunks += end - boundaries.get(i).asLong();
    }
    return chunks;
  }

  /** Waits until a first part is there. */
  private static JsonNode observePart(Daemon daemon, String hash) {
    Deadline deadline = Deadline.after(LIMIT);
    while (!deadline.isOver()) {
      Peer peer = Peers.start("observe", "--addr", daemon.target(), "--hash", hash);
      JsonNode item = peer.await("item");
      peer.done();
      assertThat(item.path("complete").asBoolean()).as("before any part was seen").isFalse();
      JsonNode boundaries = item.path("boundaries");
      if (boundaries.size() > 1 && boundaries.get(1).asLong() - boundaries.get(0).asLong() >= 16) {
        return item;
      }
    }
    throw new AssertionError("no part of " + hash + daemon.child().describe());
  }
}
