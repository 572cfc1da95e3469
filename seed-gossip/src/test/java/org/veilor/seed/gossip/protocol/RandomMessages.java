package org.veilor.seed.gossip.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;

/** Messages of every kind, each short enough for a frame. */
final class RandomMessages {
  private final Random random;
  private final List<EndpointId> ids = new ArrayList<>();

  RandomMessages(long seed) {
    random = new Random(seed);
    for (int i = 0; i < 10; i++) {
      byte[] key = new byte[SecretKey.LENGTH];
      random.nextBytes(key);
      ids.add(SecretKey.of(key).id());
    }
  }

  Message next() {
    return switch (random.nextInt(10)) {
      case 0 -> new Message.Join(data());
      case 1 -> new Message.ForwardJoin(peer(), u16());
      case 2 -> new Message.Shuffle(id(), peers(), u16());
      case 3 -> new Message.ShuffleReply(peers());
      case 4 ->
          new Message.Neighbor(
              random.nextBoolean() ? Message.Priority.HIGH : Message.Priority.LOW, data());
      case 5 -> new Message.Disconnect(random.nextBoolean());
      case 6 -> gossip();
      case 7 -> new Message.Prune();
      case 8 -> new Message.Graft(random.nextBoolean() ? hash() : null, u16());
      default -> {
        List<Message.IHaveItem> items = new ArrayList<>();
        for (int i = random.nextInt(GossipLimits.MAX_IHAVE_ITEMS + 1); i > 0; i--) {
          items.add(new Message.IHaveItem(hash(), u16()));
        }
        yield new Message.IHave(items);
      }
    };
  }

  private Message gossip() {
    byte[] content = new byte[random.nextInt(GossipLimits.MAX_CONTENT_BYTES)];
    random.nextBytes(content);
    DeliveryScope scope =
        random.nextBoolean() ? new DeliveryScope.Swarm(u16()) : new DeliveryScope.Neighbors();
    return new Message.Gossip(Blake3Hasher.hash(content), content, scope);
  }

  private List<PeerInfo> peers() {
    List<PeerInfo> peers = new ArrayList<>();
    for (int i = random.nextInt(9); i > 0; i--) {
      peers.add(peer());
    }
    return peers;
  }

  private PeerInfo peer() {
    return new PeerInfo(id(), data());
  }

  private EndpointId id() {
    return ids.get(random.nextInt(ids.size()));
  }

  private Hash hash() {
    byte[] bytes = new byte[Hash.LENGTH];
    random.nextBytes(bytes);
    return Hash.of(bytes);
  }

  private @Nullable PeerData data() {
    if (random.nextInt(3) == 0) {
      return null;
    }
    byte[] bytes = new byte[random.nextInt(GossipLimits.MAX_OWN_PEER_DATA_BYTES + 1)];
    random.nextBytes(bytes);
    return PeerData.of(bytes);
  }

  /** Each length of its wire form is as likely. */
  private int u16() {
    return random.nextInt(new int[] {1 << 7, 1 << 14, 1 << 16}[random.nextInt(3)]);
  }
}
