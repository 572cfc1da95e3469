package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compared with a {@link HashMap}. */
class StreamTableTest {
  @Test
  void behavesLikeAMap() {
    long seed = 42;
    Random random = new Random(seed);
    StreamTable table = new StreamTable();
    Map<Long, StreamEntry> map = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      long id = random.nextInt(1 + random.nextInt(3000));
      if (map.containsKey(id) && random.nextInt(3) > 0) {
        map.remove(id);
        table.remove(id);
      } else if (!map.containsKey(id)) {
        StreamEntry entry = new StreamEntry(id, true, null, null);
        map.put(id, entry);
        table.add(entry);
      }
      long other = random.nextInt(3000);
      assertThat(table.get(other)).as("seed %d step %d", seed, i).isSameAs(map.get(other));
      assertThat(table.size()).isEqualTo(map.size());
    }
    for (long id = 0; id < 3000; id++) {
      assertThat(table.get(id)).isSameAs(map.get(id));
      table.remove(id);
      assertThat(table.get(id)).isNull();
    }
    assertThat(table.size()).isZero();
  }
}
