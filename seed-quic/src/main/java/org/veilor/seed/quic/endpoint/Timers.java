package org.veilor.seed.quic.endpoint;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When which connection wants its timeout handled.
 *
 * <p>Lazy: a deadline that moves back leaves its old entry where it is, and the connection is asked
 * again when that comes up. Most deadlines move back all the time, so this costs a fraction of an
 * exact queue.
 */
final class Timers {
  private record Due(long atNanos, Member member) {}

  private final PriorityQueue<Due> queue =
      new PriorityQueue<>((a, b) -> Long.compare(a.atNanos, b.atNanos));

  void schedule(Member member, long atNanos) {
    if (atNanos < member.timerNanos) {
      member.timerNanos = atNanos;
      queue.add(new Due(atNanos, member));
    }
  }

  long nextNanos() {
    Due due = queue.peek();
    return due == null ? Long.MAX_VALUE : due.atNanos;
  }

  /** The next member whose time has come, or null. */
  @Nullable Member poll(long nowNanos) {
    for (Due due = queue.peek(); due != null && due.atNanos <= nowNanos; due = queue.peek()) {
      queue.poll();
      if (due.member.timerNanos == due.atNanos) {
        due.member.timerNanos = Long.MAX_VALUE;
        return due.member;
      }
    }
    return null;
  }
}
