package org.veilor.seed.quic.path;

/**
 * Searches for the largest datagram a route carries: datagram packetization layer path MTU
 * discovery (RFC 8899, RFC 9000 §14.3), with the constants of noq.
 *
 * <p>Sizes are UDP payloads in bytes. Every route carries {@link #BASE_MTU_BYTES} (RFC 9000 §14.1).
 * After {@link #start} a binary search runs between what is known to work and the bound, the bound
 * itself being the last candidate; a size counts as too large after three lost probes. Probes are
 * extra packets of PING and PADDING: losing one says nothing about congestion.
 *
 * <p>Black holes (RFC 8899 §4.3): a route may stop carrying large datagrams. The sign is several
 * bursts of lost packets that were all larger than the base, with none of that size delivered in
 * between. One burst is a run of consecutive packet numbers: congestion loses bursts too, but it
 * also loses small packets and lets large ones through afterwards.
 */
public final class MtuDiscovery {
  /** RFC 9000 §14.1: every QUIC path carries UDP payloads of this size. */
  public static final int BASE_MTU_BYTES = 1200;

  /** Ethernet minus IPv6, UDP and a little for tunnels; noq's default. */
  public static final int DEFAULT_UPPER_BOUND_BYTES = 1452;

  static final int MINIMUM_STEP_BYTES = 20;
  static final int MAX_PROBES = 3;
  static final int BLACK_HOLE_BURSTS = 3;
  static final long SEARCH_INTERVAL_NANOS = 600_000_000_000L;
  static final long BLACK_HOLE_COOLDOWN_NANOS = 60_000_000_000L;

  /** What the discovery is doing. */
  private enum Phase {
    /**
     * Before the handshake is confirmed, or without room above the base. In: creation. Out:
     * SEARCHING.
     */
    DISABLED,
    /** Probing. In: DISABLED, WAITING. Out: WAITING (search complete, or black hole). */
    SEARCHING,
    /** Until the next search is due. In: SEARCHING (or itself, black hole). Out: SEARCHING. */
    WAITING
  }

  private final int upperBoundBytes;
  private int ceilingBytes = BASE_MTU_BYTES;
  private int mtuBytes = BASE_MTU_BYTES;
  private boolean changed;
  private Phase phase = Phase.DISABLED;
  private long nextSearchNanos;

  private int tooLargeBytes;
  private int candidateBytes;
  private int probesLost;
  private boolean probeInFlight;
  private long probePacketNumber = -1;

  private int suspiciousBursts;
  private int smallestSuspiciousBytes;
  private boolean burstIsSuspicious;
  private long lastLostPacketNumber = Long.MIN_VALUE;

  /** A discovery with the default bound. */
  public MtuDiscovery() {
    this(DEFAULT_UPPER_BOUND_BYTES);
  }

  /**
   * A discovery that never goes beyond a bound.
   *
   * @param upperBoundBytes largest UDP payload to try; anything up to the base disables the search
   */
  public MtuDiscovery(int upperBoundBytes) {
    this.upperBoundBytes = upperBoundBytes;
  }

  /**
   * The handshake is confirmed and the peer's limit known: the search may start.
   *
   * @param peerMaxUdpPayloadBytes the peer's max_udp_payload_size (RFC 9000 §18.2)
   */
  public void start(long peerMaxUdpPayloadBytes) {
    if (phase != Phase.DISABLED) {
      return;
    }
    ceilingBytes = (int) Math.min(upperBoundBytes, peerMaxUdpPayloadBytes);
    if (ceilingBytes - BASE_MTU_BYTES >= MINIMUM_STEP_BYTES) {
      startSearch();
    }
  }

  /** The largest UDP payload known to work. */
  public int mtu() {
    return mtuBytes;
  }

  /** Whether {@link #mtu} changed since the last call. */
  public boolean changed() {
    boolean result = changed;
    changed = false;
    return result;
  }

  /** Size of the probe to send now, 0 for none. */
  public int probeToSend(long nowNanos) {
    if (phase == Phase.WAITING && nowNanos - nextSearchNanos >= 0 && hasRoomToGrow(ceilingBytes)) {
      startSearch();
    }
    return phase == Phase.SEARCHING && !probeInFlight ? candidateBytes : 0;
  }

