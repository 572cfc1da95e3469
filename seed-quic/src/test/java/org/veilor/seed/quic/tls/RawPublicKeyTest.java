package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.crypto.TestVectors.hex;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.veilor.seed.quic.crypto.TestVectors;

/** Strict Ed25519, with the CertificateVerify samples of transport.md Appendix A. */
class RawPublicKeyTest {
  static final List<String> RECORDED = TestVectors.RECORDED_HANDSHAKES;

  private static final List<String> MESSAGES_TO_CLIENT_VERIFY =
      List.of(
          "client_hello",
          "server_hello",
          "encrypted_extensions",
          "certificate_request",
          "server_certificate",
          "server_certificate_verify",
          "server_finished",
          "client_certificate",
          "client_certificate_verify");
  private static final byte[] KEY = Handshake.identity(9).publicKey32();
  private static final byte[] SIGNATURE =
      hex(
          "84527f82719f2f1ce4f2aa5a33dcff155c78c283552200721614d75a4654bfd6"
              + "53cb00296e408723c1d7e1392e712e8dd7dc48cb5020d6c40a3d2087458c7f04");

  private static byte[] signedContent(String role) {
    byte[] hash = new byte[32];
    Arrays.fill(hash, (byte) 0x11);
    return signedContent(role, hash);
  }

  private static byte[] signedContent(String role, byte[] hash) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] spaces = new byte[64];
    Arrays.fill(spaces, (byte) 0x20);
    out.writeBytes(spaces);
    out.writeBytes(
        ("TLS 1.3, " + role + " CertificateVerify\0").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(hash);
    return out.toByteArray();
  }

  @Test
  void verifiesTheSamples() {
    assertThat(KEY)
        .isEqualTo(hex("fd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618"));
    assertThat(signedContent("client")).hasSize(130);
    assertThat(RawPublicKey.verifyStrictly(KEY, signedContent("client"), SIGNATURE)).isTrue();
    assertThat(
            RawPublicKey.verifyStrictly(
                KEY,
                signedContent("server"),
                hex(
                    "0727643e75355b673d325361d3ef4b783286428ba593231beec6b79afced14c3"
                        + "31635da2a1352f2ecc4aa4ad9fde499a5fb461164e08378ccbd1f0a529597e0b")))
        .isTrue();
    assertThat(RawPublicKey.verifyStrictly(KEY, signedContent("server"), SIGNATURE)).isFalse();
  }

  @Test
  void refusesOtherLengths() {
    byte[] content = signedContent("client");
    assertThat(RawPublicKey.verifyStrictly(KEY, content, Arrays.copyOf(SIGNATURE, 63))).isFalse();
    assertThat(RawPublicKey.verifyStrictly(KEY, content, Arrays.copyOf(SIGNATURE, 65))).isFalse();
    assertThat(RawPublicKey.verifyStrictly(KEY, content, new byte[0])).isFalse();
  }

  @Test
  void refusesAScalarThatIsNotReduced() {
    BigInteger order =
        BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    byte[] bigEndian = new byte[33];
    for (int i = 0; i < 32; i++) {
      bigEndian[32 - i] = SIGNATURE[32 + i];
    }
    byte[] sum = new BigInteger(bigEndian).add(order).toByteArray();
    byte[] malleated = SIGNATURE.clone();
    Arrays.fill(malleated, 32, 64, (byte) 0);
    for (int i = 0; i < Math.min(32, sum.length); i++) {
      malleated[32 + i] = sum[sum.length - 1 - i];
    }
    assertThat(RawPublicKey.verifyStrictly(KEY, signedContent("client"), malleated)).isFalse();
  }

  @Test
  void refusesKeysAndCommitmentsOfSmallOrder() {
    // R = neutral element, S = 0 verifies for every message under a key of small order.
    byte[] signature = new byte[64];
    signature[0] = 1;
    byte[][] smallOrder = {
      hex("0100000000000000000000000000000000000000000000000000000000000000"),
      hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      hex("0000000000000000000000000000000000000000000000000000000000000000"),
      hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
      hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    };
    for (byte[] key : smallOrder) {
      assertThat(RawPublicKey.verifyStrictly(key, new byte[0], signature)).isFalse();
      byte[] withSmallCommitment = SIGNATURE.clone();
      System.arraycopy(key, 0, withSmallCommitment, 0, 32);
      assertThat(RawPublicKey.verifyStrictly(KEY, signedContent("client"), withSmallCommitment))
          .isFalse();
    }
  }

  @Test
  void encodesAs44Bytes() {
    byte[] spki = RawPublicKey.encode(KEY);
    assertThat(spki).hasSize(44).startsWith(hex("302a300506032b6570032100")).endsWith(KEY);
    assertThat(RawPublicKey.isEncoded(spki)).isTrue();
    assertThat(RawPublicKey.decode(spki)).isEqualTo(KEY);
    assertThat(RawPublicKey.isEncoded(Arrays.copyOf(spki, 43))).isFalse();
  }

  /** The signatures of a real iroh endpoint, and of the prototype that it accepted. */
  @ParameterizedTest
  @FieldSource("RECORDED")
  void verifiesTheRecordedHandshakes(String name) throws NoSuchAlgorithmException {
    boolean sha384 = TestVectors.recordedText(name, "/cipher_suite").equals("0x1302");
    MessageDigest transcript = MessageDigest.getInstance(sha384 ? "SHA-384" : "SHA-256");
    int verified = 0;
    for (String message : MESSAGES_TO_CLIENT_VERIFY) {
      byte[] bytes = hex(TestVectors.recordedText(name, "/tls_messages/" + message));
      if (message.endsWith("_verify")) {
        String role = message.substring(0, message.indexOf('_'));
        byte[] hash = ((MessageDigest) clone(transcript)).digest();
        byte[] certificate =
            hex(TestVectors.recordedText(name, "/tls_messages/" + role + "_certificate"));
        byte[] spki = Arrays.copyOfRange(certificate, 11, 11 + 44);
        assertThat(RawPublicKey.isEncoded(spki)).isTrue();
        assertThat(
                RawPublicKey.verifyStrictly(
                    RawPublicKey.decode(spki),
                    signedContent(role, hash),
                    Arrays.copyOfRange(bytes, 8, 72)))
            .isTrue();
        verified++;
      }
      transcript.update(bytes);
    }
    assertThat(verified).isEqualTo(2);
  }

  private static Object clone(MessageDigest digest) {
    try {
      return digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }
}
