package org.veilor.seed.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.crypto.TestVectors.hex;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * Key derivation against RFC 9001 Appendix A, the recorded handshakes and transport.md Appendix A.
 */
class TrafficSecretTest {
  static final java.util.List<String> RECORDED = TestVectors.RECORDED_HANDSHAKES;

  private static void assertKeys(TrafficSecret secret, String key, String iv, String hp) {
    assertThat(secret.expand("quic key", secret.suite().keyLength())).isEqualTo(hex(key));
    assertThat(secret.expand("quic iv", 12)).isEqualTo(hex(iv));
    assertThat(secret.expand("quic hp", secret.suite().keyLength())).isEqualTo(hex(hp));
  }

  @Test
  void initialSecretsOfTheRfc() {
    TrafficSecret[] initial = TrafficSecret.initial(ConnectionId.of(hex("8394c8f03e515708")));

    assertThat(initial[0].secret())
        .isEqualTo(hex("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"));
    assertKeys(
        initial[0],
        "1f369613dd76d5467730efcbe3b1a22d",
        "fa044b2f42a3fd3b46fb255c",
        "9f50449e04a0e810283a1e9933adedd2");
    assertThat(initial[1].secret())
        .isEqualTo(hex("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b"));
    assertKeys(
        initial[1],
        "cf3a5331653c364c88f0f379b6067e37",
        "0ac1493ca1905853b0bba03e",
        "c206b8d9b9f0f37644430b490eeaa314");
  }

  @Test
  void chaCha20SecretsOfTheRfc() {
    TrafficSecret secret =
        new TrafficSecret(
            CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"));

    assertKeys(
        secret,
        "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
        "e0459b3474bdd0e44a41c144",
        "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
    assertThat(secret.next().secret())
        .isEqualTo(hex("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"));
  }

  @Test
  void keyUpdateOfTheTransportNotes() {
    TrafficSecret secret =
        new TrafficSecret(
            CipherSuite.TLS_AES_128_GCM_SHA256,
            hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));

    assertKeys(
        secret,
        "924edab0f23acc302f67ebab959e97e5",
        "b5a994a325d611a996d7df60",
        "0e5f49a9b9f1a5d81ae752524e7d6807");
    TrafficSecret next = secret.next();
    assertThat(next.secret())
        .isEqualTo(hex("6a4ca349a77d8643fc3d19b944d2c3de71cfc6727dff1962e00a30a6c5f4a7cd"));
    assertThat(next.expand("quic key", 16)).isEqualTo(hex("52a8ea4d44bd6ee8f7f34df728be5dea"));
    assertThat(next.expand("quic iv", 12)).isEqualTo(hex("8c1635ecd2b745d8467158ed"));
  }

  @ParameterizedTest
  @FieldSource("RECORDED")
  void keysOfTheRecordedHandshakes(String name) {
    JsonNode recorded = TestVectors.recordedHandshake(name);
    CipherSuite suite = CipherSuite.of(Integer.decode(recorded.get("cipher_suite").asText()));
    for (String side : new String[] {"client", "server"}) {
      for (String level : new String[] {"handshake", "application"}) {
        String secret = recorded.at("/secrets/" + side + "_" + level + "_traffic_secret").asText();
        JsonNode keys = recorded.at("/quic_keys/" + side + "_" + level);
        assertKeys(
            new TrafficSecret(suite, hex(secret)),
            keys.get("key").asText(),
            keys.get("iv").asText(),
            keys.get("hp").asText());
      }
    }
  }

  @Test
  void refusesASecretOfTheWrongLength() {
    assertThatThrownBy(() -> new TrafficSecret(CipherSuite.TLS_AES_256_GCM_SHA384, new byte[32]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void suitesHaveTheLimitsOfTheRfc() {
    assertThat(CipherSuite.TLS_AES_128_GCM_SHA256.confidentialityLimit()).isEqualTo(1L << 23);
    assertThat(CipherSuite.TLS_AES_256_GCM_SHA384.integrityLimit()).isEqualTo(1L << 52);
    assertThat(CipherSuite.TLS_CHACHA20_POLY1305_SHA256.integrityLimit()).isEqualTo(1L << 36);
    assertThat(CipherSuite.TLS_CHACHA20_POLY1305_SHA256.confidentialityLimit())
        .isGreaterThan(1L << 62);
    assertThatThrownBy(() -> CipherSuite.of(0x1304)).isInstanceOf(IllegalArgumentException.class);
  }
}
