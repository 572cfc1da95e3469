package org.veilor.seed.core.address;

import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.Hex;

/** One way to reach an endpoint. Relays sort before IP addresses, custom transports come last. */
public sealed interface TransportAddr extends Comparable<TransportAddr> {
  /** Through a relay. */
  record Relay(RelayUrl url) implements TransportAddr {
    @Override
    public String toString() {
      return url.toString();
    }
  }

  /** Directly, at a UDP port. */
  record Ip(IpAddress address, int port) implements TransportAddr {
    /** Checks the port. */
    public Ip {
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("no port: " + port);
      }
    }

    /** The same address; a scope is dropped. The argument must be resolved. */
    public static Ip of(InetSocketAddress address) {
      return new Ip(IpAddress.of(address.getAddress()), address.getPort());
    }

    private int compareWithinKind(Ip other) {
      int byAddress = address.compareTo(other.address);
      return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    /** The same address for the JDK. */
    public InetSocketAddress toSocketAddress() {
      return new InetSocketAddress(address.toInetAddress(), port);
    }

    @Override
    public String toString() {
      return address.isIpv4() ? address + ":" + port : "[" + address + "]:" + port;
    }
  }

  /** Through a transport that an application brings along. */
  final class Custom implements TransportAddr {
    private final long transportId;
    private final byte[] data;

    /**
     * Creates the address.
     *
     * @param transportId unsigned number of the transport
     * @param data its address there; copied
     */
    public Custom(long transportId, byte[] data) {
      this.transportId = transportId;
      this.data = data.clone();
    }

    /** Unsigned number of the transport. */
    public long transportId() {
      return transportId;
    }

    private int compareWithinKind(Custom other) {
      int byTransport = Long.compareUnsigned(transportId, other.transportId);
      return byTransport != 0 ? byTransport : Arrays.compareUnsigned(data, other.data);
    }

    /** A new array with the address in that transport. */
    public byte[] data() {
      return data.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Custom that
          && transportId == that.transportId
          && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
      return 31 * Long.hashCode(transportId) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
      return Long.toUnsignedString(transportId, 16) + "_" + Hex.encode(data);
    }
  }

  /** The order in which tickets list addresses. */
  @Override
  default int compareTo(TransportAddr other) {
    return switch (this) {
      case Relay relay when other instanceof Relay that -> relay.url().compareTo(that.url());
      case Ip ip when other instanceof Ip that -> ip.compareWithinKind(that);
      case Custom custom when other instanceof Custom that -> custom.compareWithinKind(that);
      default -> Integer.compare(wireIndex(), other.wireIndex());
    };
  }

  /** The discriminant on the wire: 0 relay, 1 IP, 2 custom. */
  default int wireIndex() {
    return switch (this) {
      case Relay _ -> 0;
      case Ip _ -> 1;
      case Custom _ -> 2;
    };
  }
}
