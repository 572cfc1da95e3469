package org.veilor.seed.quic.recovery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The packets of one space whose fate is open, in a ring indexed by packet number.
 *
 * <p>Finding a packet is one array access, and the ring shrinks from below as the oldest are
 * settled, so that an acknowledgement costs time in proportion to what it newly says.
 */
final class SentPackets {
  private @Nullable SentPacket[] ring = new @Nullable SentPacket[64];
  private long base; // number of the oldest slot
  private long next; // one above the newest slot

  long base() {
    return base;
  }

  long next() {
    return next;
  }

  boolean isEmpty() {
    return base == next;
  }

  void add(SentPacket packet) {
    if (packet.packetNumber() < next) {
      throw new IllegalArgumentException("packet numbers only grow");
    }
    if (isEmpty()) {
      base = packet.packetNumber();
    }
    long newNext = packet.packetNumber() + 1;
    while (newNext - base > ring.length) {
      grow();
    }
    next = newNext;
    ring[slot(packet.packetNumber())] = packet;
  }

  @Nullable SentPacket get(long packetNumber) {
    return packetNumber < base || packetNumber >= next ? null : ring[slot(packetNumber)];
  }

  /** Takes a packet out; settled slots at the bottom are released. */
  @Nullable SentPacket remove(long packetNumber) {
    SentPacket packet = get(packetNumber);
    if (packet != null) {
      ring[slot(packetNumber)] = null;
      trim();
    }
    return packet;
  }

  private void trim() {
    while (base < next) {
      SentPacket oldest = ring[slot(base)];
      if (oldest != null) {
        return;
      }
      base++;
    }
  }

  private int slot(long packetNumber) {
    return (int) (packetNumber & (ring.length - 1));
  }

  private void grow() {
    @Nullable SentPacket[] old = ring;
    @Nullable SentPacket[] bigger = Arrays.copyOf(new @Nullable SentPacket[0], old.length * 2);
    for (long number = base; number < next; number++) {
      bigger[(int) (number & (bigger.length - 1))] = old[(int) (number & (old.length - 1))];
    }
    ring = bigger;
  }
}
