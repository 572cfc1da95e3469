package org.veilor.seed.node.announce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;

class InboxTest {
  private static final int CONTENT = 4_000;
  private static final int BYTES = CONTENT + Inbox.MESSAGE_BYTES;

  private final Inbox inbox = new Inbox();

  private static EndpointId peer(int number) {
    return SecretKey.of(Blake3Hasher.hash(new byte[] {(byte) number}).toBytes()).id();
  }

  private int fill(EndpointId peer) {
    int taken = 0;
    while (inbox.take(peer, CONTENT)) {
      taken++;
    }
    return taken;
  }

  @Test
  void howeverManyFillItThereIsRoomForOneMore() {
    int most = fill(peer(0));
    assertThat(most * BYTES).isBetween(Inbox.MAX_BYTES / 6, Inbox.MAX_BYTES / 4);
    List<Integer> taken = new ArrayList<>(List.of(most));
    for (int i = 1; i < 30; i++) {
      taken.add(fill(peer(i)));
    }
    assertThat(inbox.usedBytes()).isLessThanOrEqualTo(Inbox.MAX_BYTES);
    assertThat(taken.subList(0, 8)).allMatch(count -> count > 10);
  }

  @Test
  void whatIsDoneMakesRoom() {
    int most = fill(peer(1));
    for (int i = 0; i < most; i++) {
      inbox.done(peer(1), CONTENT);
    }
    assertThat(inbox.usedBytes()).isZero();
    assertThat(fill(peer(1))).isEqualTo(most);
  }
}
