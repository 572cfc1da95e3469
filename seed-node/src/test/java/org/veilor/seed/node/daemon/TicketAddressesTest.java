package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.node.config.Addresses;

class TicketAddressesTest {
  private static final List<InetAddress> INTERFACES =
      Stream.of(
              "127.0.0.1", "::1", "192.0.2.7", "100.64.1.2", "169.254.3.4", "fe80::1", "200:db8::5")
          .map(InetAddress::ofLiteral)
          .toList();

  private static List<InetSocketAddress> addresses(String... texts) {
    return Stream.of(texts).map(Addresses::socketAddress).toList();
  }

  private static List<String> choose(
      List<InetSocketAddress> advertise, List<InetSocketAddress> listen) {
    return TicketAddresses.choose(advertise, listen, INTERFACES).stream()
        .map(TransportAddr.Ip::toString)
        .toList();
  }

  @Test
  void areThoseOfTheInterfacesWithoutLoopbackAndLinkLocal() {
    assertThat(choose(List.of(), addresses("0.0.0.0:4471", "[::]:4472")))
        .containsExactly("192.0.2.7:4471", "100.64.1.2:4471", "[200:db8::5]:4472");
  }

  @Test
  void areTheConfiguredOnesWhereThereAreAny() {
    assertThat(choose(addresses("198.51.100.1:9"), addresses("0.0.0.0:4471")))
        .containsExactly("198.51.100.1:9");
  }

  @Test
  void areLoopbackOnlyWhereNothingElseIsListenedOn() {
    assertThat(choose(List.of(), addresses("127.0.0.1:5", "[::1]:6")))
        .containsExactly("127.0.0.1:5", "[::1]:6");
    assertThat(choose(List.of(), addresses("127.0.0.1:5", "192.0.2.7:6")))
        .containsExactly("192.0.2.7:6");
  }
}
