package org.veilor.seed.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.packet.ConnectionId;

class AddressTokensTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final ConnectionId ORIGINAL = ConnectionId.of(new byte[20]);
  private static final ConnectionId RETRY = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

  private final AddressTokens tokens = new AddressTokens(new byte[32], new SeededRandom(1));
  private final InetSocketAddress peer = address("192.0.2.1", 4433);
  private final InetSocketAddress peer6 = address("2001:db8::1", 4433);

  private static InetSocketAddress address(String literal, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(literal), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRetryTokenIsValidFor15SecondsFromItsAddressAndPort() {
    for (InetSocketAddress client : new InetSocketAddress[] {peer, peer6}) {
      byte[] token = tokens.retryToken(client, ORIGINAL, RETRY, NOW);

      assertThat(tokens.check(token, client, NOW + 15_000))
          .isEqualTo(new AddressTokens.ValidRetry(ORIGINAL, RETRY));
      assertThat(tokens.check(token, client, NOW + 15_001)).isEqualTo(new AddressTokens.Expired());
      assertThat(tokens.check(token, client, NOW - 1)).isEqualTo(new AddressTokens.Expired());
      assertThat(tokens.check(token, new InetSocketAddress(client.getAddress(), 4434), NOW))
          .isEqualTo(new AddressTokens.Invalid());
    }
    assertThat(tokens.check(tokens.retryToken(peer, ORIGINAL, RETRY, NOW), peer6, NOW))
        .isEqualTo(new AddressTokens.Invalid());
  }

  @Test
  void aNewTokenIsValidForADayFromItsAddressAndAnyPort() {
    byte[] token = tokens.newToken(peer.getAddress(), NOW);
    InetSocketAddress otherPort = new InetSocketAddress(peer.getAddress(), 1);

    assertThat(tokens.check(token, otherPort, NOW + 86_400_000L))
        .isEqualTo(new AddressTokens.ValidNewToken());
    assertThat(tokens.check(token, otherPort, NOW + 86_400_001L))
        .isEqualTo(new AddressTokens.Expired());
    assertThat(tokens.check(token, peer6, NOW)).isEqualTo(new AddressTokens.Invalid());
  }

  @Test
  void aNewTokenIsGoodOnce() {
    byte[] token = tokens.newToken(peer.getAddress(), NOW);
    byte[] other = tokens.newToken(peer.getAddress(), NOW);

    assertThat(tokens.check(token, peer6, NOW)).isEqualTo(new AddressTokens.Invalid());
    assertThat(tokens.check(token, peer, NOW)).isEqualTo(new AddressTokens.ValidNewToken());
    assertThat(tokens.check(token, peer, NOW)).isEqualTo(new AddressTokens.Used());
    assertThat(tokens.check(other, peer, NOW)).isEqualTo(new AddressTokens.ValidNewToken());
    for (int i = 0; i < AddressTokens.MAX_USED_TOKENS; i++) {
      tokens.check(tokens.newToken(peer.getAddress(), NOW), peer, NOW);
    }
    assertThat(tokens.check(token, peer, NOW))
        .as("forgotten after so many")
        .isEqualTo(new AddressTokens.ValidNewToken());
  }

  @Test
  void whatIsNotOursIsInvalid() {
    byte[] token = tokens.retryToken(peer, ORIGINAL, RETRY, NOW);
    for (int i = 0; i < token.length; i++) {
      byte[] changed = token.clone();
      changed[i] ^= 1;
      assertThat(tokens.check(changed, peer, NOW)).isEqualTo(new AddressTokens.Invalid());
      assertThat(tokens.check(Arrays.copyOf(token, i), peer, NOW))
          .isEqualTo(new AddressTokens.Invalid());
    }
    assertThat(tokens.check(new byte[100_000], peer, NOW)).isEqualTo(new AddressTokens.Invalid());
    byte[] otherKey = new byte[32];
    otherKey[0] = 1;
    assertThat(new AddressTokens(otherKey, new SeededRandom(1)).check(token, peer, NOW))
        .isEqualTo(new AddressTokens.Invalid());
  }

  @Test
  void tokensOfOneMomentDiffer() {
    assertThat(tokens.newToken(peer.getAddress(), NOW))
        .isNotEqualTo(tokens.newToken(peer.getAddress(), NOW));
  }

  @Test
  void resetTokensDependOnKeyAndConnectionId() {
    StatelessResetTokens resets = new StatelessResetTokens(new byte[32]);
    byte[] token = resets.tokenFor(RETRY);

    assertThat(token).hasSize(16).isEqualTo(resets.tokenFor(RETRY));
    assertThat(resets.tokenFor(ORIGINAL)).isNotEqualTo(token);
    byte[] otherKey = new byte[32];
    otherKey[31] = 1;
    assertThat(new StatelessResetTokens(otherKey).tokenFor(RETRY)).isNotEqualTo(token);
  }

  @Test
  void refusesShortKeys() {
    assertThatThrownBy(() -> new AddressTokens(new byte[16], new SeededRandom(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new StatelessResetTokens(new byte[16]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
