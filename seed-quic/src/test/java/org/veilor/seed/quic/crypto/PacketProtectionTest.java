package org.veilor.seed.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.crypto.TestVectors.hex;
import static org.veilor.seed.quic.crypto.TestVectors.hexFile;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.RetryPackets;

/** Sealing and opening against RFC 9001 Appendix A and transport.md Appendix A. */
class PacketProtectionTest {
  private static final TrafficSecret[] INITIAL =
      TrafficSecret.initial(ConnectionId.of(hex("8394c8f03e515708")));

  private static TrafficSecret secret(CipherSuite suite) {
    byte[] secret = new byte[suite.hashLength()];
    for (int i = 0; i < secret.length; i++) {
      secret[i] = (byte) i;
    }
    return new TrafficSecret(suite, secret);
  }

  /** Header, payload and room for a tag. */
  private static byte[] packet(byte[] header, byte[] payload, int payloadLength) {
    byte[] packet = Arrays.copyOf(header, header.length + payloadLength + 16);
    System.arraycopy(payload, 0, packet, header.length, payload.length);
    return packet;
  }

  @Test
  void sealsTheClientInitialOfTheRfc() {
    byte[] header = hex("c300000001088394c8f03e5157080000449e00000002");
    byte[] packet = packet(header, hexFile("rfc9001/client-initial-payload.hex"), 1162);

    INITIAL[0].protection().seal(packet, 0, header.length, 1162, 0, 2);
    INITIAL[0].headerProtection().apply(packet, 0, 18, 4);

    assertThat(packet).isEqualTo(hexFile("rfc9001/client-initial-packet.hex"));
  }

  @Test
  void opensTheClientInitialOfTheRfc() {
    byte[] packet = hexFile("rfc9001/client-initial-packet.hex");

    assertThat(INITIAL[0].headerProtection().remove(packet, 0, 18)).isEqualTo(4);
    assertThat(INITIAL[0].protection().open(packet, 0, 22, packet.length - 22, 0, 2))
        .isEqualTo(1162);

    byte[] payload = hexFile("rfc9001/client-initial-payload.hex");
    assertThat(Arrays.copyOfRange(packet, 22, 22 + payload.length)).isEqualTo(payload);
  }

  @Test
  void sealsTheServerInitialOfTheRfc() {
    byte[] header = hex("c1000000010008f067a5502a4262b50040750001");
    byte[] payload = hexFile("rfc9001/server-initial-payload.hex");
    byte[] packet = packet(header, payload, payload.length);

    INITIAL[1].protection().seal(packet, 0, header.length, payload.length, 0, 1);
    INITIAL[1].headerProtection().apply(packet, 0, 18, 2);

    assertThat(packet).isEqualTo(hexFile("rfc9001/server-initial-packet.hex"));
  }

  @Test
  void makesTheRetryOfTheRfc() {
    byte[] expected = hexFile("rfc9001/retry-packet.hex");
    ConnectionId originalDestination = ConnectionId.of(hex("8394c8f03e515708"));

    byte[] retry =
        RetryPackets.encode(
            ConnectionId.EMPTY,
            ConnectionId.of(hex("f067a5502a4262b5")),
            hex("746f6b656e"),
            originalDestination);

    // The four unused bits of the first byte are ours to choose, and the tag covers them.
    assertThat(retry).hasSameSizeAs(expected);
    assertThat(RetryPackets.integrityTagIsValid(retry, 0, retry.length, originalDestination))
        .isTrue();
    assertThat(RetryPackets.integrityTagIsValid(expected, 0, expected.length, originalDestination))
        .isTrue();
    assertThat(RetryPackets.integrityTagIsValid(expected, 0, expected.length, ConnectionId.EMPTY))
        .isFalse();
    assertThat(RetryPackets.integrityTagIsValid(expected, 0, 16, originalDestination)).isFalse();
    expected[8] ^= 1;
    assertThat(RetryPackets.integrityTagIsValid(expected, 0, expected.length, originalDestination))
        .isFalse();
  }

