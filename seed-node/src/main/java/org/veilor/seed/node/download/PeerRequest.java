package org.veilor.seed.node.download;

/** One request to a provider and the response to it. May be used from any thread. */
public interface PeerRequest {
  /**
   * Takes the response. The calls come in order, from one thread at a time (the event loop), which
   * must not be held up. After {@link #onEnd}, {@link #onReset} or {@link #onLost} no call follows.
   */
  interface Listener {
    /** The next bytes; the array is the caller's again when the call returns. */
    void onBytes(byte[] data, int offset, int length);

    /** The response ended cleanly. */
    void onEnd();

    /** The provider reset the response. */
    void onReset(long code);

    /** The connection is gone. */
    void onLost(String why);
  }

  /** The rest is not wanted: STOP_SENDING 0. Calls may still follow for a moment. */
  void cancel();

  /** Stops reading, so that flow control holds the provider back. Calls may follow for a moment. */
  void pause();

  /** Reads again. */
  void resume();
}
