package org.veilor.seed.quic.params;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.quic.crypto.TestVectors.hex;
import static org.veilor.seed.quic.crypto.TestVectors.hexFile;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.VarInt;

class TransportParametersTest {
  private static TransportParameters decodeClient(String hex) throws TransportException {
    return TransportParameters.decode(hex(hex), false);
  }

  @Test
  void readsWhatAnIrohClientSends() throws TransportException {
    TransportParameters p =
        TransportParameters.decode(hexFile("tls/iroh-client-transport-params.hex"), false);

    assertThat(p.maxIdleTimeoutMillis()).isEqualTo(30_000);
    assertThat(p.maxUdpPayloadSize()).isEqualTo(1472);
    assertThat(p.initialMaxData()).isEqualTo(VarInt.MAX);
    assertThat(p.initialMaxStreamDataBidiLocal()).isEqualTo(1_250_000);
    assertThat(p.initialMaxStreamDataBidiRemote()).isEqualTo(1_250_000);
    assertThat(p.initialMaxStreamDataUni()).isEqualTo(1_250_000);
    assertThat(p.initialMaxStreamsBidi()).isEqualTo(100);
    assertThat(p.initialMaxStreamsUni()).isEqualTo(100);
    assertThat(p.ackDelayExponent()).isEqualTo(3);
    assertThat(p.maxAckDelayMillis()).isEqualTo(25);
    assertThat(p.disableActiveMigration()).isFalse();
    assertThat(p.activeConnectionIdLimit()).isEqualTo(5);
    assertThat(p.maxDatagramFrameSize()).isEqualTo(65535);
    assertThat(p.initialSource()).isNotNull();
    assertThat(p.originalDestination()).isNull();
    assertThat(p.statelessResetToken()).isNull();
  }

  @Test
  void readsWhatAnIrohServerSends() throws TransportException {
    TransportParameters p =
        TransportParameters.decode(hexFile("tls/iroh-server-transport-params.hex"), true);

    assertThat(p.originalDestination()).isNotNull();
    assertThat(p.statelessResetToken()).hasSize(16);
    assertThat(p.retrySource()).isNull();
    assertThatThrownBy(() ->
            TransportParameters.decode(hexFile("tls/iroh-server-transport-params.hex"), false))
        .isInstanceOf(TransportException.class);
  }

  @Test
  void defaultsOfTheRfc() throws TransportException {
    assertThat(decodeClient("")).isEqualTo(TransportParameters.builder().build());
    assertThat(decodeClient("").maxUdpPayloadSize()).isEqualTo(65527);
    assertThat(decodeClient("").activeConnectionIdLimit()).isEqualTo(2);
  }

  private static TransportParameters everything() {
    return TransportParameters.builder()
        .originalDestination(ConnectionId.of(new byte[20]))
        .maxIdleTimeoutMillis(1)
        .statelessResetToken(new byte[16])
        .maxUdpPayloadSize(1200)
        .initialMaxData(VarInt.MAX)
        .initialMaxStreamDataBidiLocal(2)
        .initialMaxStreamDataBidiRemote(3)
        .initialMaxStreamDataUni(4)
        .initialMaxStreamsBidi(1L << 60)
        .initialMaxStreamsUni(6)
        .ackDelayExponent(20)
        .maxAckDelayMillis(16383)
        .disableActiveMigration(true)
        .activeConnectionIdLimit(9)
        .initialSource(ConnectionId.EMPTY)
        .retrySource(ConnectionId.of(new byte[8]))
        .maxDatagramFrameSize(65535)
        .build();
  }

  @Test
  void writesWhatItReadsInEveryOrder() throws TransportException {
    Set<ByteBuffer> encodings = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      byte[] encoded = everything().encode(new SeededRandom(seed));
      assertThat(TransportParameters.decode(encoded, true))
          .as("seed %d", seed)
          .isEqualTo(everything())
          .hasSameHashCodeAs(everything());
      encodings.add(ByteBuffer.wrap(encoded));
    }
    assertThat(encodings).hasSize(100);
    assertThat(everything().encode(new SeededRandom(1)))
        .isEqualTo(everything().encode(new SeededRandom(1)));
    assertThat(everything().toBuilder().build()).isEqualTo(everything());
    assertThat(everything().toBuilder().maxAckDelayMillis(1).build()).isNotEqualTo(everything());
  }

  @Test
  void omitsDefaultsAndAddsOneReservedParameter() {
    byte[] encoded = TransportParameters.builder().build().encode(new SeededRandom(3));
    ByteBuffer in = ByteBuffer.wrap(encoded);

    assertThat(VarInt.read(in) % 31).isEqualTo(27);
    assertThat(VarInt.read(in)).isEqualTo(in.remaining());
  }

  @Test
  void keepsThePreferredAddressAsItIs() throws TransportException {
    String address = "7f000001 1151" + "00".repeat(18) + "01 aa" + "ee".repeat(16);
    TransportParameters p = TransportParameters.decode(hex("0d2a" + address), true);

    assertThat(p.preferredAddress()).isEqualTo(hex(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01", // truncated
        "0101",
        "018000",
        "0102 00",
        "ffffffffffffffff ffffffffffffffff",
        "0101 05 0101 05", // duplicate
        "0104 80000064", // not minimal
        "0102 05 05", // length wrong
        "0100",
        "0302 44af", // max_udp_payload_size 1199
        "0808 d000000000000001", // more than 2^60 streams
        "0908 d000000000000001",
        "0a01 15", // ack_delay_exponent 21
        "0a08 ffffffffffffffff",
        "0b04 80004000", // max_ack_delay 2^14
        "0b08 ffffffffffffffff",
        "0c01 00", // disable_active_migration with a value
        "0e01 01", // active_connection_id_limit 1
        "0f15 000000000000000000000000000000000000000000", // connection id of 21 bytes
        "0000", // parameters of servers
        "0210 00000000000000000000000000000000",
        "1000"
      })
  void refuses(String hex) {
    assertThatThrownBy(() -> decodeClient(hex))
        .isInstanceOfSatisfying(
            TransportException.class,
            e ->
                assertThat(e.code())
                    .isEqualTo(TransportErrorCode.TRANSPORT_PARAMETER_ERROR.code()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "020f 000000000000000000000000000000", // reset token of 15 bytes
        "0d00", // preferred addresses without, and with a wrong length of, a connection id
        "0d29 7f0000011151 0000000000000000000000000000000000000000 00"
            + "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "0d2a 7f0000011151 000000000000000000000000000000000000 02aa"
            + "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
      })
  void refusesOfServers(String hex) {
    assertThatThrownBy(() -> TransportParameters.decode(hex(hex), true))
        .isInstanceOf(TransportException.class);
  }

  @Test
  void unknownParametersAreSkippedEvenTwice() throws TransportException {
    TransportParameters p =
        decodeClient("1b03 aabbcc 1b00 3e0107 c0003d7f911204010120 0104 80007530");
    assertThat(p.maxIdleTimeoutMillis()).isEqualTo(30_000);
  }

  @Test
  void theBuilderChecksRanges() {
    assertThatThrownBy(() -> TransportParameters.builder().maxUdpPayloadSize(1199).build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
