package org.veilor.seed.core.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.veilor.seed.core.hash.TestRuntime;

class TwoStateEngineTest extends VectorEngineSuite {
  TwoStateEngineTest() {
    super(new TwoStateEngine());
  }

  /** Without it, the kernel would stay interpreted. */
  @BeforeAll
  static void directTheCompiler() {
    assertThat(new TestRuntime().direct(new TwoStateEngine().compilerDirectives())).isTrue();
  }
}
