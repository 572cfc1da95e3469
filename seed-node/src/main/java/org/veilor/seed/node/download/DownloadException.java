package org.veilor.seed.node.download;

import java.io.IOException;

/** A download ended without the blob. */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient DownloadFailure failure;

  /** Wraps the failure. */
  public DownloadException(DownloadFailure failure) {
    super(failure.toString());
    this.failure = failure;
  }

  /** Why. */
  public DownloadFailure failure() {
    return failure;
  }
}
