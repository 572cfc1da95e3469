package org.veilor.seed.quic.connection;

import java.util.List;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.recovery.AckOutcome;
import org.veilor.seed.quic.recovery.LossOutcome;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.recovery.RttEstimator;
import org.veilor.seed.quic.recovery.SentPacket;
import org.veilor.seed.quic.recovery.SpuriousLosses;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Loss detection and probe timeouts over the spaces of a connection (RFC 9002 §6, Appendix A).
 *
 * <p>The surprising choice: the back-off of probe timeouts (RFC 9002 §6.2.1) ends at {@link
 * #MAX_PROBE_INTERVAL_NANOS}, as noq's is meant to, so that a link or a NAT mapping that was away
 * for ten seconds is found again in two and not in ten. A probe each two seconds until the idle
 * timeout congests nothing.
 *
 * <p>ECN: what the peer marks is counted and told back (RFC 9000 §13.4.1), but nothing is marked
 * here, so the counts in the peer's ACK frames say nothing and are ignored on purpose (§13.4.2: an
 * endpoint that sends no ECT needs no validation).
 */
final class Recovery {
  /** RFC 9002 §6.2.4: "an endpoint MAY send up to two full-sized datagrams" on a PTO. */
  private static final int PROBES_PER_TIMEOUT = 2;

  /** The longest interval between probes, unless the round-trip time demands a longer one. */
  private static final long MAX_PROBE_INTERVAL_NANOS = 2_000_000_000L;

  /** More than any honest acknowledgement is delayed: a quarter of an hour. */
  private static final long MAX_ACK_DELAY_MICROS = 1L << 30;

  private final boolean isClient;
  private final Handshake handshake;
  private final Path path;
  private final FrameFates fates;
  private final int[] probes = new int[EncryptionLevel.values().length];
  private long peerMaxAckDelayNanos = TransportConfig.MAX_ACK_DELAY_NANOS;
  private int peerAckDelayExponent = TransportConfig.ACK_DELAY_EXPONENT;
  private final Observed observed;
  private final SpuriousLosses spurious = new SpuriousLosses();
  private int ptoCount;
  private boolean peerValidatedUs;
  private long lostPackets;

  Recovery(boolean isClient, Handshake handshake, Path path, FrameFates fates, Observed observed) {
    this.observed = observed;
    this.isClient = isClient;
    this.handshake = handshake;
    this.path = path;
    this.fates = fates;
    this.peerValidatedUs = !isClient;
  }

  void setPeerAckDelay(long maxAckDelayNanos, int exponent) {
    peerMaxAckDelayNanos = maxAckDelayNanos;
    peerAckDelayExponent = exponent;
  }

  PacketSpace space(EncryptionLevel level) {
    return level == EncryptionLevel.ONE_RTT ? path.space() : handshake.space(level);
  }

  long lostPackets() {
    return lostPackets;
  }

  /** Probe packets still to be sent at a level. */
  int probes(EncryptionLevel level) {
    return probes[level.index()];
  }

  /**
   * Whether the next datagram is the last probe of a timeout, which is of the least size: if the
   * route stopped carrying large datagrams it still arrives, and shows what became of the others.
   */
  boolean wantsSmallProbe() {
    return probes[EncryptionLevel.ONE_RTT.index()] == 1;
  }

  void onProbeSent(EncryptionLevel level) {
    if (probes[level.index()] > 0) {
      probes[level.index()]--;
    }
  }

  /** The handshake is confirmed: the server is known to have validated our address. */
  void onConfirmed() {
    peerValidatedUs = true;
    ptoCount = 0;
  }

  /** Who watches this connection. */
  Observed observed() {
    return observed;
  }

