package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;

class ProvingClientTest {
  private static final EndpointAddr ORIGIN = EndpointAddr.of(id("origin"));
  private static final EndpointAddr STRANGER = EndpointAddr.of(id("stranger"));
  private static final ServiceKey.Group GROUP =
      new ServiceKey.Group(
          new ServiceName("x.veilor", "media"), ServiceSecret.of(hash("secret").toBytes()));

  @TempDir private Path state = Path.of("");
  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
  private final List<EndpointAddr> shown = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private CompletableFuture<Boolean> outcome = CompletableFuture.completedFuture(true);
  private boolean isReachable = true;
  private Groups groups;
  private ProvingClient client;

  /** A connection whose requests the test answers. */
  private static final class Link implements PeerLink {
    private final List<PeerRequest.Listener> asked = new ArrayList<>();
    private boolean isOpen = true;

    @Override
    public long rttNanos() {
      return 0;
    }

    @Override
    public PeerRequest open(byte[] request, PeerRequest.Listener listener) {
      asked.add(listener);
      return new PeerRequest() {
        @Override
        public void cancel() {}

        @Override
        public void pause() {}

        @Override
        public void resume() {}
      };
    }

    @Override
    public void giveUp() {}

    @Override
    public boolean isOpen() {
      return isOpen;
    }
  }

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EndpointId id(String name) {
    return SecretKey.of(hash(name).toBytes()).id();
  }

  @BeforeEach
  void open() {
    Invite invite = new Invite(GROUP, List.of(ORIGIN.id()), List.of());
    groups = Groups.open(state, () -> List.of(invite), now::get);
    client =
        new ProvingClient(
            addr -> {
              if (!isReachable) {
                return CompletableFuture.failedFuture(new IOException("nobody is there"));
              }
              if (links.isEmpty() || !links.getLast().isOpen) {
                links.add(new Link());
              }
              return CompletableFuture.completedFuture(links.getLast());
            },
            groups,
            (addr, claimed) -> {
              assertThat(claimed).containsExactly(GROUP);
              shown.add(addr);
              return outcome;
            },
            now::get);
  }

  @AfterEach
  void close() {
    groups.close();
  }

  private PeerLink connect(EndpointAddr addr) {
    return client.connect(addr).toCompletableFuture().join();
  }

  @Test
  void whoIsNotExpectedInAGroupIsShownNothing() {
    connect(STRANGER);
    assertThat(shown).isEmpty();
    groups.proved(GROUP, STRANGER.id(), now.get());
    connect(STRANGER);
    assertThat(shown).containsExactly(STRANGER);
  }

  @Test
  void aProofIsShownOncePerConnectionAndEveryTwelveHours() {
    connect(ORIGIN);
    connect(ORIGIN);
    assertThat(shown).hasSize(1);
    links.getLast().isOpen = false;
    connect(ORIGIN);
    assertThat(shown).hasSize(2);
    now.addAndGet(MembershipLimits.PROVE_AGAIN_MILLIS - 1);
    connect(ORIGIN);
    assertThat(shown).hasSize(2);
    now.incrementAndGet();
    connect(ORIGIN);
    assertThat(shown).hasSize(3);
  }

  @Test
  void theLinkWaitsForTheProofAndDoesNotFailWithIt() {
    outcome = new CompletableFuture<>();
    CompletableFuture<PeerLink> waiting = client.connect(ORIGIN).toCompletableFuture();
    assertThat(waiting).isNotDone();
    outcome.complete(false);
    assertThat(waiting.join().isOpen()).isTrue();
    assertThat(client.size()).as("it is shown again").isZero();
  }

  @Test
  void whoCannotBeReachedFailsAtOnceWithTheReason() {
    isReachable = false;
    outcome = new CompletableFuture<>();
    assertThat(client.connect(ORIGIN).toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(100))
        .withThrowableThat()
        .withMessageContaining("nobody is there");
  }

  @Test
  void whoHasNotWhatIsAskedForMayHaveForgottenUs() {
    PeerRequest.Listener ignored =
        new PeerRequest.Listener() {
          @Override
          public void onBytes(byte[] data, int offset, int length) {}

          @Override
          public void onEnd() {}

          @Override
          public void onReset(long code) {
            assertThat(code).isEqualTo(3);
          }

          @Override
          public void onLost(String why) {}
        };
    PeerLink link = connect(ORIGIN);
    var _ = link.open(new byte[0], ignored);
    links.getLast().asked.getFirst().onReset(3);
    connect(ORIGIN);
    assertThat(shown).as("it was shown a moment ago").hasSize(1);
    now.addAndGet(MembershipLimits.DOUBT_MILLIS);
    var _ = link.open(new byte[0], ignored);
    links.getLast().asked.get(1).onBytes(new byte[1], 0, 1);
    links.getLast().asked.get(1).onReset(3);
    connect(ORIGIN);
    assertThat(shown).as("it gave something").hasSize(1);
    var _ = link.open(new byte[0], ignored);
    links.getLast().asked.get(2).onReset(3);
    connect(ORIGIN);
    assertThat(shown).hasSize(2);
  }
}
