package org.veilor.seed.blobs.provider;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.protocol.ObserveItem;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * Answers an Observe: an item with what is present, then an item with what was added whenever the
 * caller says that the blob may have changed. The stream stays open, also for a complete or unknown
 * blob. No reader is held in between.
 */
final class ObserveResponder implements Responder {
  private final BlobCatalog catalog;
  private final Hash hash;
  private @Nullable ObserveItem told;
  private byte[] frame = new byte[0];
  private int frameSent;
  private @Nullable ServeFailure failure;
  private ProviderStatistics statistics = ProviderStatistics.NONE;

  ObserveResponder(BlobCatalog catalog, Request.Observe observe) {
    this.catalog = catalog;
    this.hash = observe.hash();
  }

  @Override
  public Output next(byte[] buffer, int offset) {
    if (frameSent < frame.length) {
      return sendFrame(buffer, offset);
    }
    try {
      ObserveItem current = current();
      if (current == null) {
        return new Output.Reset(ErrorCode.PERMISSION);
      }
      ObserveItem news = news(current);
      if (news == null) {
        return new Output.WaitForUpdate();
      }
      frame = news.encodeFrame();
      frameSent = 0;
      return sendFrame(buffer, offset);
    } catch (IOException e) {
      failure = new ServeFailure.Unreadable(hash, e);
      return new Output.Reset(ErrorCode.INTERNAL);
    }
  }

  private Output sendFrame(byte[] buffer, int offset) {
    int length = Math.min(buffer.length - offset, frame.length - frameSent);
    System.arraycopy(frame, frameSent, buffer, offset, length);
    frameSent += length;
    statistics = statistics.plusBytes(0, length);
    return new Output.Data(length);
  }

  private @Nullable ObserveItem current() throws IOException {
    if (hash.equals(Hash.EMPTY_BLOB)) {
      return ObserveItem.of(0, ChunkRanges.ALL);
    }
    return switch (catalog.open(hash)) {
      case BlobLookup.Found found -> {
        try (BlobReader reader = found.reader()) {
          yield ObserveItem.of(reader.sizeBytes(), reader.presentChunks());
        }
      }
      case BlobLookup.Missing _ -> ObserveItem.UNKNOWN;
      case BlobLookup.Denied denied -> {
        failure = new ServeFailure.Denied(hash, denied.reason());
        yield null;
      }
    };
  }

  /** What the getter does not know yet: everything at first, then added chunks; null if nothing. */
  private @Nullable ObserveItem news(ObserveItem current) {
    ObserveItem before = told;
    if (before == null) {
      told = current;
      return current;
    }
    ChunkRanges added = current.ranges().minus(before.ranges());
    if (added.isEmpty()) {
      return null;
    }
    told = new ObserveItem(current.sizeBytes(), before.ranges().union(added));
    return new ObserveItem(current.sizeBytes(), added);
  }

  @Override
  public Optional<ServeFailure> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public ProviderStatistics statistics() {
    return statistics;
  }

  @Override
  public void close() {}
}
