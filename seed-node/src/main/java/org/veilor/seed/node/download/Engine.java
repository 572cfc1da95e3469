package org.veilor.seed.node.download;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** What all downloads share. */
interface Engine {
  PeerClient client();

  BlobProviders providers();

  BlobKeeper keeper();

  /** Fetches from HTTP servers; null if that is not wanted. */
  @Nullable HttpOrigin origin();

  DownloadSettings settings();

  /** Threads that may block. */
  Executor threads();

  ProviderScores scores();

  DownloadCounters counters();

  /** Bytes that came and were not looked at, of all downloads. */
  WaitingBytes waiting();

  /** Memory in which verified bytes are gathered for the disk. */
  GatheredChunks.Pool writing();

  /** The time, in nanoseconds of no particular origin. */
  long now();

  /** Runs something small later, on a thread that must not be held up. */
  ScheduledFuture<?> later(Runnable task, long delayNanos);

  /** Counts bytes against the rates; says how long to wait before reading more. */
  long limit(DownloadTask task, ProviderId provider, int bytes);

  /** Downloads at the moment. */
  int running();

  /** The download is over. */
  void ended(DownloadTask task);
}
