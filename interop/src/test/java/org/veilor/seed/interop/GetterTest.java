package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.blobs.getter.Blame;
import org.veilor.seed.blobs.getter.GetterEvent;
import org.veilor.seed.blobs.getter.GetterFailure;
import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.blobs.getter.Observation;
import org.veilor.seed.blobs.getter.ObserverSession;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;
import org.veilor.seed.node.net.NetPeerClient;

/**
 * Our getter, one request at a time, at real providers: what it makes of each bad one (blobs.md
 * §2.9), and what it learns by Observe.
 */
@Timeout(60)
final class GetterTest {
  private static final int BLOB_BYTES = 3_000_001;
  private static final long MAX_BLOB_BYTES = 1L << 40;

  @TempDir private static Path shared = Path.of("");
  private static Path blob = Path.of("");
  private static byte[] original = new byte[0];

  @SuppressWarnings("NullAway.Init")
  private static IrohEndpoint endpoint;

  @BeforeAll
  static void start() throws IOException {
    blob = TestFiles.random(shared.resolve("blob.bin"), BLOB_BYTES, 1);
    original = Files.readAllBytes(blob);
    byte[] secret = new byte[SecretKey.LENGTH];
    Arrays.fill(secret, (byte) 5);
    endpoint =
        IrohEndpoint.builder(SecretKey.of(secret))
            .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
            .start();
  }

  @AfterAll
  static void stop() {
    endpoint.close();
  }

  private static PeerLink connect(BlobTicket ticket) throws Exception {
    return new NetPeerClient(endpoint)
        .connect(ticket.addr())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Feeds a session with a response, and compares every verified byte with the original. */
  private static final class Response implements PeerRequest.Listener {
    private final GetterSession session;
    private final CompletableFuture<Optional<GetterFailure>> outcome = new CompletableFuture<>();
    private final AtomicLong verified = new AtomicLong();

    Response(GetterSession session) {
      this.session = session;
    }

    @Override
    public void onBytes(byte[] data, int offset, int length) {
      int at = offset;
      while (!outcome.isDone()) {
        GetterEvent event = session.next(data, at, offset + length - at);
        at += session.consumed();
        switch (event) {
          case GetterEvent.NeedMore _ -> {
            return;
          }
          case GetterEvent.Data leaf -> verify(leaf);
          case GetterEvent.Complete _ -> outcome.complete(Optional.empty());
          case GetterEvent.Failed failed -> outcome.complete(Optional.of(GetterFailure.of(failed)));
          default -> {}
        }
      }
    }

    private void verify(GetterEvent.Data data) {
      int from = (int) data.leaf().offsetBytes();
      int length = data.leaf().lengthBytes();
      if (!Arrays.equals(data.buffer(), 0, length, original, from, from + length)) {
        outcome.completeExceptionally(new AssertionError("wrong bytes at " + from));
      }
      verified.addAndGet(length);
    }

    @Override
    public void onEnd() {
      outcome.complete(session.finished());
    }

    @Override
    public void onReset(long code) {
      outcome.complete(session.reset(code));
    }

    @Override
    public void onLost(String why) {
      outcome.complete(session.connectionLost(why));
    }
  }

  private static String name(Optional<GetterFailure> outcome) {
    return outcome.map(failure -> failure.getClass().getSimpleName()).orElse("");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "lie,          0,       Lied,           LIE,              0",
    "lie-pair,     0,       Lied,           LIE,              0",
    "lie-late,     1000000, Lied,           LIE,              900000",
    "reset-1,      0,       Denied,         NONE_MISSING,     0",
    "reset-2,      0,       Busy,           NONE_BUSY,        0",
    "reset-3,      0,       Reset,          RETRY_ONCE_ALONE, 0",
    "reset-77,     0,       Reset,          RETRY_ONCE_ALONE, 0",
    "reset-after,  1000000, Reset,          RETRY_ONCE_ALONE, 0",
    "fin-after,    0,       NotFound,       NONE_MISSING,     0",
    "fin-after,    5,       Truncated,      TRANSPORT,        0",
    "fin-after,    8,       RestMissing,    NONE_MISSING,     0",
    "fin-after,    30,      Truncated,      TRANSPORT,        0",
    "fin-after,    520,     RestMissing,    NONE_MISSING,     0",
    "fin-after,    600,     Truncated,      TRANSPORT,        0",
    "fin-after,    1000000, Truncated,      TRANSPORT,        900000",
    "close-after,  1000000, ConnectionLost, TRANSPORT,        0",
    "huge-size,    0,       SizeRefused,    NONE_MISSING,     0",
    "wrong-size,   0,       Truncated,      TRANSPORT,        2900000",
    "size-zero,    0,       SizeZero,       NONE_MISSING,     0",
  })
  void everyBadAnswerHasItsMeaning(
      String mode, long after, String failure, Blame blame, long atLeast) throws Exception {
    try (Swarm swarm = Swarm.of(blob).bad(mode, "--after", after).start()) {
      Response response = ask(swarm, 0);
      Optional<GetterFailure> outcome = response.outcome.get(20, TimeUnit.SECONDS);
      assertThat(name(outcome)).as(outcome.toString()).isEqualTo(failure);
      assertThat(outcome.orElseThrow().meaning()).isEqualTo(blame);
      assertThat(response.verified.get()).isBetween(atLeast, (long) BLOB_BYTES - 1);
    }
  }

