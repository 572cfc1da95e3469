package org.veilor.seed.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A bad network in front of one UDP address. Conditions hold per packet in each direction; {@link
 * #set} changes them while packets flow.
 */
final class Proxy implements AutoCloseable {
  private final Peer peer;

  private Proxy(Peer peer) {
    this.peer = peer;
  }

  /** What the network does; every unset condition is harmless. */
  static final class Builder {
    private final List<Object> arguments = new ArrayList<>();

    private Builder(String to) {
      add("proxy").add("--to").add(to);
    }

    private Builder add(Object argument) {
      arguments.add(argument);
      return this;
    }

    Builder loss(double probability) {
      return add("--loss").add(probability);
    }

    /** Holds packets back by up to {@code atMost}. */
    Builder reorder(double probability, Duration atMost) {
      return add("--reorder").add(probability).add("--reorder-ms").add(atMost.toMillis());
    }

    Builder duplicate(double probability) {
      return add("--duplicate").add(probability);
    }

    Builder corrupt(double probability) {
      return add("--corrupt").add(probability);
    }

    /** One way; the round trip grows by twice that. */
    Builder delay(Duration oneWay) {
      return add("--delay-ms").add(oneWay.toMillis());
    }

    Builder rateMbit(double rate, Duration queue) {
      return add("--rate-mbit").add(rate).add("--queue-ms").add(queue.toMillis());
    }

    /** Larger UDP payloads vanish. */
    Builder mtu(int bytes) {
      return add("--mtu").add(bytes);
    }

    /** Each client's upstream port changes after so many packets from it, so often. */
    Builder resetMapping(long afterPackets, long times) {
      return add("--reset-mapping-after-packets")
          .add(afterPackets)
          .add("--reset-mapping-times")
          .add(times);
    }

    Builder seed(long seed) {
      return add("--seed").add(seed);
    }

    /** The conditions, for messages. */
    @Override
    public String toString() {
      return String.join(
          " ", arguments.subList(3, arguments.size()).stream().map(Object::toString).toList());
    }

    Proxy start() {
      var proxy = new Proxy(Peers.start(arguments.toArray()));
      proxy.peer.ready();
      return proxy;
    }
  }

  /** A proxy before {@code ip:port}. */
  static Builder to(String address) {
    return new Builder(address);
  }

  /** {@code ip:port} where clients send to. */
  String addr() {
    return peer.addr();
  }

  /** The same, for the JDK. */
  InetSocketAddress address() {
    return peer.address();
  }

  /** {@code ID@ip:port} of the endpoint behind the proxy. */
  String target(String endpoint) {
    return endpoint + "@" + addr();
  }

  /**
   * A command, for instance {@code loss 0.05}, {@code blackhole on}, {@code reset-mapping}; answers
   * with the statistics so far.
   */
  JsonNode set(String command) {
    peer.command(command);
    return peer.await("stats");
  }

  JsonNode stats() {
    return set("stats");
  }

  Peer peer() {
    return peer;
  }

  @Override
  public void close() {
    peer.close();
  }
}
