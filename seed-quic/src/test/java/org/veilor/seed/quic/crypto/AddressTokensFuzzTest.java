package org.veilor.seed.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.veilor.seed.quic.packet.ConnectionId;

class AddressTokensFuzzTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4433);

  private final AddressTokens tokens = new AddressTokens(new byte[32], new SeededRandom(1));

  /** Nobody makes a token without the key: not from nothing, and not out of one of ours. */
  @FuzzTest
  void noBytesAreAToken(byte[] input) {
    assertThat(tokens.check(input, PEER, NOW)).isEqualTo(new AddressTokens.Invalid());
    ConnectionId id = ConnectionId.of(new byte[8]);
    byte[] ours =
        input.length % 2 == 0
            ? tokens.retryToken(PEER, id, id, NOW)
            : tokens.newToken(PEER.getAddress(), NOW);
    int changes = 0;
    for (int i = 0; i < Math.min(input.length, ours.length); i++) {
      ours[i] ^= input[i];
      changes |= input[i];
    }
    assertThat(tokens.check(ours, PEER, NOW) instanceof AddressTokens.Invalid)
        .isEqualTo(changes != 0);
  }
}