  /** What comes behind the last byte, or does not come, is no failure. */
  @ParameterizedTest
  @ValueSource(strings = {"no-fin", "extra", "reset-at-end"})
  void everythingIsThereWithTheLastByte(String mode) throws Exception {
    try (Swarm swarm = Swarm.of(blob).bad(mode).start()) {
      Response response = ask(swarm, 0);
      assertThat(response.outcome.get(20, TimeUnit.SECONDS)).isEmpty();
      assertThat(response.verified.get()).isEqualTo(BLOB_BYTES);
    }
  }

  /** Only time tells these from honest ones; cancelling them tells the provider. */
  @ParameterizedTest
  @ValueSource(strings = {"stall-after", "trickle"})
  void whoStallsIsCancelled(String mode) throws Exception {
    try (Swarm swarm = Swarm.of(blob).bad(mode, "--after", 1_000_000).start()) {
      BlobTicket ticket = BlobTicket.parse(swarm.ticket(0));
      Request.Get get = Request.Get.blob(ticket.content().hash());
      Response response = new Response(new GetterSession(get, null, MAX_BLOB_BYTES));
      PeerLink link = connect(ticket);
      PeerRequest request = link.open(RequestCodec.encode(get), response);
      assertThat(response.outcome)
          .failsWithin(Duration.ofSeconds(1))
          .withThrowableOfType(TimeoutException.class);
      assertThat(response.verified.get()).isBetween(900_000L, 1_100_000L);
      request.cancel();
      Deadline deadline = Deadline.after(Peer.USUAL);
      while (swarm.stats(0).path("cancelled").asInt() == 0) {
        assertThat(deadline.isOver()).as("STOP_SENDING is seen").isFalse();
        Deadline.pause(Duration.ofMillis(20));
      }
      assertThat(link.isOpen()).as("the connection is of further use").isTrue();
      link.giveUp();
    }
  }

  private static Response ask(Swarm swarm, int index) throws Exception {
    BlobTicket ticket = BlobTicket.parse(swarm.ticket(index));
    Request.Get get = Request.Get.blob(ticket.content().hash());
    Response response = new Response(new GetterSession(get, null, MAX_BLOB_BYTES));
    connect(ticket).open(RequestCodec.encode(get), response);
    return response;
  }

  /** What was observed of each part is what can be fetched of it. */
  @Test
  void partsAreObserved() throws Exception {
    try (Swarm swarm = Swarm.of(blob).parts(3).honest().bad("lie").start()) {
      ChunkRanges all = ChunkRanges.EMPTY;
      for (int i = 0; i < 3; i++) {
        Observation part = observe(BlobTicket.parse(swarm.ticket(i)));
        assertThat(part.isComplete()).isFalse();
        assertThat(part.sizeProven()).isEqualTo(i == 2);
        assertThat(part.sizeBytes()).isEqualTo(BLOB_BYTES);
        assertThat(all.intersect(part.present()).isEmpty()).isTrue();
        all = all.union(part.present());
      }
      assertThat(all.isAll()).isTrue();
      assertThat(observe(BlobTicket.parse(swarm.ticket(3))).isComplete()).isTrue();
      assertThat(observe(BlobTicket.parse(swarm.ticket(4))).isComplete()).as("so it says").isTrue();
      BlobTicket unknown = BlobTicket.parse(Swarm.ofHash("07".repeat(32), swarm.ticket(0)));
      assertThat(observe(unknown)).isEqualTo(Observation.UNKNOWN);
    }
  }

  /** The first item. */
  private static Observation observe(BlobTicket ticket) throws Exception {
    Hash hash = ticket.content().hash();
    var session = new ObserverSession(hash);
    var first = new CompletableFuture<Observation>();
    var listener =
        new PeerRequest.Listener() {
          @Override
          public void onBytes(byte[] data, int offset, int length) {
            if (session.next(data, offset, length) instanceof ObserverSession.Event.Updated news) {
              first.complete(news.observation());
            }
          }

          @Override
          public void onEnd() {
            first.completeExceptionally(new AssertionError("ended"));
          }

          @Override
          public void onReset(long code) {
            first.completeExceptionally(new AssertionError("reset " + code));
          }

          @Override
          public void onLost(String why) {
            first.completeExceptionally(new AssertionError(why));
          }
        };
    byte[] request = RequestCodec.encode(new Request.Observe(hash, ChunkRanges.ALL));
    PeerRequest observing = connect(ticket).open(request, listener);
    Observation observation = first.get(20, TimeUnit.SECONDS);
    observing.cancel();
    return observation;
  }
}
