package org.veilor.seed.node.announce;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.gossip.GossipNetwork;
import org.veilor.seed.node.membership.Groups;

class KnownPeersTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));
  private static final TopicId TOPIC = SERVICE.topic();
  private static final long LIMIT_SECONDS = 100;

  @TempDir private Path temporary = Path.of("");

  private static SecretKey key(String name) {
    return SecretKey.of(Blake3Hasher.hash(name.getBytes(StandardCharsets.UTF_8)).toBytes());
  }

  private static EndpointAddr peer(int number) {
    return EndpointAddr.of(
        key("peer " + number).id(),
        List.of(TransportAddr.Ip.of(new InetSocketAddress("192.0.2.7", 1000 + number))));
  }

  private static List<EndpointAddr> peers(int from, int count) {
    List<EndpointAddr> peers = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      peers.add(peer(i));
    }
    return peers;
  }

  @Test
  void theLatestAreKeptAndAskedAFewAtATime() throws Exception {
    KnownPeers known = new KnownPeers(temporary, TOPIC);
    assertThat(known.next()).isEmpty();
    known.update(peers(0, 20), 0);
    known.update(peers(100, 20), 0);
    KnownPeers again = new KnownPeers(temporary, TOPIC);
    assertThat(again.all())
        .hasSize(KnownPeers.MAX_PEERS)
        .startsWith(peer(100))
        .endsWith(peer(11))
        .isEqualTo(known.all());
    assertThat(again.next()).isEqualTo(peers(100, KnownPeers.AT_ONCE));
    assertThat(again.next()).isEqualTo(peers(104, KnownPeers.AT_ONCE));
    Path file = temporary.resolve(TOPIC + ".peers");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    again.delete();
    assertThat(new KnownPeers(temporary, TOPIC).all()).isEmpty();
  }

  @Test
  void aDamagedFileIsNotBelieved() throws Exception {
    new KnownPeers(temporary, TOPIC).update(peers(0, 3), 0);
    Path file = temporary.resolve(TOPIC + ".peers");
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(file, damaged);
      assertThat(new KnownPeers(temporary, TOPIC).all()).as("byte %s", at).isEmpty();
    }
    Files.write(file, new byte[100_000]);
    assertThat(new KnownPeers(temporary, TOPIC).all()).isEmpty();
  }

  @Test
  void itIsWrittenOnceAMinute() {
    KnownPeers known = new KnownPeers(temporary, TOPIC);
    assertThat(known.planMillis(1_000_000)).isEqualTo(KnownPeers.SOON_MILLIS);
    assertThat(known.planMillis(1_000_001)).as("planned already").isEqualTo(-1);
    known.update(peers(0, 1), 1_005_000);
    assertThat(known.isDue()).isFalse();
    assertThat(known.planMillis(1_006_000)).isEqualTo(KnownPeers.APART_MILLIS - 1_000);
  }

  /** A member: its state folder, its key and its port outlive a restart. */
  private final class Member implements AutoCloseable {
    private final GossipNetwork gossip;
    private final IrohEndpoint endpoint;
    private final Announcer announcer;

    Member(String name, int port, EndpointAddr... contacts) throws Exception {
      SecretKey key = key(name);
      Path state = temporary.resolve(name);
      gossip = new GossipNetwork(key.id(), GossipConfig.hardened(), new Random(port));
      endpoint =
          IrohEndpoint.builder(key)
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .accept(GossipLimits.ALPN, gossip)
              .start();
      gossip.start(endpoint, address());
      Memberships memberships = Memberships.open(state);
      memberships.put(new Invite(SERVICE, List.of(key("a").id()), List.of(contacts)));
      announcer =
          new Announcer(
              new Announcer.Context(
                  key,
                  gossip,
                  memberships,
                  this::address,
                  (_, _) -> OptionalLong.empty(),
                  new AnnouncedProviders(),
                  Groups.open(state, memberships::all, System::currentTimeMillis),
                  OriginListener.NONE,
                  System::currentTimeMillis,
                  new Random(port)));
      announcer.start();
    }

    EndpointAddr address() {
      return EndpointAddr.of(
          endpoint.id(), endpoint.boundAddresses().stream().map(TransportAddr.Ip::of).toList());
    }

    int port() {
      return endpoint.boundAddresses().getFirst().getPort();
    }

    void awaitNeighbor(Member other) throws Exception {
      long end = System.nanoTime() + SECONDS.toNanos(LIMIT_SECONDS);
      while (!gossip.neighbors(TOPIC).get(LIMIT_SECONDS, SECONDS).contains(other.endpoint.id())
          || announcer.status().get(LIMIT_SECONDS, SECONDS).values().stream()
              .noneMatch(each -> each.neighbors() > 0)) {
        assertThat(System.nanoTime()).as("no neighbour came").isLessThan(end);
        Thread.sleep(10);
      }
    }

    @Override
    public void close() {
      announcer.close();
      gossip.close();
      endpoint.close();
    }
  }

  @Test
  void membersFindEachOtherAgainWhenTheirInviterIsGone() throws Exception {
    int portOfB;
    int portOfC;
    EndpointAddr gone;
    try (Member a = new Member("a", 0)) {
      gone = a.address();
      try (Member b = new Member("b", 0, gone);
          Member c = new Member("c", 0, gone)) {
        portOfB = b.port();
        portOfC = c.port();
        b.awaitNeighbor(c);
        c.awaitNeighbor(b);
      }
    }
    try (Member b = new Member("b", portOfB, gone);
        Member c = new Member("c", portOfC, gone)) {
      b.awaitNeighbor(c);
      c.awaitNeighbor(b);
      assertThat(c.gossip.neighbors(TOPIC).get(LIMIT_SECONDS, SECONDS))
          .containsExactly(b.endpoint.id());
    }
  }
}