  @Test
  void sealsTheChaCha20PacketOfTheRfc() {
    TrafficSecret secret =
        new TrafficSecret(
            CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"));
    byte[] packet = packet(hex("4200bff4"), hex("01"), 1);

    secret.protection().seal(packet, 0, 4, 1, 0, 654360564);
    secret.headerProtection().apply(packet, 0, 1, 3);

    assertThat(packet).isEqualTo(hex("4cfe4189655e5cd55c41f69080575d7999c25a5bfb"));
    assertThat(secret.headerProtection().remove(packet, 0, 1)).isEqualTo(3);
    assertThat(secret.protection().open(packet, 0, 4, 17, 0, 654360564)).isEqualTo(1);
    assertThat(packet[4]).isEqualTo((byte) 1);
  }

  @Test
  void theNonceHoldsThePathId() {
    byte[] nonce = new byte[12];
    PacketProtection.fillNonce(nonce, hex("6b26114b9cba2b63a9e8dd4f"), 3, 0xaead);
    assertThat(nonce).isEqualTo(hex("6b2611489cba2b63a9e873e2"));
  }

  @Test
  void sealsThePacketsOfTheTransportNotesOnBothPaths() {
    TrafficSecret secret = secret(CipherSuite.TLS_AES_128_GCM_SHA256);
    String[] expected = {
      "43a1a2a3a4a5a6a7a8d20ec055abb1269b3447d0c8c42efed28406dfe459694f6f6b60536b59fe07dff20ed64d",
      "57a1a2a3a4a5a6a7a8388a61ffc361bb19526a05987ded60bf81335677a4f56ccb4e0d81431309060831b89a69"
    };
    for (int path = 0; path < 2; path++) {
      byte[] packet = packet(hex("43a1a2a3a4a5a6a7a800000005"), hex("01"), 16);
      secret.protection().seal(packet, 0, 13, 16, path, 5);
      secret.headerProtection().apply(packet, 0, 9, 4);
      assertThat(packet).isEqualTo(hex(expected[path]));
    }
  }

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void aFailedOpenChangesNothingAndTheNextOneWorks(CipherSuite suite) {
    PacketProtection sender = secret(suite).protection();
    PacketProtection receiver = secret(suite).protection();
    byte[] packet = packet(new byte[] {1, 2, 3, 4, 5}, new byte[0], 1000);
    Arrays.fill(packet, 5, 1005, (byte) 9);
    sender.seal(packet, 0, 5, 1000, 0, 77);
    byte[] sealed = packet.clone();

    assertThat(receiver.open(packet, 0, 5, 1016, 0, 78)).isEqualTo(-1);
    assertThat(packet).isEqualTo(sealed);
    assertThat(receiver.open(packet, 1, 5, 1016, 0, 77)).isEqualTo(-1);
    assertThat(receiver.open(packet, 0, 5, 1016, 1, 77)).isEqualTo(-1);
    assertThat(receiver.open(packet, 0, 5, 1015, 0, 77)).isEqualTo(-1);
    assertThat(receiver.open(packet, 0, 5, 15, 0, 77)).isEqualTo(-1);
    assertThat(receiver.open(packet, 0, 5, 1016, 0, 77)).isEqualTo(1000);
    assertThat(Arrays.copyOfRange(packet, 5, 1005)).containsOnly(9);
  }

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void theSamePacketOpensTwice(CipherSuite suite) {
    PacketProtection receiver = secret(suite).protection();
    HeaderProtection header = secret(suite).headerProtection();
    byte[] packet = packet(new byte[] {0x41, 0, 0}, new byte[0], 30);
    secret(suite).protection().seal(packet, 0, 3, 30, 0, 3);
    secret(suite).headerProtection().apply(packet, 0, 1, 2);
    for (int i = 0; i < 2; i++) {
      byte[] copy = packet.clone();
      header.remove(copy, 0, 1);
      assertThat(copy).startsWith(0x41, 0, 0);
      copy = packet.clone();
      header.apply(copy, 0, 1, 1);
      header.apply(copy, 0, 1, 1);
      assertThat(copy).isEqualTo(packet);
    }
    byte[] plain = packet.clone();
    secret(suite).headerProtection().remove(plain, 0, 1);
    assertThat(receiver.open(plain.clone(), 0, 3, 46, 0, 3)).isEqualTo(30);
    assertThat(receiver.open(plain, 0, 3, 46, 0, 3)).isEqualTo(30);
  }

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void sealingTwoPacketsWithOneNumberIsABug(CipherSuite suite) {
    PacketProtection protection = secret(suite).protection();
    byte[] packet = packet(new byte[] {0x40}, new byte[0], 30);
    protection.seal(packet, 0, 1, 30, 0, 3);

    assertThatThrownBy(() -> protection.seal(packet, 0, 1, 30, 0, 3))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void longHeadersKeepFourBitsShortOnesThree() {
    HeaderProtection protection = secret(CipherSuite.TLS_AES_128_GCM_SHA256).headerProtection();
    for (int sample = 0; sample < 64; sample++) {
      byte[] packet = new byte[30];
      packet[10] = (byte) sample;
      packet[0] = (byte) 0xc0;
      protection.apply(packet, 0, 5, 4);
      assertThat(packet[0] & 0xf0).isEqualTo(0xc0);
      packet[0] = 0x40;
      protection.apply(packet, 0, 5, 4);
      assertThat(packet[0] & 0xe0).isEqualTo(0x40);
    }
  }
}
