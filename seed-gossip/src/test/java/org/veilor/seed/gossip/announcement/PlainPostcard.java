package org.veilor.seed.gossip.announcement;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.veilor.seed.core.wire.Hex;

/** Bodies as {@code docs/protocol.md} describes them, in hex, without any class of the module. */
final class PlainPostcard {
  private final StringBuilder hex = new StringBuilder();

  String hex() {
    return hex.toString();
  }

  PlainPostcard raw(String more) {
    hex.append(more);
    return this;
  }

  /** Seven bits a byte, the lowest first; the top bit says that more follow. */
  PlainPostcard number(long value) {
    BigInteger rest = BigInteger.valueOf(value);
    BigInteger base = BigInteger.valueOf(128);
    while (rest.compareTo(base) >= 0) {
      raw(String.format("%02x", 128 + rest.mod(base).intValue()));
      rest = rest.divide(base);
    }
    return raw(String.format("%02x", rest.intValue()));
  }

  PlainPostcard text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return number(bytes.length).raw(Hex.encode(bytes));
  }

  PlainPostcard address(JsonNode addr) {
    raw(addr.get("id").asText()).number(addr.get("relays").size() + addr.get("ips").size());
    addr.get("relays").forEach(relay -> raw("00").text(relay.asText()));
    addr.get("ips").forEach(this::ip);
    return this;
  }

  /** {@code 10.0.0.5:80} or {@code [2001:db8::1]:80}. */
  private void ip(JsonNode ip) {
    String text = ip.asText();
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    byte[] bytes = InetAddress.ofLiteral(host).getAddress();
    raw(bytes.length == 4 ? "0100" : "0101").raw(Hex.encode(bytes));
    number(Long.parseLong(text.substring(colon + 1)));
  }

  PlainPostcard body(JsonNode body) {
    switch (body.get("type").asText()) {
      case "Provide" -> {
        raw("00").address(body.get("addr")).number(body.get("blobs").size());
        for (JsonNode blob : body.get("blobs")) {
          raw(blob.get("hash").asText())
              .raw(blob.get("format").asText().equals("raw") ? "00" : "01");
          number(blob.get("size").asLong());
        }
      }
      case "Withdraw" -> raw("01").hashes(body);
      case "Catalogue" -> {
        raw("02" + body.get("root").asText()).number(body.get("generation").asLong());
        number(body.get("entries").asLong()).number(body.get("bytes").asLong());
        address(body.get("addr"));
      }
      case "Forget" -> raw("03").hashes(body).number(body.get("until_ms").asLong());
      case "Query" -> raw("04").hashes(body);
      default -> throw new AssertionError(body);
    }
    return this;
  }

  private PlainPostcard hashes(JsonNode body) {
    number(body.get("hashes").size());
    body.get("hashes").forEach(hash -> raw(hash.asText()));
    return this;
  }

  /** RFC 4648 in lower case, without padding, by way of binary digits. */
  static String base32(String hex) {
    StringBuilder bits = new StringBuilder(new BigInteger("1" + hex, 16).toString(2).substring(1));
    while (bits.length() % 5 != 0) {
      bits.append('0');
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < bits.length(); i += 5) {
      int value = Integer.parseInt(bits.substring(i, i + 5), 2);
      out.append("abcdefghijklmnopqrstuvwxyz234567".charAt(value));
    }
    return out.toString();
  }
}
