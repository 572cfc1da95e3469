package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.topic.Lab.infos;
import static org.veilor.seed.gossip.topic.Lab.peer;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.MessageCodec;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.PeerInfo;

/** Sizes that are computed are those of the codec. */
class MessageSizesTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 3000, 4057})
  void gossip(int length) {
    byte[] content = new byte[length];
    for (int round : new int[] {0, 127, 128, 16_383, 16_384, 65_535}) {
      Message.Gossip message =
          new Message.Gossip(Blake3Hasher.hash(content), content, new DeliveryScope.Swarm(round));
      assertThat(MessageSizes.of(message)).isEqualTo(MessageCodec.encode(message).length);
    }
    Message.Gossip near =
        new Message.Gossip(Blake3Hasher.hash(content), content, new DeliveryScope.Neighbors());
    assertThat(MessageSizes.of(near)).isEqualTo(MessageCodec.encode(near).length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 300})
  void membership(int dataBytes) {
    PeerInfo info = new PeerInfo(peer(1), PeerData.of(new byte[dataBytes]));
    for (int ttl : new int[] {0, 6, 128, 65_535}) {
      Message.ForwardJoin join = new Message.ForwardJoin(info, ttl);
      assertThat(MessageSizes.of(join)).isEqualTo(MessageCodec.encode(join).length);
      Message.Shuffle shuffle =
          new Message.Shuffle(peer(2), List.of(info, new PeerInfo(peer(3), null)), ttl);
      assertThat(MessageSizes.of(shuffle)).isEqualTo(MessageCodec.encode(shuffle).length);
    }
    Message.ShuffleReply reply = new Message.ShuffleReply(infos(1, 1 + dataBytes / 3));
    assertThat(MessageSizes.of(reply)).isEqualTo(MessageCodec.encode(reply).length);
  }
}
