package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Map;

/**
 * What the operator may choose.
 *
 * @param maxBlobBytes larger blobs are refused
 * @param patienceNanos a download fails when nothing of use has come for so long
 * @param graceNanos so long a download goes on after its last reader has left
 * @param windowBytes what is held in memory of a blob that is not kept
 * @param bytesPerSecond of all downloads together; {@link Long#MAX_VALUE} for no limit
 * @param peerBytesPerSecond of one provider; {@link Long#MAX_VALUE} for no limit
 * @param maxDownloads at once
 * @param groupBytesPerSecond of all downloads of a rate group together, for example one service's;
 *     a group that is not named has no limit of its own
 */
public record DownloadSettings(
    long maxBlobBytes,
    long patienceNanos,
    long graceNanos,
    long windowBytes,
    long bytesPerSecond,
    long peerBytesPerSecond,
    int maxDownloads,
    Map<String, Long> groupBytesPerSecond) {
  /** Copies the map. */
  public DownloadSettings {
    groupBytesPerSecond = Map.copyOf(groupBytesPerSecond);
  }

  /** What fits most. */
  public static DownloadSettings defaults() {
    return new DownloadSettings(
        1L << 42,
        SECONDS.toNanos(30),
        SECONDS.toNanos(30),
        8L << 20,
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        1024,
        Map.of());
  }

  /** With these rates. */
  public DownloadSettings withRates(long all, long peer) {
    return new DownloadSettings(
        maxBlobBytes,
        patienceNanos,
        graceNanos,
        windowBytes,
        all,
        peer,
        maxDownloads,
        groupBytesPerSecond);
  }

  /** With rates for these groups, bytes a second. */
  public DownloadSettings withGroupRates(Map<String, Long> groups) {
    return new DownloadSettings(
        maxBlobBytes,
        patienceNanos,
        graceNanos,
        windowBytes,
        bytesPerSecond,
        peerBytesPerSecond,
        maxDownloads,
        groups);
  }

  /** With these times. */
  public DownloadSettings withTimes(long patience, long grace) {
    return new DownloadSettings(
        maxBlobBytes,
        patience,
        grace,
        windowBytes,
        bytesPerSecond,
        peerBytesPerSecond,
        maxDownloads,
        groupBytesPerSecond);
  }

  /** With this window. */
  public DownloadSettings withWindow(long bytes) {
    return new DownloadSettings(
        maxBlobBytes,
        patienceNanos,
        graceNanos,
        bytes,
        bytesPerSecond,
        peerBytesPerSecond,
        maxDownloads,
        groupBytesPerSecond);
  }
}
