package org.veilor.seed.quic.qlog;

import java.util.List;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Is told what happens inside a connection. Every method does nothing unless overridden; none may
 * call the connection back. Times are the caller's nanoseconds, sizes bytes.
 */
public interface ConnectionObserver {
  /** Hears nothing. */
  ConnectionObserver NONE = new ConnectionObserver() {};

  /**
   * A packet was sealed, to be sent now.
   *
   * @param frames all its frames; the bytes they hold are valid no more, only their number is
   */
  default void onPacketSent(
      EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {}

  /**
   * A packet was opened; what it leads to follows.
   *
   * @param frames its frames up to the first that cannot be read; the bytes they hold are valid
   *     during the call
   */
  default void onPacketReceived(
      EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {}

  /** A packet was of no use: a copy, a forgery, or its keys are gone. */
  default void onPacketDropped(int datagramBytes, long nowNanos) {}

  /** A packet was declared lost. */
  default void onPacketLost(EncryptionLevel level, long number, long nowNanos) {}

  /** An acknowledgement or a loss changed what is known of the route. */
  default void onMetrics(Metrics metrics, long nowNanos) {}

  /** The keys of 1-RTT packets are in this generation now, counted from 0. */
  default void onKeyUpdate(long generation, long nowNanos) {}

  /** The connection entered a state: the names are qlog's {@code ConnectionState}. */
  default void onState(String state, long nowNanos) {}

  /**
   * What is known of a route.
   *
   * @param smoothedRttNanos smoothed round-trip time
   * @param windowBytes congestion window
   */
  record Metrics(
      long smoothedRttNanos,
      long latestRttNanos,
      long minRttNanos,
      long rttVarianceNanos,
      long windowBytes,
      long bytesInFlight) {}
}
