package org.veilor.seed.gossip.protocol;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.IpCodec;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * What iroh puts into {@link PeerData}: a relay and IP addresses (iroh-gossip {@code
 * net.rs:903-916}). Nobody vouches for it: anybody may say anything about anybody.
 *
 * @param directAddresses without repetition, the most useful first: those at the end are left out
 *     if not all can be told
 */
public record AddrInfo(Optional<RelayUrl> relayUrl, List<TransportAddr.Ip> directAddresses) {
  private static final int MIN_IP_BYTES = 6;
  private static final int IPV4_MULTICAST = 224;
  private static final int IPV6_MULTICAST = 255;

  /** Drops repetitions. */
  public AddrInfo {
    directAddresses = List.copyOf(new LinkedHashSet<>(directAddresses));
  }

  /** Nothing is known. */
  public static AddrInfo empty() {
    return new AddrInfo(Optional.empty(), List.of());
  }

  /**
   * What fits into {@link GossipLimits#MAX_OWN_PEER_DATA_BYTES}: the relay, then at most {@link
   * GossipLimits#MAX_OWN_ADDRESSES} addresses in the order of the list. iroh has no such cap, so
   * that its shuffles can be too long for a frame.
   */
  public PeerData toPeerData() {
    Optional<RelayUrl> relay =
        relayUrl.filter(url -> encode(Optional.of(url), List.of()).length <= maxBytes());
    byte[] best = encode(relay, List.of());
    List<TransportAddr.Ip> kept = new ArrayList<>();
    for (TransportAddr.Ip address : directAddresses) {
      kept.add(address);
      byte[] longer = encode(relay, kept);
      if (kept.size() > GossipLimits.MAX_OWN_ADDRESSES || longer.length > maxBytes()) {
        break;
      }
      best = longer;
    }
    return PeerData.of(best);
  }

  private static int maxBytes() {
    return GossipLimits.MAX_OWN_PEER_DATA_BYTES;
  }

  private static byte[] encode(Optional<RelayUrl> relay, List<TransportAddr.Ip> addresses) {
    PostcardWriter out = new PostcardWriter().writeBoolean(relay.isPresent());
    relay.ifPresent(url -> out.writeText(url.toString()));
    out.writeVarint(addresses.size());
    new TreeSet<>(addresses).forEach(address -> IpCodec.encode(address, out));
    return out.toBytes();
  }

  /**
   * Reads what a peer says. Left out are a relay whose URL is none that we would use, addresses to
   * which nothing can be sent (port 0, unspecified, broadcast, multicast) and all beyond the first
   * {@link GossipLimits#MAX_ADDRESSES}; bytes behind the value are ignored.
   *
   * @throws MalformedException if it is no such value; the message that carried it stays good
   */
  public static AddrInfo decode(PeerData data) throws MalformedException {
    if (data.sizeBytes() == 0) {
      return empty();
    }
    PostcardReader in = new PostcardReader(data.toBytes());
    Optional<RelayUrl> relay = in.readBoolean() ? readRelay(in) : Optional.empty();
    int count = in.readCount(in.remaining(), MIN_IP_BYTES);
    LinkedHashSet<TransportAddr.Ip> addresses = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      TransportAddr.Ip address = IpCodec.decode(in);
      if (addresses.size() < GossipLimits.MAX_ADDRESSES && isUsable(address)) {
        addresses.add(address);
      }
    }
    return new AddrInfo(relay, List.copyOf(addresses));
  }

  private static Optional<RelayUrl> readRelay(PostcardReader in) throws MalformedException {
    String text = in.readText(CoreLimits.MAX_URL_BYTES);
    try {
      return Optional.of(RelayUrl.parse(text));
    } catch (MalformedException _) {
      return Optional.empty(); // stricter than Rust's parser, so the addresses may still be good
    }
  }

  /** Whether a datagram can be sent there, as far as the address alone says. */
  static boolean isUsable(TransportAddr.Ip ip) {
    byte[] bytes = ip.address().toBytes();
    int first = bytes[0] & 0xff;
    boolean unspecified = true;
    for (byte part : bytes) {
      unspecified &= part == 0;
    }
    boolean multicast =
        bytes.length == IpAddress.IPV4_LENGTH ? first >= IPV4_MULTICAST : first == IPV6_MULTICAST;
    return ip.port() != 0 && !unspecified && !multicast;
  }
}
