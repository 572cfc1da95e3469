package org.veilor.seed.quic.simulation;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.path.NetworkPath;

/**
 * Hosts joined by a network with virtual time. Every random choice comes from one seed, so a
 * failure is repeated by its seed alone.
 */
final class Simulation {
  private static final int MAX_PAST_TIMEOUTS = 100;
  private static final long START_NANOS = 1_000_000_000L;

  /** Steps at one moment of virtual time; more is a busy loop. */
  private static final int MAX_STEPS_PER_MOMENT = 20_000;

  private final Random random;
  private final Amplification amplification = new Amplification();
  private final List<Host> hosts = new ArrayList<>();
  private final Map<InetSocketAddress, Host> byAddress = new HashMap<>();

  /** A NAT: packets from the key leave with the value as their source. */
  private final Map<InetSocketAddress, InetSocketAddress> rebound = new HashMap<>();

  private final PriorityQueue<Delivery> inFlight =
      new PriorityQueue<>((a, b) ->
          a.atNanos != b.atNanos
              ? Long.compare(a.atNanos, b.atNanos)
              : Long.compare(a.order, b.order));
  private final byte[] buffer = new byte[1 << 16];
  private final List<Host> paused = new ArrayList<>();
  Conditions conditions;
  long nowNanos = START_NANOS;
  long delivered;
  long sent;
  private long order;
  private long linkFreeNanos;

  /** Packets for which this is true vanish; null for none. */
  java.util.function.@Nullable BiPredicate<NetworkPath, byte[]> filter;

  @SuppressWarnings("ArrayRecordComponent") // a queue entry
  private record Delivery(
      long atNanos, long order, InetSocketAddress from, InetSocketAddress to, byte[] bytes) {}

  Simulation(long seed, Conditions conditions) {
    this.random = new Random(seed);
    this.conditions = conditions;
  }

  void add(Host host) {
    hosts.add(host);
    byAddress.put(host.address, host);
  }

  /** The host's packets come from another address from now on, and answers find it there. */
  void rebind(Host host, InetSocketAddress outside) {
    InetSocketAddress before = rebound.get(host.address);
    byAddress.remove(before == null ? host.address : before);
    rebound.put(host.address, outside);
    byAddress.put(outside, host);
  }

  /** The host can be reached at a further address. */
  void alias(Host host, InetSocketAddress also) {
    byAddress.put(also, host);
  }

  /** The host is gone; another may take its place. */
  void remove(Host host) {
    hosts.remove(host);
    byAddress.values().removeIf(h -> h == host);
  }

  /** The host's clock stops, and nothing gets in or out until it is resumed. */
  void pause(Host host) {
    hosts.remove(host);
    paused.add(host);
  }

  /** The host goes on. */
  void resume(Host host) {
    paused.remove(host);
    hosts.add(host);
  }

  /** Throws a datagram at an address, from wherever. */
  void inject(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
    inFlight.add(new Delivery(nowNanos, order++, from, to, bytes));
  }

  /** The host itself has another address from now on. */
  void move(Host host, InetSocketAddress to) {
    host.address = to;
    byAddress.put(to, host);
  }

  /** Runs until the condition holds; false if the time is over before. */
  boolean runUntil(BooleanSupplier condition, long maxNanos) {
    long deadline = nowNanos + maxNanos;
    int stepsNow = 0;
    settle();
    while (!condition.getAsBoolean()) {
      long next = nextNanos();
      if (next > deadline) {
        nowNanos = deadline;
        return false;
      }
      stepsNow = next > nowNanos ? 0 : stepsNow + 1;
      if (stepsNow > MAX_STEPS_PER_MOMENT) {
        throw new AssertionError("busy loop at " + nowNanos);
      }
      nowNanos = Math.max(nowNanos, next);
      step();
    }
    return true;
  }

  void run(long nanos) {
    runUntil(() -> false, nanos);
  }

