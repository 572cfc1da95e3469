package org.veilor.seed.gossip.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.topic.Lab.SECOND;
import static org.veilor.seed.gossip.topic.Lab.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;

/** Many topics in one node, and the sets below them. */
class GossipStateTest {
  private static final long SEED = 5;

  private static TopicId topic(int number) {
    byte[] bytes = new byte[TopicId.LENGTH];
    bytes[0] = (byte) number;
    bytes[1] = (byte) (number >> 8);
    return TopicId.of(bytes);
  }

  @Test
  void aPeerIsReleasedWhenTheLastOfManyTopicsIsDoneWithIt() {
    GossipState state =
        new GossipState(Lab.SELF, Lab.OWN, GossipConfig.hardened(), new Random(SEED));
    Map<EndpointId, Integer> releases = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      state.on(new GossipInput.Join(topic(i), List.of()), 0);
      for (int j = 0; j < 5; j++) {
        EndpointId from = peer(1 + (i + j) % 1_000);
        state.on(new GossipInput.Received(from, topic(i), new Message.Join(null)), 0);
      }
    }
    assertThat(state.topics()).hasSize(300);
    long now = 60 * SECOND;
    state.onTimeout(now);
    for (int i = 0; i < 300; i++) {
      for (GossipOutput output : state.on(new GossipInput.Quit(topic(i)), now)) {
        if (output instanceof GossipOutput.Release(EndpointId peer)) {
          releases.merge(peer, 1, Integer::sum);
        }
      }
    }
    assertThat(releases).hasSize(304);
    assertThat(releases.values()).containsOnly(1);
    assertThat(state.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aLostPeerIsLostInEveryTopic() {
    GossipState state =
        new GossipState(Lab.SELF, Lab.OWN, GossipConfig.hardened(), new Random(SEED));
    for (int i = 0; i < 3; i++) {
      state.on(new GossipInput.Join(topic(i), List.of()), 0);
      state.on(new GossipInput.Received(peer(1), topic(i), new Message.Join(null)), 0);
    }
    List<GossipOutput> outputs = state.on(new GossipInput.PeerDisconnected(peer(1)), 1);
    assertThat(outputs).hasSize(3).hasOnlyElementsOfType(GossipOutput.NeighborDown.class);
    assertThat(state.neighbors(topic(2))).isEmpty();
  }

  @Test
  void theRandomSetIsASet() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    RandomSet<Integer> set = new RandomSet<>();
    Set<Integer> reference = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      int item = random.nextInt(60);
      if (random.nextBoolean()) {
        assertThat(set.add(item)).isEqualTo(reference.add(item));
      } else {
        assertThat(set.remove(item)).isEqualTo(reference.remove(item));
      }
      if (i % 100 == 0) {
        assertThat(set.toList()).containsExactlyInAnyOrderElementsOf(reference);
      }
    }
  }

  @Test
  void picksAreUniformAmongTheAllowed() {
    Random random = new Random(SEED);
    RandomSet<Integer> set = new RandomSet<>();
    for (int i = 0; i < 12; i++) {
      set.add(i);
    }
    int[] picked = new int[12];
    int[] sampled = new int[12];
    for (int i = 0; i < 60_000; i++) {
      Integer one = set.pick(random, item -> item < 3);
      if (one != null) {
        picked[one]++;
      }
      for (Integer item : set.sample(2, random, other -> other < 4)) {
        sampled[item]++;
      }
    }
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      counts.add(picked[i]);
      int expectedPicks = i < 3 ? 20_000 : 0;
      int expectedSamples = i < 4 ? 30_000 : 0;
      assertThat(picked[i]).as("%s", counts).isBetween(expectedPicks - 600, expectedPicks + 600);
      assertThat(sampled[i]).isBetween(expectedSamples - 700, expectedSamples + 700);
    }
    assertThat(set.pick(random, item -> item > 12)).isNull();
  }
}
