package org.veilor.seed.quic.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenStoreTest {
  private final TokenStore store = new TokenStore();

  private static byte[] server(int number) {
    byte[] key = new byte[32];
    key[0] = (byte) number;
    key[1] = (byte) (number >>> 8);
    return key;
  }

  private static byte[] token(int number) {
    return new byte[] {(byte) number};
  }

  @Test
  void givesEachTokenOnceTheNewestFirst() {
    store.put(server(1), token(1));
    store.put(server(2), token(7));
    store.put(server(1), token(2));
    assertThat(store.take(server(1))).isEqualTo(token(2));
    assertThat(store.take(server(1))).isEqualTo(token(1));
    assertThat(store.take(server(1))).isEmpty();
    assertThat(store.take(server(2))).isEqualTo(token(7));
    assertThat(store.size()).isZero();
  }

  @Test
  void keepsAFewOfEachServer() {
    for (int i = 0; i < 10; i++) {
      store.put(server(1), token(i));
    }
    assertThat(store.take(server(1))).isEqualTo(token(9));
    assertThat(store.take(server(1))).isEqualTo(token(8));
    assertThat(store.take(server(1))).isEmpty();
  }

  @Test
  void forgetsTheServerHeardOfLeastRecently() {
    for (int i = 0; i < EndpointConfig.MAX_TOKEN_SERVERS; i++) {
      store.put(server(i), token(i));
    }
    store.put(server(0), token(100));
    store.put(server(1000), token(1));
    assertThat(store.size()).isEqualTo(EndpointConfig.MAX_TOKEN_SERVERS);
    assertThat(store.take(server(0))).isEqualTo(token(100));
    assertThat(store.take(server(1))).isEmpty();
    assertThat(store.take(server(2))).isEqualTo(token(2));
  }
}
