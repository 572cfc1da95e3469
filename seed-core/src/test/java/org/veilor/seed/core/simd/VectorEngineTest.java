package org.veilor.seed.core.simd;

class VectorEngineTest extends VectorEngineSuite {
  VectorEngineTest() {
    super(new VectorEngine());
  }
}
