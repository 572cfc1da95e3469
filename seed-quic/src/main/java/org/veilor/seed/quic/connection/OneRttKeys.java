package org.veilor.seed.quic.connection;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.crypto.HeaderProtection;
import org.veilor.seed.quic.crypto.PacketProtection;
import org.veilor.seed.quic.crypto.TrafficSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/**
 * 1-RTT keys and their updates (RFC 9001 §6).
 *
 * <p>Both directions change together. The keys of the next phase are computed ahead, so that a
 * packet of a new phase costs the same whether it is genuine or not (§9.5); those of the previous
 * phase stay for packets that were overtaken. Header protection never changes.
 *
 * <p>noq's first update comes after 10 to 999 packets, so this is the part that breaks real
 * transfers when it is wrong.
 */
final class OneRttKeys {
  private final CipherSuite suite;
  private final HeaderProtection sealHeader;
  private final HeaderProtection openHeader;
  private final long updateAfterPackets;

  private TrafficSecret localSecret;
  private TrafficSecret remoteSecret;
  private PacketProtection seal;
  private PacketProtection open;
  private PacketProtection nextOpen;
  private @Nullable PacketProtection previousOpen;
  private long previousUntilNanos = Long.MAX_VALUE;

  private int phase;
  private long sealedInPhase;
  private long firstSentInPhase = Long.MAX_VALUE;
  private long firstReceivedInPhase = Long.MAX_VALUE;
  private boolean acknowledgedInPhase;
  private long failedToOpen;
  private long updates;

  OneRttKeys(TrafficSecret local, TrafficSecret remote, long updateAfterPackets) {
    this.suite = local.suite();
    this.localSecret = local;
    this.remoteSecret = remote.next();
    this.seal = local.protection();
    this.open = remote.protection();
    this.nextOpen = remoteSecret.protection();
    this.sealHeader = local.headerProtection();
    this.openHeader = remote.headerProtection();
    this.updateAfterPackets = updateAfterPackets;
  }

  HeaderProtection sealHeader() {
    return sealHeader;
  }

  HeaderProtection openHeader() {
    return openHeader;
  }

  int phase() {
    return phase;
  }

  long updates() {
    return updates;
  }

  /**
   * Protects a packet; notes the first number of each phase, which an acknowledgement must reach.
   */
  void seal(byte[] b, int headerOffset, int payloadOffset, int length, int pathId, long number) {
    seal.seal(b, headerOffset, payloadOffset, length, pathId, number);
    firstSentInPhase = Math.min(firstSentInPhase, number);
    sealedInPhase++;
  }

  /**
   * Opens a packet whose header is unmasked.
   *
   * @param packetPhase its key phase bit
   * @param keepPreviousNanos how long old keys stay after an update: three PTOs (§6.5)
   * @return length of the plaintext, -1 if it does not authenticate
   * @throws TransportException KEY_UPDATE_ERROR for an update that comes too early,
   *     AEAD_LIMIT_REACHED after too many forgeries
   */
  int open(byte[] b, PacketSlice packet, int packetPhase, long keepPreviousNanos, long nowNanos)
      throws TransportException {
    dropPreviousIfOver(nowNanos);
    if (packetPhase == phase) {
      int length = packet.openWith(open, b);
      if (length >= 0) {
        onOpenedInPhase(packet.packetNumber(), keepPreviousNanos, nowNanos);
      }
      return counted(length);
    }
    // RFC 9001 §6.4: a lower number than the current phase's first belongs to the previous phase.
    if (previousOpen != null && packet.packetNumber() < firstReceivedInPhase) {
      return counted(packet.openWith(previousOpen, b));
    }
    int length = packet.openWith(nextOpen, b);
    if (length < 0) {
      return counted(length);
    }
    // RFC 9001 §6.2: the peer cannot have an acknowledgement in this phase if we sent nothing in
    // it.
    if (updates > 0 && firstSentInPhase == Long.MAX_VALUE) {
      throw new TransportException(
          TransportErrorCode.KEY_UPDATE_ERROR,
          "second key update before the first was acknowledged");
    }
    rotate();
    onOpenedInPhase(packet.packetNumber(), keepPreviousNanos, nowNanos);
    return length;
  }

  private void onOpenedInPhase(long packetNumber, long keepPreviousNanos, long nowNanos) {
    if (firstReceivedInPhase == Long.MAX_VALUE && previousOpen != null) {
      previousUntilNanos = nowNanos + keepPreviousNanos;
    }
    firstReceivedInPhase = Math.min(firstReceivedInPhase, packetNumber);
  }

  private int counted(int length) throws TransportException {
    if (length < 0 && ++failedToOpen > suite.integrityLimit()) {
      throw new TransportException(
          TransportErrorCode.AEAD_LIMIT_REACHED, "too many packets failed to authenticate");
    }
    return length;
  }

  private void dropPreviousIfOver(long nowNanos) {
    if (previousOpen != null && nowNanos >= previousUntilNanos) {
      previousOpen = null;
    }
  }

  /** An acknowledgement arrived for this number. */
  void onAcked(long largestAcked) {
    if (largestAcked >= firstSentInPhase) {
      acknowledgedInPhase = true;
    }
  }

  /**
   * Updates the keys when it is time to. Not before the peer has acknowledged this phase (§6.1),
   * nor while packets of the phase before may still arrive (§6.5: three PTOs), and never past the
   * AEAD's confidentiality limit (§6.6).
   *
   * @throws TransportException AEAD_LIMIT_REACHED if no update was possible in time
   */
  void updateIfDue(boolean handshakeConfirmed) throws TransportException {
    boolean isAllowed = handshakeConfirmed && acknowledgedInPhase && previousOpen == null;
    if (sealedInPhase >= updateAfterPackets && isAllowed) {
      rotate();
    } else if (sealedInPhase >= suite.confidentialityLimit()) {
      throw new TransportException(
          TransportErrorCode.AEAD_LIMIT_REACHED, "no key update before the confidentiality limit");
    }
  }

  private void rotate() {
    previousOpen = open;
    previousUntilNanos = Long.MAX_VALUE;
    open = nextOpen;
    remoteSecret = remoteSecret.next();
    nextOpen = remoteSecret.protection();
    localSecret = localSecret.next();
    seal = localSecret.protection();
    phase ^= 1;
    sealedInPhase = 0;
    firstSentInPhase = Long.MAX_VALUE;
    firstReceivedInPhase = Long.MAX_VALUE;
    acknowledgedInPhase = false;
    updates++;
  }
}
