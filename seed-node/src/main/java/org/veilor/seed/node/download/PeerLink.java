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

  /** Closes the connection with code 0; open requests are lost. */
  void close();

  /** Whether requests can be opened. */
  boolean isOpen();
}
