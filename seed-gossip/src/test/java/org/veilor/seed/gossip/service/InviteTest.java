package org.veilor.seed.gossip.service;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardWriter;

class InviteTest {
  private static final String KIND = "veilorservice";
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
  private static final EndpointId ORIGIN = id(1);
  private static final ServiceName NAME = new ServiceName("x.veilor", "misskey");
  private static final ServiceKey GROUP = new ServiceKey.Group(NAME, ServiceSecret.of(SECRET));
  private static final Invite INVITE =
      new Invite(GROUP, List.of(ORIGIN), List.of(addr(id(1), 4), addr(id(2), 16)));

  private static EndpointId id(int number) {
    byte[] seed = new byte[SecretKey.LENGTH];
    seed[0] = (byte) number;
    return SecretKey.of(seed).id();
  }

  private static EndpointAddr addr(EndpointId id, int addressBytes) {
    byte[] address = new byte[addressBytes];
    address[0] = 10;
    return EndpointAddr.of(id, List.of(new TransportAddr.Ip(IpAddress.of(address), 4471)));
  }

  private static void refused(String text, String reason) {
    assertThatThrownBy(() -> Invite.parse(text))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(reason);
  }

  /** An invite with a right checksum around these bytes. */
  private static String text(PostcardWriter content) {
    byte[] check = Arrays.copyOf(Blake3Hasher.hash(content.toBytes()).toBytes(), 4);
    return KIND + Base32.RFC4648.encode(content.writeFixed(check).toBytes());
  }

  private static PostcardWriter start(int exposure) {
    return new PostcardWriter().writeU8(1).writeText("r").writeText("n").writeU8(exposure);
  }

  @Test
  void comesBack() throws MalformedException {
    assertThat(INVITE.text()).matches("veilorservice[a-z2-7]+");
    Invite read = Invite.parse(INVITE.text());
    assertThat(read).isEqualTo(INVITE);
    assertThat(read.service().topic()).isEqualTo(GROUP.topic());
    Invite open = new Invite(new ServiceKey.Public(NAME), List.of(ORIGIN), List.of());
    assertThat(Invite.parse(open.text())).isEqualTo(open).isNotEqualTo(INVITE);
  }

  @Test
  void survivesChatPrograms() throws MalformedException {
    String text = INVITE.text();
    StringBuilder wrapped = new StringBuilder("\n> ");
    for (int i = 0; i < text.length(); i++) {
      wrapped.append(text.charAt(i)).append(i % 20 == 19 ? "\r\n> " : "");
    }
    for (String changed :
        List.of(
            " \t" + text + "\n",
            text.toUpperCase(Locale.ROOT),
            "Veilorservice" + text.substring(KIND.length()),
            wrapped.toString(),
            "`" + text + "`",
            "**" + text + "**",
            "\"" + text + "\"",
            "\ufeff\u200b" + text.replace("service", "ser\u00advice\u2060\u200d\u00a0\u3000"),
            "\u202a" + text + "\u202c",
            "Join with: „" + text + "“.",
            "\u00ab\u00a0" + text + "\u00a0\u00bb",
            "(" + text + ");",
            "<" + text + ">, ",
            "veilor-seed join " + text + "!",
            text.replaceAll("(.{30})", "$1-\n"),
            text.replaceAll("(.)", "$1\u200b"),
            text.replaceAll("(.{7})", "$1\ufe0f\u200d"))) {
      assertThat(Invite.parse(changed)).as(changed).isEqualTo(INVITE);
    }
  }

  @Test
  void whatCannotBeRepairedIsSaid() {
    String text = INVITE.text();
    refused(text + " see you there", "damaged");
    refused(text + "\n" + text, "more than one");
    refused(text.replace('a', '\u0430'), "base32"); // the Cyrillic letter
    refused(text.substring(0, text.length() / 2) + "\u2026", "");
    refused("veilor service " + text.substring(KIND.length() + 3), "");
  }

  @Test
  void aNameHidesNothing() {
    ServiceName odd = new ServiceName("x\u202egpj", "a\u200bb\u2028c");
    Invite invite = new Invite(new ServiceKey.Public(odd), List.of(ORIGIN), List.of());
    assertThat(invite.grants()).contains("x\\u{202e}gpj/a\\u{200b}b\\u{2028}c");
  }

