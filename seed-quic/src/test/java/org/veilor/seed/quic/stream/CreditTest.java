package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;

/** Credit given to the peer and taken from it. */
class CreditTest {
  private static final long MS = 1_000_000L;

  @Test
  void aWindowIsRenewedAtHalf() {
    ReceiveWindow window = new ReceiveWindow(1000, 1000, 0);
    assertThat(window.limit()).isEqualTo(1000);
    assertThat(window.consume(499, 50 * MS, 0)).isFalse();
    assertThat(window.consume(1, 50 * MS, 0)).isTrue();
    assertThat(window.consume(100, 50 * MS, 0)).as("due already").isFalse();
    assertThat(window.raise()).isEqualTo(1600);
    assertThat(window.consume(399, 50 * MS, 0)).isFalse();
    assertThat(window.consume(1, 50 * MS, 0)).isFalse();
    assertThat(window.consume(100, 50 * MS, 0)).isTrue();
    assertThat(window.raise()).isEqualTo(2100);
  }

  @Test
  void aFastReaderGetsALargerWindowUpToTheMaximum() {
    ReceiveWindow window = new ReceiveWindow(1000, 5000, 0);
    long now = 0;
    long[] expected = {2000, 4000, 5000, 5000};
    for (long size : expected) {
      now += 99 * MS;
      assertThat(window.consume(window.window(), 50 * MS, now)).isTrue();
      window.raise();
      assertThat(window.window()).isEqualTo(size);
    }
  }

  @Test
  void aSlowReaderKeepsItsWindow() {
    ReceiveWindow window = new ReceiveWindow(1000, 5000, 0);
    for (long i = 1; i < 10; i++) {
      assertThat(window.consume(500, 50 * MS, i * 100 * MS)).isTrue();
      window.raise();
    }
    assertThat(window.window()).isEqualTo(1000);
    assertThat(window.limit()).isEqualTo(window.consumed() + 1000);
  }

  @Test
  void anEndlessWindowStaysAnOffset() {
    long endless = (1L << 62) - 1;
    ReceiveWindow window = new ReceiveWindow(endless, endless, 0);
    assertThat(window.consume(1L << 40, 50 * MS, 0)).isFalse();
    assertThat(window.raise()).isEqualTo(endless);
  }

  @Test
  void peerStreamsAreReplenishedAsTheyEnd() throws TransportException {
    PeerStreams streams = new PeerStreams(100);
    streams.checkIndex(99, 0x08);
    assertThatThrownBy(() -> streams.checkIndex(100, 0x08))
        .isInstanceOfSatisfying(
            TransportException.class, e -> assertThat(e.code()).isEqualTo(0x04));
    for (int i = 0; i < 40; i++) {
      streams.onOpened();
    }
    for (int i = 0; i < 24; i++) {
      streams.onClosed();
      assertThat(streams.isUpdateDue()).as("enough credit is left").isFalse();
    }
    streams.onClosed();
    assertThat(streams.isUpdateDue()).isTrue();
    assertThat(streams.raise()).isEqualTo(125);
    assertThat(streams.isUpdateDue()).isFalse();
    streams.checkIndex(124, 0x08);
    for (int i = 0; i < 85; i++) {
      streams.onOpened();
    }
    streams.onClosed();
    assertThat(streams.isUpdateDue()).as("the peer has none left").isTrue();
    assertThat(streams.raise()).isEqualTo(126);
  }

  @Test
  void aSingleStreamIsReplenishedToo() {
    PeerStreams streams = new PeerStreams(1);
    streams.onOpened();
    assertThat(streams.isUpdateDue()).isFalse();
    streams.onClosed();
    assertThat(streams.isUpdateDue()).isTrue();
  }

  @Test
  void localStreamsWaitForCreditAndSayOncePerLimitThatTheyDo() {
    LocalStreams streams = new LocalStreams();
    assertThat(streams.open()).isEqualTo(-1);
    assertThat(streams.isBlockedFrameDue()).as("the limit is not known yet").isFalse();
    assertThat(streams.raiseLimit(1)).isTrue();
    assertThat(streams.open()).isZero();
    assertThat(streams.isBlockedFrameDue()).isFalse();
    assertThat(streams.open()).isEqualTo(-1);
    assertThat(streams.isBlockedFrameDue()).isTrue();
    streams.onBlockedFrameSent();
    assertThat(streams.open()).isEqualTo(-1);
    assertThat(streams.isBlockedFrameDue()).isFalse();
    assertThat(streams.raiseLimit(1)).as("no news").isFalse();
    assertThat(streams.raiseLimit(3)).isTrue();
    assertThat(streams.raiseLimit(2)).as("limits never shrink").isFalse();
    assertThat(streams.open()).isEqualTo(1);
    assertThat(streams.limit()).isEqualTo(3);
  }
}
