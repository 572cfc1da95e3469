package org.veilor.seed.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Several real providers of the same files and folders, started side by side, each a process of its
 * own. Closing the swarm ends them all.
 */
final class Swarm implements AutoCloseable {
  private final List<Peer> peers;

  private Swarm(List<Peer> peers) {
    this.peers = List.copyOf(peers);
  }

  /** Which providers to start, in this order. */
  static final class Builder {
    private final List<Path> paths;
    private final List<List<Object>> providers = new ArrayList<>();

    private Builder(List<Path> paths) {
      this.paths = paths;
    }

    /** An honest one, with these further arguments of {@code iroh-peer provide}. */
    Builder honest(Object... arguments) {
      List<Object> command = new ArrayList<>(List.of("provide", "--count"));
      command.addAll(List.of(arguments));
      providers.add(command);
      return this;
    }

    /** An honest one that gives each connection no more than this. */
    Builder capped(long bytesPerSecond) {
      return honest("--rate-bytes", bytesPerSecond);
    }

    /** So many honest ones, each with another part of every file. */
    Builder parts(int count, Object... arguments) {
      for (int i = 1; i <= count; i++) {
        List<Object> all = new ArrayList<>(List.of("--part", i + "/" + count));
        all.addAll(List.of(arguments));
        honest(all.toArray());
      }
      return this;
    }

    /** One that spoils its answers: a mode of {@code iroh-peer provide-bad}. */
    Builder bad(String mode, Object... arguments) {
      List<Object> command = new ArrayList<>(List.of("provide-bad", "--mode", mode));
      command.addAll(List.of(arguments));
      providers.add(command);
      return this;
    }

    Swarm start() {
      List<Peer> started = new ArrayList<>();
      for (List<Object> provider : providers) {
        List<Object> command = new ArrayList<>(provider);
        command.addAll(paths);
        started.add(Peers.start(command.toArray()));
      }
      var swarm = new Swarm(started);
      try {
        started.forEach(Peer::ready);
      } catch (AssertionError e) {
        swarm.close();
        throw e;
      }
      return swarm;
    }
  }

  /** Providers of these files and folders. */
  static Builder of(Path... paths) {
    return new Builder(List.of(paths));
  }

  Peer peer(int index) {
    return peers.get(index);
  }

  int size() {
    return peers.size();
  }

  /** The hash of the first file or folder. */
  String hash() {
    return peer(0).item(0).path("hash").asText();
  }

  /** A ticket of the first file or folder from one provider. */
  String ticket(int index) {
    return peer(index).item(0).path("ticket").asText();
  }

  /** A ticket of the first file or folder from each provider. */
  List<String> tickets() {
    return peers.stream().map(peer -> peer.item(0).path("ticket").asText()).toList();
  }

  /** The same ticket, but with the address of a proxy in place of the provider's own. */
  static String through(Proxy proxy, String ticket) {
    return with(ticket, ip(proxy.address()), parse(ticket).content());
  }

  /** The same ticket, but with the address of another peer. */
  static String at(Peer peer, String ticket) {
    return with(ticket, ip(peer.address()), parse(ticket).content());
  }

  /** The same ticket, but with the address of a socket of somebody else. */
  static String at(DatagramSocket socket, String ticket) {
    var address = (InetSocketAddress) socket.getLocalSocketAddress();
    return with(ticket, ip(address), parse(ticket).content());
  }

  /** A ticket of the same blob from a peer that never said that it has it. */
  static String from(Peer peer, String ticket) {
    try {
      var id = EndpointId.of(HexFormat.of().parseHex(peer.endpoint()));
      var addr = EndpointAddr.of(id, ip(peer.address()));
      return new BlobTicket(addr, parse(ticket).content()).toString();
    } catch (MalformedException e) {
      throw new AssertionError("no endpoint: " + peer.endpoint(), e);
    }
  }

  /** The same ticket, but of another blob. */
  static String ofHash(String hash, String ticket) {
    var content = new HashAndFormat(Hash.of(HexFormat.of().parseHex(hash)), BlobFormat.RAW);
    return with(ticket, parse(ticket).addr().ipAddrs(), content);
  }

  private static List<TransportAddr.Ip> ip(InetSocketAddress address) {
    return List.of(TransportAddr.Ip.of(address));
  }

  private static String with(
      String ticket, List<TransportAddr.Ip> addresses, HashAndFormat content) {
    var addr = EndpointAddr.of(parse(ticket).addr().id(), addresses);
    return new BlobTicket(addr, content).toString();
  }

  private static BlobTicket parse(String ticket) {
    try {
      return BlobTicket.parse(ticket);
    } catch (MalformedException e) {
      throw new AssertionError("no ticket: " + ticket, e);
    }
  }

  /** What a provider has done so far. */
  JsonNode stats(int index) {
    return peer(index).ask("stats");
  }

  /** A figure of every provider so far, for instance {@code bytes_sent}. */
  List<Long> each(String figure) {
    return peers.stream().map(peer -> peer.ask("stats").path(figure).asLong()).toList();
  }

  /** What all have sent so far. */
  long sentBytes() {
    return each("bytes_sent").stream().mapToLong(Long::longValue).sum();
  }

  /** What all have sent, once they notice that nobody reads any more. */
  long sentBytesWhenQuiet(Duration limit) {
    Deadline deadline = Deadline.after(limit);
    long before = -1;
    long now = sentBytes();
    while (before != now) {
      if (deadline.isOver()) {
        throw new AssertionError("still sending after " + limit);
      }
      Deadline.pause(Duration.ofMillis(500));
      before = now;
      now = sentBytes();
    }
    return now;
  }

  /** What one was asked for so far, if it was started with {@code --log-requests}. */
  List<JsonNode> requests(int index) {
    return peer(index).seen("request");
  }

  /** SIGKILL: to the others it vanished. */
  void kill(int index) {
    peer(index).kill();
  }

  /** Ends each by its stdin and gives the last figures, for those that were not killed. */
  List<JsonNode> stop() {
    List<JsonNode> figures = new ArrayList<>();
    for (Peer peer : peers) {
      if (peer.child().isAlive()) {
        Peer.Result result = peer.stop();
        result.raw().expectExit(0);
        figures.add(result.last("stats"));
      }
    }
    return figures;
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
  }
}
