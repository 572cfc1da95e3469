package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.Forger;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** Datagrams of any kind at an endpoint, with and without the right keys: nothing is thrown. */
class EndpointFuzzTest {
  private static final long MILLI = 1_000_000;
  private static final List<EncryptionLevel> LEVELS = List.of(EncryptionLevel.values());

  /**
   * The input is a list of datagrams, each with a byte for its kind and two for its length: bytes
   * as they are, a real datagram of the network with the input laid over it, or a payload sealed
   * with the right keys.
   */
  @FuzzTest(maxDuration = "60s")
  void datagramsOfAnyKindNeverThrow(byte[] input) {
    Pair pair = new Pair(1, Conditions.perfect());
    byte[][] real = {new byte[1200]};
    pair.network.filter =
        (path, bytes) -> {
          real[0] = bytes;
          return false;
        };
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    int at = 0;
    while (at + 3 <= input.length) {
      int kind = input[at] & 3;
      int time = (input[at] & 0xff) >>> 2;
      int length =
          Math.min(((input[at + 1] & 7) << 8) | (input[at + 2] & 0xff), input.length - at - 3);
      byte[] body = Arrays.copyOfRange(input, at + 3, at + 3 + length);
      at += 3 + length;
      byte[] datagram = body;
      if (kind == 1) {
        datagram = real[0].clone();
        for (int i = 0; i < Math.min(body.length, datagram.length); i++) {
          datagram[i] ^= body[i];
        }
      } else if (kind >= 2 && connection.isOpen()) {
        EncryptionLevel level =
            kind == 2 ? EncryptionLevel.ONE_RTT : LEVELS.get(time % LEVELS.size());
        if (Forger.hasKeys(connection, level)) {
          datagram = Forger.packet(connection, level, Arrays.copyOf(body, Math.min(1300, length)));
        }
      }
      pair.network.inject(pair.client.address, pair.server.address, datagram);
      pair.network.inject(pair.server.address, pair.client.address, datagram.clone());
      pair.network.run(time * MILLI / 4);
    }
    pair.network.run(60 * MILLI);
    assertThat(pair.server.endpoint.stats().connections()).isLessThan(1000);
  }

  @Test
  void randomInputs() {
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      byte[] input = new byte[random.nextInt(6000)];
      random.nextBytes(input);
      for (int i = 0; i + 3 < input.length; i += 3) {
        // Lengths that leave room for many datagrams, and payloads that begin with a frame type.
        input[i + 1] = 0;
        input[i + 2] &= 0x7f;
        input[i + 3] = (byte) random.nextInt(0x40);
        i += input[i + 2];
      }
      try {
        datagramsOfAnyKindNeverThrow(input);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
