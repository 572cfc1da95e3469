package org.veilor.seed.quic.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;

/** The heap of deadlines against a plain map. */
class TimersTest {
  @Test
  void agreesWithAMap() {
    Random random = new Random(11);
    Connection nobody = connection();
    Timers timers = new Timers();
    Map<Member, Long> model = new HashMap<>();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      members.add(new Member(nobody, false));
    }
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      Member member = members.get(random.nextInt(members.size()));
      switch (random.nextInt(4)) {
        case 0 -> {
          timers.remove(member);
          model.remove(member);
        }
        case 1 -> {
          now += random.nextInt(20);
          for (Member due = timers.poll(now); due != null; due = timers.poll(now)) {
            assertThat(model.remove(due)).isLessThanOrEqualTo(now);
          }
        }
        default -> {
          long at = now + random.nextInt(200);
          timers.schedule(member, at);
          model.merge(member, at, Math::min);
        }
      }
      assertThat(timers.size()).isEqualTo(model.size());
      long next = model.values().stream().mapToLong(n -> n).min().orElse(Long.MAX_VALUE);
      assertThat(timers.nextNanos()).isEqualTo(next);
    }
  }

  private static Connection connection() {
    return TestConnections.client();
  }
}
