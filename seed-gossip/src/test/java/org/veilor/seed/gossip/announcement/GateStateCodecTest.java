package org.veilor.seed.gossip.announcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.GateState.Issuer;
import org.veilor.seed.gossip.announcement.GateState.Sequences;

class GateStateCodecTest {
  private static Sequences sequences(Random random, int max) {
    TreeSet<Long> all = new TreeSet<>();
    for (int i = random.nextInt(max); i > 0; i--) {
      all.add(Samples.number(random));
    }
    long floor = all.isEmpty() || random.nextBoolean() ? -1 : all.removeFirst();
    return new Sequences(floor, List.copyOf(all));
  }

  private static GateState random(Random random) {
    List<Issuer> issuers = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      issuers.add(
          new Issuer(
              Samples.key(i).id(),
              Samples.number(random),
              sequences(random, 32),
              random.nextBoolean() ? -1 : Samples.number(random),
              sequences(random, 100)));
    }
    return new GateState(issuers);
  }

  @Test
  void statesComeBack() throws MalformedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      GateState state = random(random);
      byte[] bytes = GateStateCodec.encode(state);
      assertThat(GateStateCodec.decode(bytes)).as("seed %d", seed).isEqualTo(state);
    }
  }

  @Test
  void theLargestNumbersComeBack() throws MalformedException {
    long max = Long.MAX_VALUE;
    Issuer issuer =
        new Issuer(
            Samples.ORIGIN.id(),
            max,
            new Sequences(-1, List.of(0L, max)),
            max,
            new Sequences(max, List.of()));
    GateState state = new GateState(List.of(issuer));
    assertThat(GateStateCodec.decode(GateStateCodec.encode(state))).isEqualTo(state);
  }

  @Test
  void damageIsNoticedOrHarmless() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] bytes = new byte[0];
    while (bytes.length < 100) {
      bytes = GateStateCodec.encode(random(random));
    }
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        GateState state = GateStateCodec.decode(damaged);
        assertThat(state.issuers().size()).as("seed %d", seed).isLessThan(128);
      } catch (MalformedException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> GateStateCodec.decode(cut))
          .as("seed %d", seed)
          .isInstanceOf(MalformedException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> GateStateCodec.decode(longer)).hasMessageContaining("follows");
  }

  @Test
  void countsAreCheckedFirst() {
    for (String hex : List.of("", "02", "01ffffffff0f", "01ffffffffffffffffff01", "0101")) {
      byte[] bytes = Vectors.hex(hex);
      assertThatThrownBy(() -> GateStateCodec.decode(bytes))
          .as(hex)
          .isInstanceOf(MalformedException.class);
    }
    String issuer = "0101" + Samples.ORIGIN.id() + "0000";
    for (String windows :
        List.of("00ffff7f0000", "0002010000" + "00", "80808080808080808080" + "020000")) {
      byte[] bytes = Vectors.hex(issuer + windows);
      assertThatThrownBy(() -> GateStateCodec.decode(bytes))
          .as(windows)
          .isInstanceOf(MalformedException.class);
    }
  }
}
