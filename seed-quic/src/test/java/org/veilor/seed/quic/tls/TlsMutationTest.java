package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;

/** Real flights with random changes: refused as the peer's fault, never anything worse. */
class TlsMutationTest {
  private static final long SEED = 20261121;
  private static final int ROUNDS = 400;

  @Test
  void changedFlightsAreRefused() {
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      TlsSession client = Handshake.client(Handshake.clientConfig());
      TlsSession server = Handshake.server(Handshake.serverConfig());
      int target = random.nextInt(4);
      try {
        for (int flight = 0; flight < 4; flight++) {
          boolean fromClient = flight % 2 == 0;
          send(
              fromClient ? client : server,
              fromClient ? server : client,
              flight == target ? random : null);
        }
      } catch (TransportException e) {
        assertThat(e.code()).as("seed %d, round %d", SEED, round).isBetween(0x1L, 0x1ffL);
        refused++;
      }
    }
    // The last flight is empty, and some bytes of a ClientHello may be anything as long as the
    // transcripts are not compared; all else must fail.
    assertThat(refused).isGreaterThan(ROUNDS / 2);
  }

  private static void send(
      TlsSession from, TlsSession to, @org.jspecify.annotations.Nullable Random random)
      throws TransportException {
    List<TlsOutput.CryptoData> flight =
        Handshake.all(new ArrayList<>(Handshake.drain(from)), TlsOutput.CryptoData.class);
    int changed = random == null || flight.isEmpty() ? -1 : random.nextInt(flight.size());
    for (int i = 0; i < flight.size(); i++) {
      byte[] bytes = flight.get(i).bytes().clone();
      if (i == changed && random != null) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      to.receive(flight.get(i).level(), ByteBuffer.wrap(bytes));
    }
  }
}
