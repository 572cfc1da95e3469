package org.veilor.seed.core.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
  /** The examples of RFC 5952, with the section that holds each. */
  @ParameterizedTest
  @CsvSource({
    // 1: all of these are one address
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:0:1::1, 2001:db8::1:0:0:1",
    "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
    // 2.1
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
    // 2.2, 4.2.2: no '::' for one field
    "2001:db8:aaaa:bbbb:cccc:dddd::1, 2001:db8:aaaa:bbbb:cccc:dddd:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    // 2.3, 4.3
    "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AaAa, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
    // 4.1
    "2001:0db8::0001, 2001:db8::1",
    // 4.2.1: as short as can be
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8::0:1, 2001:db8::1",
    // 4.2.3: the longest run, of equal ones the first
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    // ends and everything
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "0:1:0:0:0:0:0:0, 0:1::",
    "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
    "fe80:0:0:0:1:0:0:0, fe80::1:0:0:0",
  })
  void ipv6IsCanonical(String given, String expected) {
    assertThat(IpAddress.of(InetAddress.ofLiteral(given))).hasToString(expected);
  }

  /** Section 5: the JDK would turn such an address into IPv4, hence from bytes. */
  @Test
  void mappedAddressesEndInDottedDecimal() {
    assertThat(IpAddress.of(HexFormat.of().parseHex("00000000000000000000ffffc0000201")))
        .hasToString("::ffff:192.0.2.1");
    assertThat(IpAddress.of(HexFormat.of().parseHex("00000000000000000001ffffc0000201")))
        .hasToString("::1:ffff:c000:201");
  }

  @Test
  void portsStandBehindBrackets() throws Exception {
    assertThat(AddressText.of(address("2001:db8:0:0:0:0:0:1", 80))).isEqualTo("[2001:db8::1]:80");
    assertThat(AddressText.of(address("::", 4471))).isEqualTo("[::]:4471");
    assertThat(AddressText.of(address("0.0.0.0", 0))).isEqualTo("0.0.0.0:0");
    assertThat(AddressText.of(address("255.1.20.130", 65535))).isEqualTo("255.1.20.130:65535");
    assertThat(TransportAddr.Ip.of(address("::1", 6))).hasToString("[::1]:6");
    InetAddress scoped =
        Inet6Address.getByAddress(null, InetAddress.ofLiteral("fe80::1").getAddress(), 7);
    assertThat(AddressText.of(new InetSocketAddress(scoped, 1))).isEqualTo("[fe80::1%7]:1");
  }

  /** The JDK reads what is written as the same address. */
  @Test
  void isReadBack() {
    Random random = new Random(5952);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[IpAddress.IPV6_LENGTH];
      bytes[0] = 0x20; // not an IPv4-mapped one
      for (int i = 2; i < bytes.length; i += 2) {
        if (random.nextBoolean()) {
          bytes[i + 1] = (byte) random.nextInt();
          bytes[i] = (byte) (random.nextBoolean() ? random.nextInt() : 0);
        }
      }
      IpAddress written = IpAddress.of(bytes);
      assertThat(IpAddress.of(InetAddress.ofLiteral(written.toString()))).isEqualTo(written);
    }
  }

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }
}
