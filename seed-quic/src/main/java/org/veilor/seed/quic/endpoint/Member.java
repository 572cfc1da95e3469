package org.veilor.seed.quic.endpoint;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.packet.ConnectionId;

/** A connection as its endpoint keeps it. */
final class Member {
  final Connection connection;
  boolean isQueuedToSend;
  boolean isQueuedForEvents;
  boolean isHandshaking;
  boolean isRemoved;
  long timerNanos = Long.MAX_VALUE;
  int timerIndex = -1; // its place in the heap of timers
  byte @Nullable [] resetTokenBytes; // what resetToken was made from
  @Nullable ByteBuffer resetToken;
  @Nullable ConnectionId initialDestination;
  byte @Nullable [] serverKey; // of an outgoing connection

  Member(Connection connection, boolean isHandshaking) {
    this.connection = connection;
    this.isHandshaking = isHandshaking;
  }
}
