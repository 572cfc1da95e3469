package org.veilor.seed.quic.path;

import org.veilor.seed.quic.congestion.CongestionController;
import org.veilor.seed.quic.congestion.Cubic;
import org.veilor.seed.quic.congestion.Pacer;
import org.veilor.seed.quic.recovery.RttEstimator;

/**
 * One 4-tuple of a path with everything that was learned about it: round-trip time, congestion,
 * pacing, datagram size, and whether the peer has proved to be there.
 *
 * <p>When a peer migrates, its path gets a new route; packets in flight still remember the old one.
 */
public final class Route {
  /** RFC 9000 §8.1: before validation a server sends at most three times what it received. */
  private static final int AMPLIFICATION_FACTOR = 3;

  private final NetworkPath networkPath;
  private final RttEstimator rtt;
  private final CongestionController congestion;
  private final Pacer pacer;
  private final MtuDiscovery mtuDiscovery;
  private boolean validated;
  private long receivedBytes;
  private long sentBytes;
  private final InFlight inFlight;
  private long firstRttSampleNanos = Long.MAX_VALUE;
  private boolean appLimited = true;

  /** Bytes in the network; the old and the new 4-tuple of a rebinding share it. */
  private static final class InFlight {
    private long bytes;
  }

  private Route(
      NetworkPath networkPath,
      boolean validated,
      RttEstimator rtt,
      CongestionController congestion,
      Pacer pacer,
      MtuDiscovery mtuDiscovery,
      InFlight inFlight) {
    this.networkPath = networkPath;
    this.validated = validated;
    this.rtt = rtt;
    this.congestion = congestion;
    this.pacer = pacer;
    this.mtuDiscovery = mtuDiscovery;
    this.inFlight = inFlight;
  }

  /** A route about which nothing is known yet. */
  public static Route fresh(NetworkPath networkPath, boolean validated, MtuDiscovery mtuDiscovery) {
    int mtu = mtuDiscovery.mtu();
    return new Route(
        networkPath,
        validated,
        new RttEstimator(),
        new Cubic(mtu),
        new Pacer(mtu),
        mtuDiscovery,
        new InFlight());
  }

  /**
   * The same network under another 4-tuple. RFC 9000 §9.4 keeps round-trip time and congestion when
   * only the port changed, as NAT rebindings do; validation starts anew.
   */
  public Route rebound(NetworkPath newPath) {
    Route next = new Route(newPath, false, rtt, congestion, pacer, mtuDiscovery, inFlight);
    next.firstRttSampleNanos = firstRttSampleNanos;
    return next;
  }

  /** The 4-tuple. */
  public NetworkPath networkPath() {
    return networkPath;
  }

  /** Round-trip time. */
  public RttEstimator rtt() {
    return rtt;
  }

  /** Congestion control. */
  public CongestionController congestion() {
    return congestion;
  }

  /** Pacing. */
  public Pacer pacer() {
    return pacer;
  }

  /** The datagram size and the search for a larger one. */
  public MtuDiscovery mtuDiscovery() {
    return mtuDiscovery;
  }

  /** The largest UDP payload to send here, bytes. */
  public int mtuBytes() {
    return mtuDiscovery.mtu();
  }

  /** Whether the peer has proved that it receives at this address (RFC 9000 §8). */
  public boolean isValidated() {
    return validated;
  }

  /** The peer has proved it. */
  public void setValidated() {
    validated = true;
  }

  /** Bytes sent and neither acknowledged nor lost. */
  public long bytesInFlight() {
    return inFlight.bytes;
  }

  /** Room in the congestion window; a packet may exceed it by less than itself, as in noq. */
  public boolean isCongestionBlocked() {
    return inFlight.bytes >= congestion.windowBytes();
  }

  /** How many more bytes the anti-amplification limit allows. */
  public long amplificationCreditBytes() {
    return validated ? Long.MAX_VALUE : AMPLIFICATION_FACTOR * receivedBytes - sentBytes;
  }

  /** A datagram came from here. */
  public void onDatagramReceived(int sizeBytes) {
    receivedBytes += sizeBytes;
  }

  /** A datagram went here. */
  public void onDatagramSent(int sizeBytes) {
    sentBytes += sizeBytes;
  }

  /** Bytes were put in flight. */
  public void onInFlight(int sizeBytes) {
    inFlight.bytes += sizeBytes;
  }

  /** Bytes left the network, one way or another. */
  public void onNoLongerInFlight(int sizeBytes) {
    inFlight.bytes -= sizeBytes;
  }

  /** Whether sending last ended for want of data and not of window (RFC 9002 §7.8). */
  public boolean isAppLimited() {
    return appLimited;
  }

  /** Sending stopped: for want of data, or because window or pacing said so. */
  public void setAppLimited(boolean isAppLimited) {
    appLimited = isAppLimited;
  }

  /** A round-trip sample was taken. */
  public void onRttSample(long nowNanos) {
    firstRttSampleNanos = Math.min(firstRttSampleNanos, nowNanos);
  }

  /** RFC 9002 §7.6.2: persistent congestion needs an RTT sample older than the lost packets. */
  public boolean hasRttBefore(long sentNanos) {
    return firstRttSampleNanos < sentNanos;
  }
}
