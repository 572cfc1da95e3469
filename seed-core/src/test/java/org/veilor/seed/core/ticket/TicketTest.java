package org.veilor.seed.core.ticket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/** Tickets as iroh-tickets 1.0.0 and iroh-blobs 0.104.0 write and read them. */
class TicketTest {
  private static final String K2_ID =
      "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

  static List<JsonNode> blobTickets() {
    return Vectors.list(Vectors.blobs().get("tickets"));
  }

  static List<JsonNode> decodeCases() {
    return Vectors.list(Vectors.blobs().get("live").get("tickets_decode"));
  }

  static List<JsonNode> endpointDecodeCases() {
    return Vectors.list(Vectors.blobs().get("live").get("endpoint_tickets_decode"));
  }

  private static TransportAddr addr(String text) throws MalformedException {
    if (text.contains("//")) {
      return new TransportAddr.Relay(RelayUrl.parse(text));
    }
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    int port = Integer.parseInt(text.substring(colon + 1));
    return TransportAddr.Ip.of(new InetSocketAddress(host, port));
  }

  @ParameterizedTest
  @MethodSource("blobTickets")
  void blobTicketVectors(JsonNode vector) throws MalformedException {
    List<TransportAddr> addrs = new ArrayList<>();
    if (!vector.get("relay").isNull()) {
      addrs.add(addr(vector.get("relay").asText()));
    }
    for (JsonNode text : vector.get("addrs")) {
      addrs.add(addr(text.asText()));
    }
    EndpointId id = EndpointId.parse(vector.get("endpoint_id").asText());
    Hash hash = Hash.parse(vector.get("hash").asText());
    BlobFormat format =
        vector.get("format").asInt() == 0 ? BlobFormat.RAW : BlobFormat.HASH_SEQUENCE;
    BlobTicket ticket = new BlobTicket(EndpointAddr.of(id, addrs), new HashAndFormat(hash, format));
    String text = vector.get("text").asText();

    assertThat(Hex.encode(ticket.toBytes())).isEqualTo(vector.get("bytes_hex").asText());
    assertThat(ticket).hasToString(text);
    assertThat(BlobTicket.parse(text)).isEqualTo(ticket);
    assertThat(BlobTicket.parse("blob" + text.substring(4).toUpperCase(Locale.ROOT)))
        .isEqualTo(ticket);
    byte[] bytes = ticket.toBytes();
    assertThat(BlobTicket.ofBytes(Arrays.copyOf(bytes, bytes.length + 2))).isEqualTo(ticket);
    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> BlobTicket.ofBytes(truncated))
          .isInstanceOf(MalformedException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("decodeCases")
  void blobTicketDecoding(JsonNode vector) throws MalformedException {
    String text = vector.get("text").asText();
    if (vector.get("result").asText().equals("accepted")) {
      BlobTicket ticket = BlobTicket.parse(text);
      assertThat(ticket.toString().equals(text))
          .as(vector.toString())
          .isEqualTo(vector.get("reencodes_same").asBoolean());
      assertThat(BlobTicket.parse(ticket.toString())).isEqualTo(ticket);
    } else {
      assertThatThrownBy(() -> BlobTicket.parse(text))
          .as(vector.toString())
          .isInstanceOf(MalformedException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("endpointDecodeCases")
  void endpointTicketDecoding(JsonNode vector) throws MalformedException {
    byte[] bytes = Vectors.hex(vector.get("bytes_hex").asText());
    if (vector.get("result").asText().equals("accepted")) {
      assertThat(Hex.encode(EndpointTicket.ofBytes(bytes).toBytes()))
          .isEqualTo(vector.get("reencoded_hex").asText());
    } else {
      assertThatThrownBy(() -> EndpointTicket.ofBytes(bytes))
          .as(vector.toString())
          .isInstanceOf(MalformedException.class);
    }
  }

  /** T1 to T8 of the transport specification, section 8.3. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaa",
        "127.0.0.1:1024"
            + "|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaibab7qaaabqaea",
        "[::1]:4433|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaibaeaaaaaaaaaaaa"
            + "aaaaaaaaaaaaa5ciq",
        "https://relay.example.com|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qaia"
            + "djuhi5dqom5c6l3smvwgc6jomv4gc3lqnrss4y3pnuxq",
        "https://Relay.Example.com:443;192.0.2.1:65535|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2"
            + "kdk7dxoimzaskuy3qaqadjuhi5dqom5c6l3smvwgc6jomv4gc3lqnrss4y3pnuxqcagaaabad777am",
        "[2001:db8::1]:11204;192.168.1.5:11204;https://euw1-1.relay.n0.iroh.link.;10.0.0.9:11204"
            + "|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3qbaaenuhi5dqom5c6l3fov3t"
            + "cljrfzzgk3dbpexg4mbonfzg62bonruw42zof4aqacqaaae4ivybadakqaifyrlqcajaaeg3qaaaaaaaaaaa"
            + "aaaaaaabyrlq",
        "1.2.3.4:16384;1.2.3.4:0;1.2.3.4:127;1.2.3.4:128;1.2.3.4:16383|endpointaab2cb576phbbpq5odor"
            + "rz2lycmwpzgwgcn2kdk7dxoimzaskuy3qbibaaaqeayeaaaqaaicamch6aiaaebagbeaaeaqaaicamcp67yb"
            + "aaaqeayeqcaac",
        "[fe80::1%3]:99|endpointaab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3"
            + "qaibah7iaaaaaaaaaaaaaaaaaaaaaaawg",
      })
  void endpointTicketVectors(String addrs, String text) throws MalformedException {
    List<TransportAddr> list = new ArrayList<>();
    for (String addr : addrs.isEmpty() ? new String[0] : addrs.split(";", -1)) {
      list.add(addr(addr));
    }
    EndpointTicket ticket = new EndpointTicket(EndpointAddr.of(EndpointId.parse(K2_ID), list));
    assertThat(ticket).hasToString(text);
    assertThat(EndpointTicket.parse(text)).isEqualTo(ticket);
  }

  @Test
  void blobTicketKeepsTheFirstRelayAndNoCustomAddress() throws MalformedException {
    EndpointId id = EndpointId.parse(K2_ID);
    EndpointAddr addr =
        EndpointAddr.of(
            id,
            List.of(
                addr("https://b.example"),
                addr("https://a.example"),
                new TransportAddr.Custom(7, new byte[] {1})));
    BlobTicket ticket = new BlobTicket(addr, HashAndFormat.raw(Hash.EMPTY_BLOB));
    assertThat(BlobTicket.parse(ticket.toString()).addr())
        .isEqualTo(EndpointAddr.of(id, List.of(addr("https://a.example/"))));
  }

  @Test
  void tooLongTicketsAreNotDecoded() {
    String text = "blob" + "a".repeat(CoreLimits.MAX_TICKET_CHARS);
    assertThatThrownBy(() -> BlobTicket.parse(text))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("too long");
  }

  @ParameterizedTest
  @CsvSource({
    "https://Relay.Example.com:443, https://relay.example.com/",
    "HTTP://a:80/x, http://a/x",
    "https://a:0443/, https://a/",
    "https://a:8443?q, https://a:8443/?q",
    "https://[2001:DB8::1]:3340, https://[2001:db8::1]:3340/",
    "wss://a:/, wss://a/",
  })
  void relayUrlsAreNormalised(String text, String normalised) throws MalformedException {
    assertThat(RelayUrl.parse(text)).hasToString(normalised);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "relay.example",
        "https:",
        "https://",
        "https://user@a/",
        "https://a:65536/",
        "https://a b/",
        "https://a\\b",
        "https://a/../b",
        "https://a/%2e%2E",
        "https://a/.",
        "https://ä.example/",
        "//a/",
        "https://a/\n"
      })
  void unclearUrlsAreMalformed(String text) {
    assertThatThrownBy(() -> RelayUrl.parse(text)).isInstanceOf(MalformedException.class);
  }
}
