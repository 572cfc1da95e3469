package org.veilor.seed.quic.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TransportExceptionTest {
  @Test
  void carriesWhatConnectionCloseNeeds() {
    TransportException error =
        new TransportException(TransportErrorCode.STREAM_STATE_ERROR, 0x11, "not yours");

    assertThat(error.code()).isEqualTo(5);
    assertThat(error.frameType()).isEqualTo(0x11);
    assertThat(error.reason()).isEqualTo("not yours");
    assertThat(error).hasMessage("0x5 not yours");
  }

  @Test
  void tlsAlertsAreCryptoErrors() {
    TransportException error = TransportException.crypto(42, "bad_certificate");

    assertThat(error.code()).isEqualTo(0x12a);
    assertThat(error.frameType()).isZero();
  }

  @Test
  void costsNoStackTrace() {
    assertThat(new TransportException(TransportErrorCode.NO_ERROR, "").getStackTrace()).isEmpty();
  }

  @Test
  void theCodesAreThoseOfTheRfcInOrder() {
    long expected = 0;
    for (TransportErrorCode code : TransportErrorCode.values()) {
      assertThat(code.code()).isEqualTo(expected);
      expected++;
    }
    assertThat(TransportErrorCode.NO_VIABLE_PATH.code()).isEqualTo(0x10);
  }
}
