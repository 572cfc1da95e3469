package org.veilor.seed.quic.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.crypto.TrafficSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/** Key updates of 1-RTT packets (RFC 9001 §6), packet by packet. */
class OneRttKeysTest {
  private static final int HEADER = 10;
  private static final int PAYLOAD = 20;
  private static final long KEEP = 300;

  private static OneRttKeys keys(int local, int remote, long updateAfter) {
    return new OneRttKeys(secret(local), secret(remote), updateAfter);
  }

  private static TrafficSecret secret(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    return new TrafficSecret(CipherSuite.TLS_AES_128_GCM_SHA256, bytes);
  }

  /** Unmasked packets: the tests carry the phase bit beside them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Sealed(byte[] bytes, int phase, long number) {}

  private static Sealed seal(OneRttKeys keys, long number) {
    byte[] b = new byte[HEADER + PAYLOAD + 16];
    int phase = keys.phase();
    keys.seal(b, 0, HEADER, PAYLOAD, 0, number);
    return new Sealed(b, phase, number);
  }

  private static int open(OneRttKeys keys, Sealed packet, long nowNanos) throws TransportException {
    PacketSlice slice = new PacketSlice(0, HEADER, packet.bytes.length, 0, packet.number);
    return keys.open(packet.bytes.clone(), slice, packet.phase, KEEP, nowNanos);
  }

  private final OneRttKeys a = keys(1, 2, 3);
  private final OneRttKeys b = keys(2, 1, 1000);

  private void updateA(long from) throws TransportException {
    for (long n = from; n < from + 3; n++) {
      seal(a, n);
    }
    a.onAcked(from + 2);
    a.updateIfDue(true);
  }

  @Test
  void updatesWhenDueAndAcknowledgedAndNotBefore() throws TransportException {
    for (long n = 0; n < 5; n++) {
      seal(a, n);
      a.updateIfDue(true);
    }
    assertThat(a.updates()).as("nothing acknowledged yet").isZero();
    a.onAcked(2);
    a.updateIfDue(false);
    assertThat(a.updates()).as("handshake not confirmed").isZero();
    a.updateIfDue(true);
    assertThat(a.updates()).isEqualTo(1);
    assertThat(a.phase()).isEqualTo(1);
  }

  @Test
  void theOtherSideFollowsAndOvertakenPacketsAreRead() throws TransportException {
    Sealed late = seal(a, 0);
    Sealed later = seal(a, 1);
    updateA(2);
    Sealed first = seal(a, 5);
    assertThat(open(b, first, 0)).isEqualTo(PAYLOAD);
    assertThat(b.updates()).isEqualTo(1);
    assertThat(open(b, late, KEEP - 1)).isEqualTo(PAYLOAD);
    assertThat(open(b, later, KEEP)).as("three PTOs later the old key is gone").isEqualTo(-1);
  }

  @Test
  void afterOurOwnUpdateTheOldPhaseIsReadUntilThePeerFollows() throws TransportException {
    updateA(0);
    for (long n = 0; n < 50; n++) {
      assertThat(open(a, seal(b, n), 1_000_000)).isEqualTo(PAYLOAD);
    }
    open(b, seal(a, 10), 0);
    assertThat(open(a, seal(b, 60), 2_000_000)).isEqualTo(PAYLOAD);
    assertThat(a.updates()).isEqualTo(1);
  }

  @Test
  void theNextUpdateWaitsUntilOldKeysAreGone() throws TransportException {
    updateA(0);
    open(b, seal(a, 10), 0);
    open(a, seal(b, 0), 0);
    updateA(11);
    assertThat(a.updates()).isEqualTo(1);
    open(a, seal(b, 1), KEEP);
    updateA(14);
    assertThat(a.updates()).isEqualTo(2);
  }

  @Test
  void aSecondUpdateBeforeWeCouldAcknowledgeTheFirstIsAnError() throws TransportException {
    updateA(0);
    assertThat(open(b, seal(a, 10), 0)).isEqualTo(PAYLOAD);
    // A liar changes its keys again although b has sent nothing in this phase.
    OneRttKeys liar = keys(1, 2, 3);
    for (int i = 0; i < 3; i++) {
      seal(liar, i);
    }
    liar.onAcked(2);
    liar.updateIfDue(true);
    Sealed reply = seal(keys(2, 1, 1000), 0);
    open(liar, reply, 0);
    OneRttKeys peerInPhaseOne = keys(2, 1, 1000);
    open(peerInPhaseOne, seal(liar, 20), 0);
    open(liar, seal(peerInPhaseOne, 21), 0);
    open(liar, seal(peerInPhaseOne, 22), KEEP);
    for (int i = 30; i < 33; i++) {
      seal(liar, i);
    }
    liar.onAcked(32);
    liar.updateIfDue(true);
    assertThat(liar.updates()).isEqualTo(2);
    assertThatThrownBy(() -> open(b, seal(liar, 40), 0))
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> assertThat(e.code()).isEqualTo(TransportErrorCode.KEY_UPDATE_ERROR.code()));
  }

  @Test
  void forgeriesChangeNothing() throws TransportException {
    Sealed good = seal(a, 0);
    byte[] bad = good.bytes.clone();
    bad[15] ^= 1;
    assertThat(open(b, new Sealed(bad, 0, 0), 0)).isEqualTo(-1);
    assertThat(open(b, new Sealed(bad, 1, 0), 0)).isEqualTo(-1);
    assertThat(b.updates()).isZero();
    assertThat(open(b, good, 0)).isEqualTo(PAYLOAD);
  }
}
