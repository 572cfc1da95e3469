package org.veilor.seed.node.download;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.veilor.seed.core.hash.Hash;

/** A download that could not be started. */
record FailedDownload(Hash hash, DownloadFailure failure) implements Download {
  private DownloadException problem() {
    return new DownloadException(failure);
  }

  @Override
  public CompletionStage<Long> size() {
    return CompletableFuture.failedStage(problem());
  }

  @Override
  public CompletionStage<Void> done() {
    return CompletableFuture.failedStage(problem());
  }

  @Override
  public DownloadReader reader(long fromByte, long untilByte) {
    return new DownloadReader() {
      @Override
      public int read(byte[] target, int offset, int length) throws DownloadException {
        throw problem();
      }

      @Override
      public int readNow(byte[] target, int offset, int length) throws DownloadException {
        throw problem();
      }

      @Override
      public void onReadable(Runnable callback) {
        callback.run();
      }

      @Override
      public long position() {
        return fromByte;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public DownloadProgress progress() {
    return new DownloadProgress(OptionalLong.empty(), 0, 0, false, List.of());
  }

  @Override
  public void cancel() {}
}
