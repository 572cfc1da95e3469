package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EngineAdviceTest {
  @Test
  void namesTheWidthOrTheReason() {
    String wide = "processor\t: 0\nflags\t\t: fpu avx avx2 avx512f sha_ni\nbugs\t\t: none\n";
    assertThat(EngineAdvice.of(wide, true)).contains("up to 512 bits");
    assertThat(EngineAdvice.of("flags : avx avx2 bmi2\n", true)).contains("up to 256 bits");
    assertThat(EngineAdvice.of("flags : avx bmi2\n", true)).contains("scalar", "AVX2");
    assertThat(EngineAdvice.of("Features : asimd\n", true)).contains("scalar", "AVX2");
    assertThat(EngineAdvice.of(wide, false)).contains("scalar", "jdk.incubator.vector");
    assertThat(EngineAdvice.ofThisMachine()).startsWith("BLAKE3 ");
  }
}
