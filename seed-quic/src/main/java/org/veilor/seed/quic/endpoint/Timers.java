package org.veilor.seed.quic.endpoint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When which connection wants its timeout handled: a binary heap with one entry per connection,
 * which knows its place there, so that nothing of a dead connection is left behind.
 *
 * <p>Lazy: a deadline that moves back leaves its entry where it is, and the connection is asked
 * again when that comes up. Most deadlines move back all the time.
 */
final class Timers {
  private @Nullable Member[] heap = new @Nullable Member[16];
  private int size;

  void schedule(Member member, long atNanos) {
    if (atNanos >= member.timerNanos) {
      return;
    }
    member.timerNanos = atNanos;
    if (member.timerIndex < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      put(size++, member);
    }
    siftUp(member);
  }

  void remove(Member member) {
    int at = member.timerIndex;
    if (at < 0) {
      return;
    }
    member.timerIndex = -1;
    member.timerNanos = Long.MAX_VALUE;
    Member last = heap[--size];
    heap[size] = null;
    if (last != null && last != member) {
      put(at, last);
      siftUp(last);
      siftDown(last);
    }
  }

  long nextNanos() {
    Member first = heap[0];
    return first == null ? Long.MAX_VALUE : first.timerNanos;
  }

  int size() {
    return size;
  }

  /** Takes out the next member whose time has come, or null. */
  @Nullable Member poll(long nowNanos) {
    Member first = heap[0];
    if (first == null || first.timerNanos > nowNanos) {
      return null;
    }
    remove(first);
    return first;
  }

  private void put(int at, Member member) {
    heap[at] = member;
    member.timerIndex = at;
  }

  private void siftUp(Member member) {
    while (member.timerIndex > 0) {
      int above = (member.timerIndex - 1) / 2;
      Member parent = heap[above];
      if (parent == null || parent.timerNanos <= member.timerNanos) {
        return;
      }
      int at = member.timerIndex;
      put(above, member);
      put(at, parent);
    }
  }

  private void siftDown(Member member) {
    while (true) {
      int at = member.timerIndex;
      int child = smallerChild(at);
      Member below = child < 0 ? null : heap[child];
      if (below == null || below.timerNanos >= member.timerNanos) {
        return;
      }
      put(at, below);
      put(child, member);
    }
  }

  private int smallerChild(int at) {
    int left = 2 * at + 1;
    Member first = left < size ? heap[left] : null;
    Member second = left + 1 < size ? heap[left + 1] : null;
    if (first == null) {
      return -1;
    }
    return second != null && second.timerNanos < first.timerNanos ? left + 1 : left;
  }
}