  private long nextNanos() {
    Delivery first = inFlight.peek();
    long next = first == null ? Long.MAX_VALUE : first.atNanos;
    for (Host host : hosts) {
      next = Math.min(next, host.endpoint.nextTimeoutNanos());
    }
    return next;
  }

  private void step() {
    while (true) {
      Delivery due = inFlight.peek();
      if (due == null || due.atNanos > nowNanos) {
        break;
      }
      inFlight.poll();
      deliver(due);
    }
    for (Host host : hosts) {
      if (host.endpoint.nextTimeoutNanos() <= nowNanos) {
        host.wakeups++;
        host.endpoint.handleTimeout(nowNanos);
      }
    }
    settle();
    for (Host host : hosts) {
      // Whoever was asked and has said all must not want to be asked again at once, for ever.
      host.pastTimeouts = host.endpoint.nextTimeoutNanos() <= nowNanos ? host.pastTimeouts + 1 : 0;
      if (host.pastTimeouts > MAX_PAST_TIMEOUTS) {
        throw new AssertionError("timeout in the past without progress at " + nowNanos);
      }
    }
  }

  private void deliver(Delivery due) {
    Host host = byAddress.get(due.to);
    if (host == null || paused.contains(host)) {
      return;
    }
    delivered++;
    amplification.onDelivered(due.from, due.to, due.bytes.length, host);
    InetSocketAddress local = rebound.containsValue(due.to) ? host.address : due.to;
    byte[] bytes = due.bytes.clone();
    host.endpoint.handleDatagram(
        new NetworkPath(local, due.from), 0, bytes, 0, bytes.length, nowNanos);
    host.drainEvents();
  }

  /** Everyone says what he has to say. */
  void settle() {
    for (Host host : hosts) {
      host.drainEvents();
      for (Transmit t = host.nextTransmit(buffer, nowNanos);
          t != null;
          t = host.nextTransmit(buffer, nowNanos)) {
        send(t);
        host.drainEvents();
      }
    }
  }

  private void send(Transmit transmit) {
    for (int at = 0; at < transmit.length(); at += transmit.segmentBytes()) {
      byte[] bytes =
          Arrays.copyOfRange(buffer, at, Math.min(at + transmit.segmentBytes(), transmit.length()));
      send(transmit.networkPath(), bytes);
      for (NetworkPath copy : transmit.copies()) {
        send(copy, bytes);
      }
    }
  }

  private void send(NetworkPath path, byte[] bytes) {
    sent++;
    Host sender = byAddress.get(rebound.getOrDefault(path.local(), path.local()));
    if (sender != null && sender.isServer()) {
      amplification.check(path.local(), path.remote(), bytes.length);
    }
    amplification.onSent(
        rebound.getOrDefault(path.local(), path.local()), path.remote(), bytes.length, sender);
    if (bytes.length > conditions.mtuBytes()
        || random.nextDouble() < conditions.loss()
        || (filter != null && filter.test(path, bytes))) {
      return;
    }
    InetSocketAddress from = rebound.getOrDefault(path.local(), path.local());
    long at = nowNanos + conditions.delayNanos();
    if (conditions.bytesPerSecond() > 0) {
      long waiting = Math.max(0, linkFreeNanos - nowNanos);
      if (waiting * conditions.bytesPerSecond() / 1_000_000_000L > conditions.queueBytes()) {
        return;
      }
      linkFreeNanos =
          Math.max(linkFreeNanos, nowNanos)
              + bytes.length * 1_000_000_000L / conditions.bytesPerSecond();
      at = linkFreeNanos + conditions.delayNanos();
    }
    int copies = random.nextDouble() < conditions.duplication() ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      byte[] sent = bytes;
      if (random.nextDouble() < conditions.corruption()) {
        sent = bytes.clone();
        sent[random.nextInt(sent.length)] ^= (byte) (1 << random.nextInt(8));
      }
      long jitter =
          conditions.jitterNanos() == 0
              ? 0
              : Math.floorMod(random.nextLong(), conditions.jitterNanos());
      inFlight.add(new Delivery(at + jitter, order++, from, path.remote(), sent));
    }
  }
}
