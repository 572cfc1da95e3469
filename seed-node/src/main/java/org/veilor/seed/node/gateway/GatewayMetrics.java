package org.veilor.seed.node.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the gateway counts. May be used from any thread. */
final class GatewayMetrics {
  /** Why a transfer that had begun ended early. */
  enum Cut {
    /** The client closed its connection or stream. */
    CLIENT_GONE,
    /** The client took no byte for too long. */
    SLOW_CLIENT,
    /** The bytes stopped coming. */
    STALLED,
    /** The bytes cannot be had or are wrong. */
    FAILED,
    /** The gateway closes. */
    CLOSING
  }

  private record Kind(String route, int status) {}

  private final Map<Kind, LongAdder> answers = new ConcurrentHashMap<>();
  private final Map<Answer.Source, LongAdder> bytes = new ConcurrentHashMap<>();
  private final Map<Cut, LongAdder> cuts = new ConcurrentHashMap<>();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder malformed = new LongAdder();
  private final LongAdder headTimeouts = new LongAdder();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();

  void answered(String route, int status) {
    answers.computeIfAbsent(new Kind(route, status), _ -> new LongAdder()).increment();
  }

  void sent(Answer.Source source, long count) {
    bytes.computeIfAbsent(source, _ -> new LongAdder()).add(count);
  }

  void cut(Cut why) {
    cuts.computeIfAbsent(why, _ -> new LongAdder()).increment();
  }

  /** Counts a connection that opens; how many there are now. */
  int connected() {
    accepted.increment();
    return connections.incrementAndGet();
  }

  void disconnected() {
    connections.decrementAndGet();
  }

  void rejectedConnection() {
    rejected.increment();
  }

  void malformedRequest() {
    malformed.increment();
  }

  void headTimeout() {
    headTimeouts.increment();
  }

  void started() {
    running.incrementAndGet();
  }

  void ended() {
    running.decrementAndGet();
  }

  int connections() {
    return connections.get();
  }

  int running() {
    return running.get();
  }

  long cuts(Cut why) {
    LongAdder adder = cuts.get(why);
    return adder == null ? 0 : adder.sum();
  }

  void write(PrometheusText text) {
    answers.forEach((kind, count) ->
        text.counter(
            "veilor_gateway_answers_total",
            "Answers by route and status",
            count.sum(),
            "route",
            kind.route(),
            "status",
            Integer.toString(kind.status())));
    for (Answer.Source source : Answer.Source.values()) {
      LongAdder count = bytes.get(source);
      text.counter(
          "veilor_gateway_body_bytes_total",
          "Bytes of bodies handed to clients by where they came from",
          count == null ? 0 : count.sum(),
          "source",
          word(source));
    }
    for (Cut cut : Cut.values()) {
      text.counter(
          "veilor_gateway_cut_total",
          "Answers that had begun and were cut by reason",
          cuts(cut),
          "reason",
          word(cut));
    }
    text.counter("veilor_gateway_connections_total", "Accepted connections", accepted.sum());
    text.counter(
        "veilor_gateway_connections_rejected_total",
        "Connections beyond the limit",
        rejected.sum());
    text.counter(
        "veilor_gateway_malformed_total", "Requests that were no proper HTTP", malformed.sum());
    text.counter(
        "veilor_gateway_head_timeouts_total",
        "Connections closed because a request did not become complete in time",
        headTimeouts.sum());
    text.gauge("veilor_gateway_connections", "Open connections", connections());
    text.gauge("veilor_gateway_requests_running", "Requests being answered", running());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
