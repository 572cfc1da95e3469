package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;

/** Endpoints on loopback that prove membership to each other. */
class MemberNetworkTest {
  /** Connections that a node lets be open. */
  private static final int MOST = 4;

  private static final ServiceKey.Group RED = group("red");
  private static final ServiceKey.Group BLUE = group("blue");

  @TempDir private Path temporary = Path.of("");
  private final List<Node> nodes = new ArrayList<>();

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ServiceKey.Group group(String name) {
    return new ServiceKey.Group(
        new ServiceName("x.veilor", name), ServiceSecret.of(hash("secret " + name).toBytes()));
  }

  /** A node in groups. */
  private final class Node implements AutoCloseable {
    final Groups groups;
    final MemberNetwork network;
    final IrohEndpoint endpoint;

    Node(String name, ServiceKey.Group... in) throws Exception {
      SecretKey key = SecretKey.of(hash(name).toBytes());
      List<Invite> invites = new ArrayList<>();
      for (ServiceKey.Group each : in) {
        invites.add(new Invite(each, List.of(key.id()), List.of()));
      }
      groups = Groups.open(temporary.resolve(name), () -> invites, System::currentTimeMillis);
      network = new MemberNetwork(key.id(), groups, MOST);
      endpoint =
          IrohEndpoint.builder(key)
              .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
              .accept(MembershipProof.ALPN, network)
              .start();
      network.start(endpoint);
      nodes.add(this);
    }

    EndpointId id() {
      return endpoint.id();
    }

    EndpointAddr addr() {
      return EndpointAddr.of(
          id(), endpoint.boundAddresses().stream().map(TransportAddr.Ip::of).toList());
    }

    boolean knows(Node other, ServiceKey.Group group) {
      return groups.isMember(Groups.mark(group.name()), other.id());
    }

    boolean prove(Node to, ServiceKey.Group... claimed) {
      return network.prove(to.addr(), List.of(claimed)).orTimeout(100, TimeUnit.SECONDS).join();
    }

    PeerConnection connect(Node to) {
      return endpoint
          .connect(to.addr(), MembershipProof.ALPN)
          .orTimeout(100, TimeUnit.SECONDS)
          .join();
    }

    @Override
    public void close() {
      network.close();
      endpoint.close();
      groups.close();
    }
  }

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
  }

  @Test
  void bothKnowEachOtherAfterwards() throws Exception {
    Node a = new Node("a", RED, BLUE);
    Node b = new Node("b", RED);
    assertThat(b.prove(a, RED)).isTrue();
    assertThat(a.knows(b, RED)).isTrue();
    assertThat(b.knows(a, RED)).isTrue();
    assertThat(a.knows(b, BLUE)).isFalse();
    assertThat(a.network.counters()).containsEntry("proofs_believed", 1L);
    assertThat(b.network.counters()).containsEntry("proofs_confirmed", 1L);
  }

  @Test
  void strangersProveNothing() throws Exception {
    Node a = new Node("a", RED);
    Node b = new Node("b", BLUE);
    assertThat(b.prove(a, BLUE)).isFalse();
    assertThat(a.groups.size()).isZero();
  }

  @Test
  void aPeerMayOpenFewStreamsAndSayLittle() throws Exception {
    Node a = new Node("a", RED);
    Node b = new Node("b", RED);
    PeerConnection connection = b.connect(a);
    BlockingStream greedy = open(connection);
    try (var out = greedy.output()) {
      out.write(new byte[MembershipProof.MAX_MESSAGE_BYTES + 1]);
    }
    assertThat(ending(greedy)).contains("reset by the peer with code 1");
    for (int i = 1; i < MembershipLimits.MAX_STREAMS; i++) {
      BlockingStream stream = open(connection);
      try (var out = stream.output()) {
        out.write(0);
      }
      assertThat(stream.input().readAllBytes()).containsExactly(0);
    }
    BlockingStream fifth = open(connection);
    fifth.output().write(0); // or the other side would not know of it
    assertThat(ending(fifth)).contains("reset by the peer with code 2");
  }

  private static BlockingStream open(PeerConnection connection) throws Exception {
    PeerStream stream = connection.openBidirectional().get(100, TimeUnit.SECONDS);
    return new BlockingStream(stream);
  }

  /** How reading ends. */
  private static String ending(BlockingStream stream) {
    try {
      return "end after " + stream.input().readAllBytes().length;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Strangers who hold connections open keep nobody out. */
  @Test
  void theOldestConnectionGivesWay() throws Exception {
    Node a = new Node("a", RED);
    Node b = new Node("b", RED);
    PeerConnection first = b.connect(a);
    List<PeerConnection> others = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      others.add(b.connect(a));
    }
    assertThat(first.closed().get(100, TimeUnit.SECONDS)).isNotNull();
    assertThat(b.prove(a, RED)).isTrue();
    others.forEach(each -> each.close(0, ""));
  }
}
