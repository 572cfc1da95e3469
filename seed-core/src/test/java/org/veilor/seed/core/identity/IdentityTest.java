package org.veilor.seed.core.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.MalformedException;

/** Keys and signatures that iroh's own packages produced (transport specification, section 8.3). */
class IdentityTest {
  private static final String K2 =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  private static final String K2_ID =
      "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000,"
        + "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    K2 + "," + K2_ID,
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff,"
        + "76a1592044a6e4f511265bca73a604d90b0529d1df602be30a19a9257660d1f5",
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  })
  void publicKeys(String secret, String id) throws MalformedException {
    assertThat(SecretKey.parse(secret).id()).hasToString(id).isEqualTo(EndpointId.parse(id));
  }

  @ParameterizedTest
  @CsvSource({
    "'',9ca53579530654d5c3df77089ef45eda613e2fedf670e96bedac4639504e5845"
        + "ef4b95d5793077233dd16817b2532e9c5525872a73a4ad74b759369a9e05c102",
    "hello iroh,0d6841696055415c124b35ea9b90564bce157f9f73024b59107f161c817d7453"
        + "9694930fb3d28d9ec5d06bbf316173df5441b09d3c77133f67111b0bed8ab800",
  })
  void signatures(String message, String expected) throws MalformedException {
    byte[] bytes = message.getBytes(US_ASCII);
    SecretKey key = SecretKey.parse(K2);
    Signature signature = key.sign(bytes);
    assertThat(signature).hasToString(expected);
    assertThat(key.id().verify(bytes, signature)).isTrue();
    byte[] forged = signature.toBytes();
    for (int i = 0; i < forged.length; i++) {
      forged[i] ^= 1;
      assertThat(key.id().verify(bytes, Signature.of(forged))).as("byte %d", i).isFalse();
      forged[i] ^= 1;
    }
    assertThat(key.id().verify("other".getBytes(US_ASCII), signature)).isFalse();
  }

  @Test
  void scalarAboveTheGroupOrderDoesNotVerify() throws MalformedException {
    byte[] message = "hello iroh".getBytes(US_ASCII);
    SecretKey key = SecretKey.parse(K2);
    byte[] signature = key.sign(message).toBytes();
    byte[] order = Vectors.hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    int carry = 0;
    for (int i = 0; i < 32; i++) {
      int sum = (signature[32 + i] & 0xff) + (order[i] & 0xff) + carry;
      signature[32 + i] = (byte) sum;
      carry = sum >>> 8;
    }
    assertThat(carry).isZero();
    assertThat(key.id().verify(message, Signature.of(signature))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        K2_ID
      })
  void idsThatIrohAccepts(String hex) throws MalformedException {
    assertThat(EndpointId.parse(hex)).hasToString(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0200000000000000000000000000000000000000000000000000000000000000",
        "0202020202020202020202020202020202020202020202020202020202020202",
        "03A107BFF3CE10BE1D70DD18E74BC09967E4D6309BA50D5F1DDC8664125531B8",
        "yqooxx9u3aemh8mo5wcqq16yufu6jitouq1o4za751dger1igghy",
        "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531",
        ""
      })
  void idsThatIrohRejects(String text) {
    assertThatThrownBy(() -> EndpointId.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void smallOrderKeysVerifyNothing() throws MalformedException {
    // With the neutral element as key and R, S = 0 satisfies the equation for every message.
    byte[] signature = new byte[64];
    signature[0] = 1;
    EndpointId neutral =
        EndpointId.parse("0100000000000000000000000000000000000000000000000000000000000000");
    assertThat(neutral.verify(new byte[0], Signature.of(signature))).isFalse();
  }

  @Test
  void otherTextForms() throws MalformedException {
    EndpointId id = EndpointId.parse(K2_ID);
    assertThat(EndpointId.parse("aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4a"))
        .isEqualTo(id);
    assertThat(EndpointId.parse("AOQQPP7TZYIL4HLQ3UMOOS6ATFT6JVRQTOSQ2XY53SDGIESVGG4A"))
        .isEqualTo(id);
    assertThat(id.toZBase32()).isEqualTo("yqooxx9u3aemh8mo5wcqq16yufu6jitouq1o4za751dger1igghy");
    assertThat(EndpointId.parseZBase32(id.toZBase32())).isEqualTo(id);
    assertThat(Base32.DNSSEC.encode(id.toBytes()))
        .isEqualTo("0eggffvjpo8bs7bgrkceeiu0j5ju9lhgjeigqnotri3684il66s0");
    assertThat(id.shortText()).isEqualTo("03a107bff3");
  }

  @Test
  void secretKeyDoesNotShowItself() throws MalformedException {
    SecretKey key = SecretKey.parse(K2);
    assertThat(key.toString()).doesNotContain("000102").contains(K2_ID);
    byte[] copy = key.toBytes();
    Arrays.fill(copy, (byte) 0);
    assertThat(key.toBytes()).isNotEqualTo(copy);
  }
}
