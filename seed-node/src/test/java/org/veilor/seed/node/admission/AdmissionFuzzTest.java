package org.veilor.seed.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import org.veilor.seed.node.config.Preset;

class AdmissionFuzzTest {
  private static final Path FILE = Path.of("a");

  /** Any content has a verdict, and no preset admits what is never seeded. */
  @FuzzTest
  void anyContentHasAVerdict(byte[] content) {
    ContentSample sample = ContentSample.of(content);
    boolean never = NeverSeeded.byContent(sample) != null;
    for (Preset preset : Preset.values()) {
      Verdict verdict = Admission.byContent(preset, FILE, sample);
      assertThat(never && verdict instanceof Verdict.Admitted).isFalse();
      if (verdict instanceof Verdict.Refused refused) {
        assertThat(refused.why()).isNotEmpty();
      }
    }
    assertThat(Admission.byOperator("a", sample) instanceof Verdict.Refused).isEqualTo(never);
  }
}
