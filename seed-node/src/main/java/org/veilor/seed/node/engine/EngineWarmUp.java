package org.veilor.seed.node.engine;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;

/**
 * Lets the vector engines be compiled on dummy data while the daemon already works with the scalar
 * one, and looks now and then whether they are still compiled.
 *
 * <p>Everything that is sent is verified, so the engine decides what serving costs: 1.6 CPU-seconds
 * a GiB with the scalar one, a tenth of that with vectors. Compiling the vector engines takes one
 * to three CPU-seconds, so a daemon that has nothing to hash is spared it. A look costs a
 * millisecond, and comes after so many bytes, not after some time: an idle daemon is left alone.
 */
public final class EngineWarmUp {
  private static final Logger log = LoggerFactory.getLogger(EngineWarmUp.class);
  private static final long BUDGET_NANOS = 20_000_000_000L;

  /** What the scalar engine hashes in 0.1 s: who has hashed this much will hash more. */
  static final long WORTHWHILE_BYTES = 64L << 20;

  /** Between two looks at the engine: a second's work for it. */
  static final long LOOK_BYTES = 8L << 30;

  /** An engine that falls back this often is not tried again. */
  private static final int MAX_WARM_UPS = 3;

  private final SwitchingEngine engine;
  private int warmUps;

  private EngineWarmUp(SwitchingEngine engine) {
    this.engine = engine;
  }

  /** Begins when {@link #WORTHWHILE_BYTES} have been hashed. */
  public static void start() {
    if (SubtreeEngine.preferred() instanceof SwitchingEngine engine) {
      EngineWarmUp warmUp = new EngineWarmUp(engine);
      warmUp.after(WORTHWHILE_BYTES, warmUp::run);
    } else {
      log.info("hashing with the scalar engine: Java was started without jdk.incubator.vector");
    }
  }

  /** Does something, in a thread of its own, when so much more has been hashed. */
  private void after(long bytes, Runnable action) {
    AtomicLong hashed = new AtomicLong();
    engine.tell(more -> {
      long before = hashed.getAndAdd(more);
      if (before < bytes && before + more >= bytes) {
        engine.tell(null);
        Thread.ofPlatform().daemon().name("seed-warm-up").start(action);
      }
    });
  }

  private void run() {
    warmUps++;
    switch (engine.warmUp(HotSpot.INSTANCE, BUDGET_NANOS)) {
      case SwitchingEngine.Outcome.Switched switched -> {
        log.info(
            "hashing with the engine {}, {} times as fast as the scalar one{}",
            switched.engine(),
            Math.round(switched.speedUp() * 10) / 10.0,
            switched.reason().isEmpty() ? "" : "; " + switched.reason());
        after(LOOK_BYTES, this::look);
      }
      case SwitchingEngine.Outcome.StaysScalar stays ->
          log.info("hashing with the scalar engine: {}", stays.reason());
    }
  }

  private void look() {
    switch (engine.check(HotSpot.INSTANCE)) {
      case SwitchingEngine.Health.Good _ -> after(LOOK_BYTES, this::look);
      case SwitchingEngine.Health.FellBack(String from, String to) -> {
        log.warn("the engine {} became slow; hashing with {}", from, to);
        after(LOOK_BYTES, warmUps < MAX_WARM_UPS ? this::run : this::look);
      }
    }
  }
}