  @Test
  void damageIsNoticed() {
    String text = INVITE.text();
    for (int i = KIND.length(); i < text.length(); i++) {
      String cut = text.substring(0, i);
      assertThatThrownBy(() -> Invite.parse(cut)).isInstanceOf(MalformedException.class);
      char other = text.charAt(i) == 'a' ? 'b' : 'a';
      String changed = text.substring(0, i) + other + text.substring(i + 1);
      assertThatThrownBy(() -> Invite.parse(changed)).isInstanceOf(MalformedException.class);
    }
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      int a = KIND.length() + random.nextInt(text.length() - KIND.length() - 1);
      char[] swapped = text.toCharArray();
      swapped[a] = text.charAt(a + 1);
      swapped[a + 1] = text.charAt(a);
      if (swapped[a] != swapped[a + 1]) {
        assertThatThrownBy(() -> Invite.parse(new String(swapped)))
            .as("seed %d", seed)
            .isInstanceOf(MalformedException.class);
      }
    }
  }

  @Test
  void whatIsNoInviteIsSaidWithoutRepeatingIt() {
    refused("", "begins with");
    refused("blobabcdef", "begins with");
    refused(KIND, "not complete");
    refused(INVITE.text() + "1", "base32");
    refused(INVITE.text() + "aaaaaaaa", "damaged");
    refused("x".repeat(ServiceLimits.MAX_INVITE_CHARS + 1), "too long");
    refused(KIND + "a".repeat(20_000), "too long");
    refused(KIND + Base32.RFC4648.encode(new byte[] {2, 0, 0, 0, 0, 0}), "version");
    assertThatThrownBy(() -> Invite.parse(INVITE.text() + "a!"))
        .message()
        .doesNotContain(INVITE.text().substring(20, 30));
  }

  @Test
  void contentIsChecked() {
    byte[] origin = ORIGIN.toBytes();
    refused(text(start(1).writeBoolean(false)), "secret");
    refused(text(start(0).writeBoolean(true).writeFixed(SECRET)), "secret");
    refused(text(start(2)), "variant");
    refused(text(start(0).writeBoolean(false).writeVarint(0).writeVarint(0)), "no origin");
    refused(text(start(0).writeBoolean(false).writeVarint(17)), "more than 16");
    refused(text(start(0).writeBoolean(false).writeVarint(1).writeFixed(origin)), "truncated");
    PostcardWriter trailing = start(0).writeBoolean(false).writeVarint(1).writeFixed(origin);
    refused(text(trailing.writeVarint(0).writeU8(0)), "follows");
    PostcardWriter noPoint = start(0).writeBoolean(false).writeVarint(1);
    refused(text(noPoint.writeU8(2).writeFixed(new byte[32])), "point");
    refused(text(new PostcardWriter().writeU8(1).writeText("").writeText("n")), "realm");
    refused(text(new PostcardWriter().writeU8(1).writeText("r").writeText("a\nb")), "control");
    refused(text(new PostcardWriter().writeU8(1).writeText("r".repeat(256))), "more than 255");
  }

  @Test
  void saysWhatItGrantsWithoutTheSecret() {
    assertThat(INVITE.grants())
        .contains("x.veilor/misskey", "member", "secret", ORIGIN.shortText(), "2 endpoints")
        .contains("can fetch all its files", "learns this node's endpoint id and addresses");
    for (String shown : List.of(INVITE.grants(), INVITE.toString(), GROUP.toString())) {
      assertThat(shown)
          .doesNotContain(new String(SECRET, US_ASCII), Hex.encode(SECRET).substring(0, 8), KIND)
          .doesNotContain(GROUP.topic().toString());
    }
    Invite open = new Invite(new ServiceKey.Public(NAME), List.of(ORIGIN, id(2)), List.of());
    assertThat(open.grants()).contains("public", "origins", id(2).shortText(), "0 endpoints");
  }

  @Test
  void limits() throws MalformedException {
    List<EndpointId> many = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      many.add(id(i));
    }
    assertThatThrownBy(() -> new Invite(GROUP, many, List.of())).hasMessageContaining("17");
    assertThatThrownBy(() -> new Invite(GROUP, List.of(), List.of())).hasMessageContaining("0");
    List<EndpointAddr> contacts = many.stream().map(id -> addr(id, 4)).toList();
    assertThatThrownBy(() -> new Invite(GROUP, List.of(ORIGIN), contacts))
        .hasMessageContaining("too many");
    RelayUrl longUrl = RelayUrl.parse("https://r/" + "p".repeat(460));
    EndpointAddr longAddr = EndpointAddr.of(ORIGIN, List.of(new TransportAddr.Relay(longUrl)));
    assertThat(new Invite(GROUP, Collections.nCopies(9, ORIGIN), List.of(longAddr)).origins())
        .containsExactly(ORIGIN);
    List<EndpointAddr> longest = new ArrayList<>();
    for (int i = 0; i < ServiceLimits.MAX_BOOTSTRAP; i++) {
      longest.add(EndpointAddr.of(id(i), longAddr.addrs()));
    }
    String text255 = "ä".repeat(127);
    Invite invite =
        new Invite(
            new ServiceKey.Group(new ServiceName(text255, text255), ServiceSecret.of(SECRET)),
            many.subList(0, ServiceLimits.MAX_ORIGINS),
            longest);
    assertThat(Invite.parse(invite.text())).isEqualTo(invite);
  }
}
