package org.veilor.seed.node.download;

/** A connection to a provider. May be used from any thread; no call blocks. */
public interface PeerLink {
  /** The smoothed round trip. */
  long rttNanos();

  /**
   * Opens a stream, sends the request and finishes the sending half.
   *
   * @param request with its type byte, as {@code RequestCodec} encodes it
   * @param listener is told what comes back, possibly before this call returns
   */
  PeerRequest open(byte[] request, PeerRequest.Listener listener);

  /**
   * A request was not answered for too long. Closes the connection, so that the next one is new,
   * unless it goes on to bring something to other downloads.
   */
  void giveUp();

  /** Whether requests can be opened. */
  boolean isOpen();
}
