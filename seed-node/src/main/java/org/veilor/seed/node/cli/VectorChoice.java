package org.veilor.seed.node.cli;

import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;
import org.veilor.seed.node.engine.HotSpot;

/**
 * Vectors for a command that is gone in seconds: the vector engine must be compiled before it is
 * fast, which takes as long as hashing a gigabyte with the scalar one.
 */
final class VectorChoice {
  /** From here on compiling pays; the launcher knows the same number. */
  static final long WORTHWHILE_BYTES = 2_000_000_000L;

  private static final long BUDGET_NANOS = 20_000_000_000L;

  private VectorChoice() {}

  /**
   * The vector engine, compiled.
   *
   * @throws CliException where this machine or this JVM has none, with the reason
   */
  static SubtreeEngine now() throws CliException {
    if (!(SubtreeEngine.preferred() instanceof SwitchingEngine engine)) {
      throw new CliException(
          CliException.FAILED,
          "--engine: Java was started without vectors; start it by the launcher 'veilor-seed', or"
              + " with --add-modules jdk.incubator.vector");
    }
    if (warmUp(engine) instanceof SwitchingEngine.Outcome.StaysScalar stays) {
      throw new CliException(
          CliException.FAILED,
          "--engine: 'vector' cannot be used here: " + stays.reason() + "; use auto or scalar");
    }
    return engine;
  }

  /** The best engine for so many bytes; with many of them it turns from scalar to vectors soon. */
  static SubtreeEngine soon(long totalBytes) {
    SubtreeEngine preferred = SubtreeEngine.preferred();
    if (preferred instanceof SwitchingEngine engine && totalBytes >= WORTHWHILE_BYTES) {
      Thread.ofPlatform().daemon().name("warm-up").start(() -> warmUp(engine));
    }
    return preferred;
  }

  /** Compiles the vector engine, and says what came of it. */
  static SwitchingEngine.Outcome warmUp(SwitchingEngine engine) {
    return engine.warmUp(HotSpot.INSTANCE, BUDGET_NANOS);
  }
}
