package org.veilor.seed.core.address;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * An endpoint and the ways to reach it.
 *
 * @param addrs sorted, without repetition; may be empty, then the id has to be looked up
 */
public record EndpointAddr(EndpointId id, List<TransportAddr> addrs) {
  private static final int MIN_ADDR_BYTES = 2;

  /** Sorts the addresses and drops repetitions. */
  public EndpointAddr {
    addrs = List.copyOf(new TreeSet<>(addrs));
  }

  /** An endpoint without addresses. */
  public static EndpointAddr of(EndpointId id) {
    return new EndpointAddr(id, List.of());
  }

  /** An endpoint with addresses in any order. */
  public static EndpointAddr of(EndpointId id, Collection<? extends TransportAddr> addrs) {
    return new EndpointAddr(id, List.copyOf(addrs));
  }

  /** The first relay. */
  public Optional<RelayUrl> relayUrl() {
    return addrs.stream()
        .filter(TransportAddr.Relay.class::isInstance)
        .map(addr -> ((TransportAddr.Relay) addr).url())
        .findFirst();
  }

  /** The IP addresses, sorted. */
  public List<TransportAddr.Ip> ipAddrs() {
    return addrs.stream()
        .filter(TransportAddr.Ip.class::isInstance)
        .map(TransportAddr.Ip.class::cast)
        .toList();
  }

  /** Writes id and addresses: the postcard form of iroh-base 1.1 and later. */
  public void encode(PostcardWriter out) {
    out.writeFixed(id.toBytes()).writeVarint(addrs.size());
    for (TransportAddr addr : addrs) {
      out.writeVarint(addr.wireIndex());
      switch (addr) {
        case TransportAddr.Relay relay -> out.writeText(relay.url().toString());
        case TransportAddr.Ip ip -> IpCodec.encode(ip, out);
        case TransportAddr.Custom custom ->
            out.writeVarint(custom.transportId()).writeBytes(custom.data());
      }
    }
  }

  /**
   * Reads id and addresses, in any order and with repetitions.
   *
   * @throws MalformedException on a bad key or URL, an unknown kind of address, truncation, or more
   *     than the {@link CoreLimits} allow
   */
  public static EndpointAddr decode(PostcardReader in) throws MalformedException {
    EndpointId id = EndpointId.of(in.readFixed(EndpointId.LENGTH));
    int count = in.readCount(CoreLimits.MAX_TRANSPORT_ADDRS, MIN_ADDR_BYTES);
    TreeSet<TransportAddr> addrs = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      addrs.add(
          switch (in.readVariant(3)) {
            case 0 ->
                new TransportAddr.Relay(RelayUrl.parse(in.readText(CoreLimits.MAX_URL_BYTES)));
            case 1 -> IpCodec.decode(in);
            default ->
                new TransportAddr.Custom(
                    in.readU64(), in.readBytes(CoreLimits.MAX_CUSTOM_ADDR_BYTES));
          });
    }
    return of(id, addrs);
  }
}
