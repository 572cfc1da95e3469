package org.veilor.seed.gossip.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

class AddrInfoTest {
  static List<JsonNode> vectors() {
    return Vectors.list(Vectors.read("gossip.json").get("addr_info"));
  }

  private static TransportAddr.Ip ipv4(int last, int port) {
    return new TransportAddr.Ip(IpAddress.of(new byte[] {10, 0, 0, (byte) last}), port);
  }

  private static TransportAddr.Ip ipv6(int first, int last) {
    byte[] bytes = new byte[IpAddress.IPV6_LENGTH];
    bytes[0] = (byte) first;
    bytes[15] = (byte) last;
    return new TransportAddr.Ip(IpAddress.of(bytes), 40_000);
  }

  private static TransportAddr.Ip address(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    return new TransportAddr.Ip(
        IpAddress.of(InetAddress.ofLiteral(host)), Integer.parseInt(text.substring(colon + 1)));
  }

  private static AddrInfo direct(TransportAddr.Ip... addresses) {
    return new AddrInfo(Optional.empty(), List.of(addresses));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void vectorsBothWays(JsonNode vector) throws MalformedException {
    Optional<RelayUrl> relay =
        vector.get("relay_url").isNull()
            ? Optional.empty()
            : Optional.of(RelayUrl.parse(vector.get("relay_url").asText()));
    List<TransportAddr.Ip> addresses = new ArrayList<>();
    for (JsonNode text : vector.get("direct_addresses")) {
      addresses.add(address(text.asText()));
    }
    AddrInfo info = new AddrInfo(relay, addresses);
    PeerData data = PeerData.of(Vectors.hex(vector.get("hex").asText()));
    assertThat(Hex.encode(info.toPeerData().toBytes())).isEqualTo(vector.get("hex").asText());
    assertThat(AddrInfo.decode(data)).isEqualTo(info);
    AddrInfo reversed = new AddrInfo(relay, addresses.reversed());
    assertThat(reversed.toPeerData()).as("written sorted").isEqualTo(data);
  }

  @Test
  void noBytesAreNoAddresses() throws MalformedException {
    assertThat(AddrInfo.decode(PeerData.EMPTY)).isEqualTo(AddrInfo.empty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "02",
        "00",
        "01",
        "0001",
        "000102c000020ad122",
        "000500c000020ad122",
        "0101ff00",
        "00ffffffffffffffffff01",
        "000100c000020ad0808000",
        "000100c000020a808004"
      })
  void malformed(String hex) {
    PeerData data = PeerData.of(Vectors.hex(hex));
    assertThatThrownBy(() -> AddrInfo.decode(data)).isInstanceOf(MalformedException.class);
  }

  @Test
  void leniencyOfTheRealDecoder() throws MalformedException {
    // trailing bytes, an over-long count, over-long ports, unsorted, repeated
    PeerData data =
        PeerData.of(
            Vectors.hex(
                "00"
                    + "8300"
                    + "000a000002d000"
                    + "000a000001d08000"
                    + "000a000002"
                    + "50"
                    + "ff"));
    assertThat(AddrInfo.decode(data)).isEqualTo(direct(ipv4(2, 80), ipv4(1, 80)));
  }

  @Test
  void aRelayThatWeWouldNotUseIsNone() throws MalformedException {
    PeerData data = PeerData.of(Vectors.hex("0101" + "78" + "01" + "000a00000150"));
    assertThat(AddrInfo.decode(data)).isEqualTo(direct(ipv4(1, 80)));
  }

  @Test
  void addressesNobodyCanSendToAreLeftOut() throws MalformedException {
    AddrInfo info =
        direct(
            ipv4(1, 0),
            new TransportAddr.Ip(IpAddress.of(new byte[4]), 80),
            new TransportAddr.Ip(IpAddress.of(new byte[] {(byte) 224, 0, 0, 1}), 80),
            new TransportAddr.Ip(IpAddress.of(new byte[] {-1, -1, -1, -1}), 80),
            ipv6(0, 0),
            ipv6(0xff, 1),
            ipv4(1, 80),
            ipv6(0x20, 1));
    assertThat(AddrInfo.decode(info.toPeerData())).isEqualTo(direct(ipv4(1, 80), ipv6(0x20, 1)));
  }

  @Test
  void onlySoManyAddressesAreLookedAt() throws MalformedException {
    StringBuilder hex = new StringBuilder("0064");
    for (int i = 0; i < 100; i++) {
      hex.append("000a0000").append(String.format("%02x", i)).append("50");
    }
    AddrInfo info = AddrInfo.decode(PeerData.of(Vectors.hex(hex.toString())));
    assertThat(info.directAddresses()).hasSize(GossipLimits.MAX_ADDRESSES);
    assertThat(info.directAddresses().getFirst()).isEqualTo(ipv4(0, 80));
  }

  @Test
  void ourOwnIsCutAtTheEnd() throws MalformedException {
    RelayUrl relay = RelayUrl.parse("https://relay.example.org./" + "p".repeat(150));
    List<TransportAddr.Ip> many =
        IntStream.range(0, 20).mapToObj(i -> ipv6(0x20, 100 - i)).toList();
    PeerData data = new AddrInfo(Optional.of(relay), many).toPeerData();
    assertThat(data.sizeBytes()).isLessThanOrEqualTo(GossipLimits.MAX_OWN_PEER_DATA_BYTES);
    AddrInfo read = AddrInfo.decode(data);
    assertThat(read.relayUrl()).contains(relay);
    assertThat(read.directAddresses())
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(many.subList(0, read.directAddresses().size()));
    assertThat(data.sizeBytes()).as("no more fit").isGreaterThan(300 - 20);
    AddrInfo byNumber = AddrInfo.decode(new AddrInfo(Optional.empty(), many).toPeerData());
    assertThat(byNumber.directAddresses()).hasSize(GossipLimits.MAX_OWN_ADDRESSES);
  }

  @Test
  void aRelayThatDoesNotFitIsLeftOut() throws MalformedException {
    RelayUrl relay = RelayUrl.parse("https://relay.example.org./" + "p".repeat(300));
    List<TransportAddr.Ip> one = Stream.of(ipv4(1, 80)).toList();
    assertThat(AddrInfo.decode(new AddrInfo(Optional.of(relay), one).toPeerData()))
        .isEqualTo(new AddrInfo(Optional.empty(), one));
  }
}
