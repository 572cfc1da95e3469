package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.Base32;

class RouteTest {
  private static final String HEX = Hash.EMPTY_BLOB.toString();

  @Test
  void aBlobIsNamedInHexOrBase32() {
    assertThat(Route.parse("/blobs/" + HEX)).isEqualTo(new Route.Blob(Hash.EMPTY_BLOB));
    String base32 = Base32.RFC4648.encode(Hash.EMPTY_BLOB.toBytes());
    assertThat(Route.parse("/blobs/" + base32)).isEqualTo(new Route.Blob(Hash.EMPTY_BLOB));
    assertThat(Route.parse("/blobs/" + HEX + "?x=1")).isEqualTo(new Route.Blob(Hash.EMPTY_BLOB));
    assertThat(Route.parse("HTTP://a.b:80/blobs/" + HEX))
        .isEqualTo(new Route.Blob(Hash.EMPTY_BLOB));
  }

  @ParameterizedTest
  @CsvSource({
    "/, Status[]",
    "/?a=b, Status[]",
    "http://host, Status[]",
    "/metrics, Metrics[]",
    "/health/live, Live[]",
    "/health/ready, Ready[]",
    "/health/other, Unknown[]",
    "/health, Unknown[]",
    "/favicon.ico, Unknown[]",
    "/metrics/, Unknown[]",
    "/s/misskey, Moved[location=/s/misskey/]",
    "/s/misskey/, 'ServiceIndex[service=misskey, folder=, after=]'",
    "/s/m/?after=a%26b&x=1, 'ServiceIndex[service=m, folder=, after=a&b]'",
    "/s/m/a%20b/c/?x&after=d%2F, 'ServiceIndex[service=m, folder=a b/c, after=d/]'",
    "/s/m/a/?after=d/, 'ServiceIndex[service=m, folder=a, after=d/]'",
    "/s/m/a/?after=, 'ServiceIndex[service=m, folder=a, after=]'",
    "/s/misskey/files/a%20b, 'ServicePath[service=misskey, path=files/a b, query=null]'",
    "/s/m/%C3%A4?q=%41&r, 'ServicePath[service=m, path=ä, query=q=%41&r]'",
    "/s/m/a%252e, 'ServicePath[service=m, path=a%2e, query=null]'",
    "/s/m/..a/...,  'ServicePath[service=m, path=..a/..., query=null]'",
    "/s/m/dir/, 'ServiceIndex[service=m, folder=dir, after=]'"
  })
  void addressesMean(String target, String route) {
    assertThat(Route.parse(target)).asString().isEqualTo(route);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "",
        "blobs",
        "ftp://a/b",
        "http:///a",
        "http://a b/",
        "http://[/",
        "host:80",
        "//",
        "/s//a",
        "/s/m//a",
        "/s/m/a/../b",
        "/s/m/./b",
        "/s/m/..",
        "/../etc/passwd",
        "/s/m/%2e%2e/b",
        "/s/m/%2E./b",
        "/s/m/a%2fb",
        "/s/m/a%5cb",
        "/s/m/a\\b",
        "/s/m/a%00",
        "/s/m/a%0d%0a",
        "/s/m/%c2%85",
        "/s/m/a%",
        "/s/m/a%2",
        "/s/m/a%zz",
        "/s/m/%ff",
        "/s/m/%c0%af",
        "/s/m/%ed%a0%80",
        "/s/.m/a",
        "/s/m%20/a",
        "/s/m/a#b",
        "/s/m/a?b#c",
        "/s/m/?after=a/b",
        "/s/m/?after=%0a",
        "/s/m/?after=%",
        "/s/m/a//",
        "/s/m/../",
        "/blobs/",
        "/blobs/abc",
        "/blobs/zz1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "/blobs/AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262"
      })
  void whatIsNoProperAddressIsBad(String target) {
    assertThat(Route.parse(target)).isInstanceOf(Route.Bad.class);
  }

  @Test
  void pathsHaveLimits() {
    assertThat(Route.parse("/s/m/" + "a/".repeat(61) + "a")).isInstanceOf(Route.ServicePath.class);
    assertThat(Route.parse("/s/m/" + "a/".repeat(62) + "a")).isInstanceOf(Route.Bad.class);
    assertThat(Route.parse("/s/m/" + "a".repeat(2048))).isInstanceOf(Route.ServicePath.class);
    assertThat(Route.parse("/s/m/" + "a".repeat(2049))).isInstanceOf(Route.Bad.class);
    assertThat(Route.parse("/s/m/" + "a".repeat(2048) + "/"))
        .isInstanceOf(Route.ServiceIndex.class);
    assertThat(Route.parse("/s/m/" + "a".repeat(2049) + "/")).isInstanceOf(Route.Bad.class);
    assertThat(Route.parse("/s/" + "a".repeat(64) + "/b")).isInstanceOf(Route.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "example.org, example.org, -1",
    "EXAMPLE.org:80, example.org, 80",
    "a:, a, -1",
    "127.0.0.1:65535, 127.0.0.1, 65535",
    "[::1]:8471, [::1], 8471",
    "'', '', -1",
    "a_b%41, a_b%41, -1"
  })
  void hosts(String text, String name, int port) {
    assertThat(Host.parse(text)).isEqualTo(new Host(name, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b", "a/b", "a@b", "a:b", "a:80:80", "a:65536", "a:-1", "[::1", "[]", "[x]", "::1", "a%4",
        "[::1]80", "a,b?", "a\u00e4"
      })
  void noHosts(String text) {
    assertThat(Host.parse(text)).isNull();
  }
}
