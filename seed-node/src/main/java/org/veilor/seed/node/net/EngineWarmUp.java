package org.veilor.seed.node.net;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;

/**
 * Lets the vector engine be compiled on dummy data while the daemon already works with the scalar
 * one.
 *
 * <p>Everything that is sent is verified, so the engine decides what serving costs: 1.6 CPU-seconds
 * a GiB with the scalar one, a tenth of that with vectors. Compiling the vector engine takes a
 * CPU-second, so a daemon that has nothing to hash is spared it.
 */
final class EngineWarmUp {
  private static final Logger log = LoggerFactory.getLogger(EngineWarmUp.class);
  private static final long BUDGET_NANOS = 20_000_000_000L;

  /** What the scalar engine hashes in 0.1 s: who has hashed this much will hash more. */
  static final long WORTHWHILE_BYTES = 64L << 20;

  private EngineWarmUp() {}

  /** Begins when {@link #WORTHWHILE_BYTES} have been hashed. */
  static void start() {
    if (SubtreeEngine.preferred() instanceof SwitchingEngine engine) {
      AtomicLong hashed = new AtomicLong();
      engine.tell(bytes -> {
        long before = hashed.getAndAdd(bytes);
        if (before < WORTHWHILE_BYTES && before + bytes >= WORTHWHILE_BYTES) {
          engine.tell(null);
          Thread.ofPlatform().daemon().name("seed-warm-up").start(() -> run(engine));
        }
      });
    } else {
      log.info("hashing with the scalar engine: Java was started without jdk.incubator.vector");
    }
  }

  private static void run(SwitchingEngine engine) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    switch (engine.warmUp(threads::getCurrentThreadCpuTime, BUDGET_NANOS)) {
      case SwitchingEngine.Outcome.Switched switched ->
          log.info(
              "hashing with the engine {}, {} times as fast as the scalar one",
              switched.engine(),
              Math.round(switched.speedUp() * 10) / 10.0);
      case SwitchingEngine.Outcome.StaysScalar stays ->
          log.info("hashing with the scalar engine: {}", stays.reason());
    }
  }
}
