package org.veilor.seed.node.daemon;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.TransportAddr;

/**
 * The addresses that tickets hold: the configured ones, else those of the interfaces on which the
 * endpoint listens. Loopback only where there is nothing else; link-local never, because it means
 * nothing to others.
 */
final class TicketAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(TicketAddresses.class);

  /** Addresses in one ticket; more make it long and help nobody. */
  static final int MAX_ADDRESSES = 16;

  private TicketAddresses() {}

  /**
   * Chooses the addresses.
   *
   * @param listen what the endpoint is bound to
   * @param interfaces the addresses of this machine
   */
  static List<TransportAddr.Ip> choose(
      List<InetSocketAddress> advertise,
      List<InetSocketAddress> listen,
      Collection<InetAddress> interfaces) {
    Set<InetSocketAddress> usable = new LinkedHashSet<>(advertise);
    if (usable.isEmpty()) {
      Set<InetSocketAddress> loopback = new LinkedHashSet<>();
      for (InetSocketAddress bound : listen) {
        for (InetAddress address : addressesOf(bound.getAddress(), interfaces)) {
          (address.isLoopbackAddress() ? loopback : usable)
              .add(new InetSocketAddress(address, bound.getPort()));
        }
      }
      if (usable.isEmpty()) {
        usable = loopback;
      }
    }
    return usable.stream().limit(MAX_ADDRESSES).map(TransportAddr.Ip::of).toList();
  }

  private static List<InetAddress> addressesOf(
      InetAddress bound, Collection<InetAddress> interfaces) {
    if (!bound.isAnyLocalAddress()) {
      return bound.isLinkLocalAddress() ? List.of() : List.of(bound);
    }
    boolean ipv4 = bound instanceof Inet4Address;
    return interfaces.stream()
        .filter(address -> address instanceof Inet4Address == ipv4)
        .filter(address -> !address.isLinkLocalAddress() && !address.isMulticastAddress())
        .toList();
  }

  /** The addresses of the interfaces that are up. */
  static List<InetAddress> ofInterfaces() {
    List<InetAddress> addresses = new ArrayList<>();
    try {
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        if (each.isUp()) {
          each.getInterfaceAddresses().stream()
              .map(InterfaceAddress::getAddress)
              .forEach(addresses::add);
        }
      }
    } catch (SocketException e) {
      LOG.warn("the interfaces of this machine cannot be listed; tickets may lack addresses", e);
    }
    return addresses;
  }
}
