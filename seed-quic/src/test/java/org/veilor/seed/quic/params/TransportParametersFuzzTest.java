package org.veilor.seed.quic.params;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportException;

class TransportParametersFuzzTest {
  /** Parameters that were read are the same after being written and read again. */
  @FuzzTest
  void parametersSurviveARoundTrip(byte[] encoded) throws TransportException {
    TransportParameters parameters;
    try {
      parameters = TransportParameters.decode(encoded, true);
    } catch (TransportException e) {
      assertThat(e.code()).isEqualTo(0x8);
      return;
    }
    byte[] again = parameters.encode(new SeededRandom(encoded.length));
    assertThat(TransportParameters.decode(again, true)).isEqualTo(parameters);
  }
}
