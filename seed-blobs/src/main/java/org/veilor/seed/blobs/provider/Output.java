package org.veilor.seed.blobs.provider;

import org.veilor.seed.blobs.protocol.ErrorCode;

/** What a {@link ProviderSession} wants to happen on its stream. */
public sealed interface Output {
  /**
   * Send these bytes, completely and in order: they are whole items.
   *
   * @param length number of bytes at the front of the buffer
   */
  record Data(int length) implements Output {}

  /** End the response half cleanly. The session is over. */
  record Finish() implements Output {}

  /** Reset the response half. The session is over. */
  record Reset(ErrorCode code) implements Output {}

  /** Ask the getter to stop sending on the request half. */
  record StopSending(ErrorCode code) implements Output {}

  /** Nothing to send until the observed blob may have changed; then ask again. */
  record WaitForUpdate() implements Output {}
}
