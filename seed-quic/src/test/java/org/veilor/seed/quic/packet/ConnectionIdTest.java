package org.veilor.seed.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ConnectionIdTest {
  @Test
  void isAValue() {
    byte[] bytes = {1, 2, (byte) 0xab};
    ConnectionId id = ConnectionId.of(bytes);
    bytes[0] = 9;

    assertThat(id).isEqualTo(ConnectionId.of(new byte[] {0, 1, 2, (byte) 0xab, 7}, 1, 3));
    assertThat(id).hasSameHashCodeAs(ConnectionId.of(new byte[] {1, 2, (byte) 0xab}));
    assertThat(id).isNotEqualTo(ConnectionId.of(new byte[] {1, 2}));
    assertThat(id).hasToString("0102ab");
    assertThat(id.length()).isEqualTo(3);
    id.toBytes()[0] = 9;
    assertThat(id.toBytes()).containsExactly(1, 2, 0xab);
    ByteBuffer out = ByteBuffer.allocate(3);
    id.writeTo(out);
    assertThat(out.array()).containsExactly(1, 2, 0xab);
  }

  @Test
  void anEmptyOneIsEmpty() {
    assertThat(ConnectionId.of(new byte[0])).isSameAs(ConnectionId.EMPTY);
    assertThat(ConnectionId.EMPTY.toString()).isEmpty();
  }

  @Test
  void otherVersionsMayHave255Bytes() {
    assertThat(ConnectionId.of(new byte[255]).length()).isEqualTo(255);
    assertThatThrownBy(() -> ConnectionId.of(new byte[256]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