  /** Takes an ACK frame in (RFC 9002 A.7). */
  void onAck(EncryptionLevel level, Frame.Ack ack, long nowNanos) throws TransportException {
    PacketSpace space = space(level);
    AckOutcome outcome = space.onAck(ack);
    OneRttKeys keys = handshake.oneRttKeys();
    if (level == EncryptionLevel.ONE_RTT && keys != null) {
      keys.onAcked(ack.largest());
    }
    if (level == EncryptionLevel.ONE_RTT && spurious.onAck(ack)) {
      path.route().congestion().onSpuriousLoss();
    }
    if (outcome.acked().isEmpty()) {
      return;
    }
    SentPacket newest = outcome.largestNewlyAcked();
    if (newest != null && outcome.hasAckEliciting()) {
      sampleRtt(level, newest, ack.ackDelay(), nowNanos);
    }
    if (level == EncryptionLevel.HANDSHAKE) {
      peerValidatedUs = true;
    }
    for (SentPacket packet : outcome.acked()) {
      Route route = packet.route();
      route.onNoLongerInFlight(packet.sizeBytes());
      route
          .congestion()
          .onAcked(
              packet.sizeBytes(), packet.sentNanos(), route.isAppLimited(), route.rtt(), nowNanos);
      route.mtuDiscovery().onPacketAcked(packet.sizeBytes());
      fates.onAcked(space, packet, nowNanos);
    }
    detectLost(level, nowNanos);
    observed.onMetrics(path.route(), nowNanos);
    if (peerValidatedUs) {
      ptoCount = 0;
    }
  }

  private void sampleRtt(
      EncryptionLevel level, SentPacket newest, long scaledAckDelay, long nowNanos) {
    Route route = newest.route();
    long delayNanos = 0;
    if (level == EncryptionLevel.ONE_RTT) {
      // The field is a varint of up to 62 bits: cap before shifting, a lie must not overflow.
      long capped = Math.min(scaledAckDelay, MAX_ACK_DELAY_MICROS >> peerAckDelayExponent);
      delayNanos = (capped << peerAckDelayExponent) * 1000;
    }
    route
        .rtt()
        .update(
            nowNanos - newest.sentNanos(),
            delayNanos,
            handshake.isConfirmed(),
            peerMaxAckDelayNanos);
    route.onRttSample(nowNanos);
  }

  private void detectLost(EncryptionLevel level, long nowNanos) {
    PacketSpace space = space(level);
    RttEstimator rtt = path.route().rtt();
    LossOutcome outcome =
        space.detectLost(
            PacketSpace.persistentCongestionNanos(rtt, peerMaxAckDelayNanos), nowNanos);
    onLost(level, outcome.lost(), outcome.isPersistent(), nowNanos);
  }

  private void onLost(
      EncryptionLevel level, List<SentPacket> lost, boolean persistent, long nowNanos) {
    if (lost.isEmpty()) {
      return;
    }
    observed.onLost(level, lost, nowNanos);
    Route current = path.route();
    int lostBytes = 0;
    long newestSentNanos = Long.MIN_VALUE;
    for (SentPacket packet : lost) {
      Route route = packet.route();
      route.onNoLongerInFlight(packet.sizeBytes());
      fates.onLost(level, packet, nowNanos);
      lostPackets++;
      // RFC 9000 §14.4: the loss of an MTU probe is no sign of congestion.
      if (packet.isMtuProbe()) {
        continue;
      }
      route.mtuDiscovery().onPacketLost(packet.sizeBytes(), packet.packetNumber(), nowNanos);
      // A loss on a route that was left says nothing about the one in use.
      if (route.congestion() == current.congestion()) {
        lostBytes += packet.sizeBytes();
        newestSentNanos = Math.max(newestSentNanos, packet.sentNanos());
      }
    }
    if (lostBytes > 0) {
      if (level == EncryptionLevel.ONE_RTT) {
        spurious.onLost(lost, newestSentNanos, persistent, nowNanos);
      }
      current.congestion().onLoss(lostBytes, newestSentNanos, persistent, nowNanos);
      if (persistent) {
        current.rtt().onPersistentCongestion();
      }
    }
  }

  /** Settles a space whose keys are dropped (RFC 9002 §6.4). */
  void onDiscarded(EncryptionLevel level) {
    for (SentPacket packet : space(level).discard()) {
      packet.route().onNoLongerInFlight(packet.sizeBytes());
    }
    probes[level.index()] = 0;
    ptoCount = 0;
  }

