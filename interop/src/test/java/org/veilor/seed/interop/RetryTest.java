package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.quic.crypto.AddressTokens;
import org.veilor.seed.quic.packet.ParsedPacket;

/**
 * While many handshakes are open, newcomers are told to prove their address (RFC 9000 §8.1.2):
 * honest peers do so and are served, and nothing but a token of this daemon for this address and
 * time lets a client in.
 */
final class RetryTest {
  private static final int CONNECTIONS = 64;

  /** A quarter of the connections: from so many open handshakes on there is a Retry. */
  private static final int RETRY_ABOVE = CONNECTIONS / 4;

  private static final int SIZE = 1_000_001;

  @TempDir private Path temporary = Path.of("");
  private Path file = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private Daemon daemon;

  @SuppressWarnings("NullAway.Init")
  private RawClient client;

  @BeforeEach
  void openHandshakes() throws Exception {
    Path config = temporary.resolve("config.toml");
    Files.writeString(config, "[limits]\nconnections = " + CONNECTIONS + "\n");
    daemon =
        Daemon.on(temporary.resolve("state"))
            .shortLived()
            .argument("--config")
            .argument(config)
            .start();
    file = TestFiles.random(temporary.resolve("file.bin"), SIZE, 1);
    daemon.cli("add", "--raw", file);
    client = new RawClient(daemon, 1);
    for (int i = 0; i < RETRY_ABOVE; i++) {
      assertThat(client.ask(client.initial())).isInstanceOf(ParsedPacket.LongHeader.class);
    }
    assertThat(daemon.counter("handshakes")).isEqualTo(RETRY_ABOVE);
    assertThat(daemon.counter("retries_sent")).isZero();
  }

  @AfterEach
  void stop() {
    client.close();
    daemon.close();
  }

  private ParsedPacket.Retry retry(RawClient from) throws Exception {
    return retry(from, from.initial());
  }

  private static ParsedPacket.Retry retry(RawClient from, byte[] initial) throws Exception {
    ParsedPacket answer = from.ask(initial);
    assertThat(answer).isInstanceOf(ParsedPacket.Retry.class);
    return (ParsedPacket.Retry) answer;
  }

  private void assertServed(Object... more) {
    long retries = daemon.counter("retries_sent");
    long established = daemon.counter("connections_established");
    Object[] usual = {"get", "--addr", daemon.target(), "--hash", daemon.hash(file), "--rehash"};
    Object[] all = Arrays.copyOf(usual, usual.length + more.length);
    System.arraycopy(more, 0, all, usual.length, more.length);
    JsonNode done = Peers.start(all).done();
    assertThat(done.path("blake3").asText()).isEqualTo(daemon.hash(file));
    assertThat(daemon.counter("retries_sent") - retries).as("Retry packets").isPositive();
    assertThat(daemon.counter("connections_established") - established).isEqualTo(1);
    assertThat(daemon.counter("handshakes")).as("still open").isEqualTo(RETRY_ABOVE);
  }

  @Test
  void honestPeersProveTheirAddressAndAreServed() throws Exception {
    assertThat(retry(client).token()).hasSizeBetween(40, 128);
    assertServed();
    assertServed("--noq");
  }

  @Test
  void onlyAFreshTokenOfThisAddressLetsIn() throws Exception {
    ParsedPacket.Retry early = retry(client);
    long earlyNanos = System.nanoTime();
    ParsedPacket.Retry given = retry(client);
    long accepted = daemon.counter("connections_accepted");

    try (RawClient other = new RawClient(daemon, 2)) {
      retry(other, other.initial(given.source(), given.token()));
    }
    retry(client, client.initial(early.source(), given.token()));
    retry(client, client.initial(given.source(), Arrays.copyOf(given.token(), 30)));
    var random = new SplittableRandom(3);
    for (int i = 0; i < 50; i++) {
      byte[] mutated = given.token().clone();
      mutated[random.nextInt(mutated.length)] ^= (byte) (1 << random.nextInt(8));
      retry(client, client.initial(given.source(), mutated));
      byte[] invented = new byte[1 + random.nextInt(500)];
      random.nextBytes(invented);
      retry(client, client.initial(given.source(), invented));
    }
    assertThat(daemon.counter("connections_accepted")).isEqualTo(accepted);

    byte[] good = client.initial(given.source(), given.token());
    assertThat(client.ask(good)).isInstanceOf(ParsedPacket.LongHeader.class);
    assertThat(daemon.counter("handshakes")).isEqualTo(RETRY_ABOVE + 1);

    // Replayed, by itself and as another handshake: one token is one handshake.
    for (int i = 0; i < 20; i++) {
      client.send(good);
      client.send(client.initial(given.source(), given.token()));
    }
    retry(client); // all of them were handled
    assertThat(daemon.counter("connections_accepted")).isEqualTo(accepted + 1);

    long late = earlyNanos + AddressTokens.RETRY_LIFETIME.plusMillis(500).toNanos();
    Deadline.pause(Duration.ofNanos(Math.max(0, late - System.nanoTime())));
    byte[] expired = client.initial(early.source(), early.token());
    retry(client, expired);
    assertThat(daemon.counter("connections_accepted")).isEqualTo(accepted + 1);
    assertThat(daemon.counter("handshakes")).isEqualTo(RETRY_ABOVE + 1);
    JsonNode done = Peers.start("get", "--ticket", daemon.ticket(file), "--rehash").done();
    assertThat(done.path("blake3").asText()).isEqualTo(daemon.hash(file));
  }
}
