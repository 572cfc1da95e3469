package org.veilor.seed.node.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;

class AnnouncedProvidersTest {
  private static final ServiceKey ONE = service("one");
  private static final ServiceKey TWO = service("two");
  private static final long DAY = AnnouncedProviders.EXPIRY_MILLIS;

  private final AnnouncedProviders providers = new AnnouncedProviders();

  private static ServiceKey service(String name) {
    return new ServiceKey.Public(new ServiceName("x.veilor", name));
  }

  private static Hash hash(int number) {
    return Blake3Hasher.hash(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static EndpointId peer(int number) {
    return SecretKey.of(hash(number).toBytes()).id();
  }

  private static EndpointAddr at(EndpointId id, int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    return EndpointAddr.of(id, List.of(TransportAddr.Ip.of(address)));
  }

  @Test
  void theLatestWordComesFirstAndTellsWhereTheProviderIs() {
    providers.put(at(peer(1), 1), List.of(hash(1), hash(2)), ONE, 0);
    providers.put(at(peer(2), 2), List.of(hash(1)), ONE, 1);
    assertThat(providers.find(hash(1), 2)).containsExactly(at(peer(2), 2), at(peer(1), 1));
    providers.put(at(peer(1), 9), List.of(hash(1)), TWO, 2);
    providers.put(EndpointAddr.of(peer(1)), List.of(hash(1)), TWO, 3);
    assertThat(providers.find(hash(1), 3)).containsExactly(at(peer(1), 9), at(peer(2), 2));
    assertThat(providers.find(hash(2), 3)).containsExactly(at(peer(1), 9));
    assertThat(providers.claims(hash(1), 3).getFirst().services()).isEqualTo(Set.of(ONE, TWO));
    assertThat(providers.claims(hash(1), DAY + 1).getFirst().services()).isEqualTo(Set.of(TWO));
    assertThat(providers.claims(hash(1), 3).getFirst().heardAtMillis()).isEqualTo(3);
    assertThat(providers.find(hash(1), DAY + 3)).isEmpty();
    providers.remove(peer(1), List.of(hash(2)));
    assertThat(List.of(providers.size(), providers.claims(), providers.providers()))
        .isEqualTo(List.of(0, 0, 0));
  }

  @Test
  void whatManyAnnounceIsForgottenBeforeItIsTooMuch() {
    List<EndpointId> peers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      peers.add(peer(i));
    }
    for (int i = 0; i < 13_000; i++) {
      for (EndpointId each : peers) {
        providers.put(at(each, 1 + i), List.of(hash(i)), ONE, 0);
      }
    }
    assertThat(providers.claims()).isEqualTo(AnnouncedProviders.MAX_CLAIMS);
    assertThat(providers.size())
        .isEqualTo(AnnouncedProviders.MAX_CLAIMS / AnnouncedProviders.MAX_PROVIDERS);
    assertThat(providers.providers()).isEqualTo(AnnouncedProviders.MAX_PROVIDERS);
    assertThat(providers.find(hash(12_999), 0)).hasSize(AnnouncedProviders.MAX_PROVIDERS);
    assertThat(providers.find(hash(0), 0)).isEmpty();
  }

  @Test
  void whoeverSaysLittleIsForgottenBeforeTheyAreTooMany() {
    for (int i = 0; i < AnnouncedProviders.MAX_KNOWN_PROVIDERS + 50; i++) {
      providers.put(at(peer(i), 1), List.of(hash(i)), ONE, 0);
    }
    assertThat(providers.providers()).isEqualTo(AnnouncedProviders.MAX_KNOWN_PROVIDERS);
    assertThat(providers.size()).isEqualTo(AnnouncedProviders.MAX_KNOWN_PROVIDERS);
  }
}