  /** RFC 9002 A.8: the loss timer if packets wait for it, else the probe timer. */
  long nextTimeoutNanos() {
    long lossTime = Long.MAX_VALUE;
    for (EncryptionLevel level : EncryptionLevel.values()) {
      lossTime = Math.min(lossTime, space(level).lossTimeNanos());
    }
    if (lossTime != Long.MAX_VALUE) {
      return lossTime;
    }
    // "If the server is at the anti-amplification limit, it cannot send anyway."
    if (path.route().amplificationCreditBytes() < TransportConfig.MIN_MTU_BYTES) {
      return Long.MAX_VALUE;
    }
    if (!hasAckElicitingInFlight()) {
      return peerValidatedUs ? Long.MAX_VALUE : antiDeadlockNanos();
    }
    long earliest = Long.MAX_VALUE;
    for (EncryptionLevel level : EncryptionLevel.values()) {
      earliest = Math.min(earliest, ptoNanos(level));
    }
    return earliest;
  }

  private boolean hasAckElicitingInFlight() {
    return handshake.space(EncryptionLevel.INITIAL).hasAckElicitingInFlight()
        || handshake.space(EncryptionLevel.HANDSHAKE).hasAckElicitingInFlight()
        || path.space().hasAckElicitingInFlight();
  }

  /** When the probe timeout of a level fires; 1-RTT waits for the handshake (RFC 9002 §6.2.1). */
  private long ptoNanos(EncryptionLevel level) {
    PacketSpace space = space(level);
    if (!space.hasAckElicitingInFlight()
        || (level == EncryptionLevel.ONE_RTT && !handshake.isComplete())) {
      return Long.MAX_VALUE;
    }
    return space.lastAckElicitingSentNanos() + backedOff(ptoDurationNanos(level));
  }

  /**
   * RFC 9002 §6.2.2.1: a client probes although nothing is in flight, or both sides could wait for
   * ever.
   */
  private long antiDeadlockNanos() {
    long last =
        Math.max(
            handshake.space(EncryptionLevel.INITIAL).lastAckElicitingSentNanos(),
            handshake.space(EncryptionLevel.HANDSHAKE).lastAckElicitingSentNanos());
    return last + backedOff(ptoDurationNanos(EncryptionLevel.HANDSHAKE));
  }

  /** The probe timeout without back-off. */
  long ptoDurationNanos(EncryptionLevel level) {
    long base = path.route().rtt().ptoBaseNanos();
    return level == EncryptionLevel.ONE_RTT ? base + peerMaxAckDelayNanos : base;
  }

  private long backedOff(long durationNanos) {
    long nanos = durationNanos;
    for (int i = 0; i < ptoCount && nanos < MAX_PROBE_INTERVAL_NANOS; i++) {
      nanos = Math.max(durationNanos, Math.min(2 * nanos, MAX_PROBE_INTERVAL_NANOS));
    }
    return nanos;
  }

  /** The timer of {@link #nextTimeoutNanos} fired (RFC 9002 A.9). */
  void onTimeout(long nowNanos) {
    boolean wasLossTimer = false;
    for (EncryptionLevel level : EncryptionLevel.values()) {
      if (space(level).lossTimeNanos() <= nowNanos) {
        detectLost(level, nowNanos);
        wasLossTimer = true;
      }
    }
    if (wasLossTimer) {
      return;
    }
    if (!hasAckElicitingInFlight()) {
      EncryptionLevel level =
          handshake.canSend(EncryptionLevel.HANDSHAKE)
              ? EncryptionLevel.HANDSHAKE
              : EncryptionLevel.INITIAL;
      probes[level.index()] = 1;
    } else {
      for (EncryptionLevel level : EncryptionLevel.values()) {
        if (ptoNanos(level) <= nowNanos) {
          probes[level.index()] = PROBES_PER_TIMEOUT;
          repeatOldest(level, nowNanos);
        }
      }
    }
    ptoCount++;
  }

  /**
   * A probe carries what may be lost rather than a bare PING; the packet itself stays in flight.
   */
  private void repeatOldest(EncryptionLevel level, long nowNanos) {
    SentPacket oldest = space(level).oldestAckEliciting();
    if (oldest != null) {
      fates.onLost(level, oldest, nowNanos);
    }
  }

  /** Whether something that asks for an acknowledgement was sent at just this time. */
  boolean sentAckElicitingAt(long nowNanos) {
    for (EncryptionLevel level : EncryptionLevel.values()) {
      PacketSpace space = space(level);
      if (space.hasAckElicitingInFlight() && space.lastAckElicitingSentNanos() == nowNanos) {
        return true;
      }
    }
    return false;
  }

  boolean isClient() {
    return isClient;
  }
}
