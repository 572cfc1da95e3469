package org.veilor.seed.quic.stream;

import java.util.ArrayDeque;

/**
 * The send buffers' limits, per stream and for the connection, and who waits for room in them.
 *
 * <p>Who found less than a whole buffer of room waits until there is more than that, and at least a
 * piece worth waking up for.
 */
final class SendRoom {
  private final int perStream;
  private final long perConnection;
  private final int minShare;
  private final int worthWaking;
  private final StreamEvents events;
  private final ArrayDeque<StreamEntry> waitingForConnection = new ArrayDeque<>();
  private long bufferedBytes;

  SendRoom(StreamLimits limits, StreamEvents events) {
    this.perStream = limits.sendBufferPerStream();
    this.perConnection = limits.sendBufferPerConnection();
    this.minShare = Math.min(StreamLimits.MIN_SHARE, perStream);
    this.worthWaking = Math.min(StreamLimits.MIN_SHARE, Math.max(1, perStream / 2));
    this.events = events;
  }

  long bufferedBytes() {
    return bufferedBytes;
  }

  /** Bytes a stream may write now. */
  int of(SendHalf send) {
    long own = perStream - send.bufferedBytes();
    long shared = Math.max(perConnection - bufferedBytes, minShare - send.bufferedBytes());
    return (int) Math.max(0, Math.min(own, shared));
  }

  private boolean isLimitedByConnection(SendHalf send) {
    return of(send) < perStream - send.bufferedBytes();
  }

  /** The same, and remembers that the application may wait for more. */
  int ask(StreamEntry entry, SendHalf send) {
    int room = of(send);
    if (room == perStream) {
      entry.wantedRoom = 0;
      return room;
    }
    entry.wantedRoom = Math.max(room + 1, worthWaking);
    if (isLimitedByConnection(send) && !entry.inRoomQueue) {
      entry.inRoomQueue = true;
      waitingForConnection.add(entry);
    }
    return room;
  }

  void onWritten(int length) {
    bufferedBytes += length;
  }

  /** Bytes left a buffer: wakes those who waited for room of the connection, longest first. */
  void onFreed(long bytes) {
    bufferedBytes -= bytes;
    if (bytes == 0) {
      return;
    }
    for (StreamEntry entry = waitingForConnection.peek();
        entry != null;
        entry = waitingForConnection.peek()) {
      if (entry.send != null && entry.wantedRoom > 0) {
        wakeIfSatisfied(entry, entry.send);
        if (entry.wantedRoom > 0 && isLimitedByConnection(entry.send)) {
          return;
        }
      }
      waitingForConnection.remove();
      entry.inRoomQueue = false;
    }
  }

  /** A stream is gone. */
  void forget(StreamEntry entry) {
    if (entry.inRoomQueue) {
      entry.inRoomQueue = false;
      waitingForConnection.remove(entry);
    }
  }

  /** Tells the application, if there is the room it waits for. */
  void wakeIfSatisfied(StreamEntry entry, SendHalf send) {
    if (entry.wantedRoom > 0 && of(send) >= entry.wantedRoom) {
      entry.wantedRoom = 0;
      events.addWritable(entry);
    }
  }
}