  /** A probe was sent. */
  public void onProbeSent(long packetNumber, int sizeBytes) {
    probeInFlight = sizeBytes == candidateBytes;
    probePacketNumber = packetNumber;
  }

  /** The probe was acknowledged. */
  public void onProbeAcked(int sizeBytes, long nowNanos) {
    // A late acknowledgement of a probe given up meanwhile, or sent before a black hole, is no
    // news.
    if (phase != Phase.SEARCHING || !probeInFlight || sizeBytes != candidateBytes) {
      return;
    }
    setMtu(sizeBytes);
    forgetLosses();
    nextCandidate(nowNanos);
  }

  /** The probe was declared lost. */
  public void onProbeLost(long nowNanos) {
    if (phase != Phase.SEARCHING || !probeInFlight) {
      return;
    }
    probeInFlight = false;
    probesLost++;
    if (probesLost == MAX_PROBES) {
      tooLargeBytes = candidateBytes;
      nextCandidate(nowNanos);
    }
  }

  /** An ordinary packet arrived. */
  public void onPacketAcked(int sizeBytes) {
    if (suspiciousBursts > 0 && sizeBytes >= smallestSuspiciousBytes) {
      forgetLosses();
    }
  }

  /** An ordinary packet was lost; to be called in the order of packet numbers. */
  public void onPacketLost(int sizeBytes, long packetNumber, long nowNanos) {
    if (mtuBytes == BASE_MTU_BYTES) {
      return;
    }
    boolean continuesBurst = continuesBurst(packetNumber);
    lastLostPacketNumber = packetNumber;
    if (sizeBytes <= BASE_MTU_BYTES) {
      if (continuesBurst && burstIsSuspicious) {
        suspiciousBursts--;
      }
      burstIsSuspicious = false;
      return;
    }
    if (!continuesBurst) {
      burstIsSuspicious = true;
      suspiciousBursts++;
    }
    if (burstIsSuspicious) {
      smallestSuspiciousBytes = Math.min(smallestSuspiciousBytes, sizeBytes);
    }
    if (suspiciousBursts > BLACK_HOLE_BURSTS) {
      onBlackHole(nowNanos);
    }
  }

  private boolean continuesBurst(long packetNumber) {
    long expected = lastLostPacketNumber + 1;
    // The probe between two ordinary packets is reported elsewhere.
    return packetNumber == expected
        || (probePacketNumber == expected && packetNumber == expected + 1);
  }

  private void onBlackHole(long nowNanos) {
    setMtu(BASE_MTU_BYTES);
    forgetLosses();
    probeInFlight = false;
    phase = Phase.WAITING;
    nextSearchNanos = nowNanos + BLACK_HOLE_COOLDOWN_NANOS;
  }

  private void forgetLosses() {
    suspiciousBursts = 0;
    smallestSuspiciousBytes = Integer.MAX_VALUE;
    burstIsSuspicious = false;
    lastLostPacketNumber = Long.MIN_VALUE;
  }

  private void startSearch() {
    phase = Phase.SEARCHING;
    tooLargeBytes = ceilingBytes + 1;
    forgetLosses();
    candidateBytes = middle();
    probesLost = 0;
    probeInFlight = false;
  }

  private boolean hasRoomToGrow(int boundBytes) {
    return boundBytes - mtuBytes >= MINIMUM_STEP_BYTES;
  }

  private int middle() {
    int middle = (mtuBytes + tooLargeBytes - 1) / 2;
    // The last step goes to the bound itself, otherwise the search would stop just below it.
    return hasRoomToGrow(middle) ? middle : tooLargeBytes - 1;
  }

  private void nextCandidate(long nowNanos) {
    probeInFlight = false;
    probesLost = 0;
    boolean boundIsUntried = tooLargeBytes > ceilingBytes;
    candidateBytes = middle();
    boolean isWorthwhile =
        hasRoomToGrow(candidateBytes) && (boundIsUntried || candidateBytes < tooLargeBytes - 1);
    if (!isWorthwhile) {
      phase = Phase.WAITING;
      nextSearchNanos = nowNanos + SEARCH_INTERVAL_NANOS;
    }
  }

  private void setMtu(int sizeBytes) {
    changed |= sizeBytes != mtuBytes;
    mtuBytes = sizeBytes;
  }
}
