package org.veilor.seed.core.hash;

/**
 * A fast engine that not every machine can run, and that is slow until the JIT compiler has got to
 * it. {@link SwitchingEngine} loads it by name.
 */
public non-sealed interface OptionalEngine extends SubtreeEngine {
  /** Whether this machine has what the engine needs to be fast. */
  boolean isSupported();

  /**
   * The directives that the JIT compiler must be given before the engine is called for the first
   * time, a JSON list; none if empty.
   */
  default String compilerDirectives() {
    return "";
  }
}
