package org.veilor.seed.blobs.provider;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseEncoder;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Answers a Get or a GetMany: the responses for the requested items one behind the other, then the
 * end of the stream.
 *
 * <p>When data runs out, nothing of a later item is sent. If bytes are already on their way the
 * stream is finished, because a reset would destroy them, and a getter understands an early end at
 * an item boundary as "not found from here"; the encoder yields whole items only, so every end is
 * at such a boundary. If nothing was sent yet the stream is reset, as by iroh-blobs. A blob that
 * turns out damaged or changed is always reset.
 */
final class BlobResponder implements Responder {
  private final BlobCatalog catalog;
  private final Hash rootHash;
  private final @Nullable List<Hash> hashes;
  private final ChunkRangesSequence ranges;
  private OptionalLong nextIndex = OptionalLong.of(0);
  private @Nullable BlobReader rootReader;
  private @Nullable ChildHashes children;
  private @Nullable BlobReader itemReader;
  private @Nullable ResponseEncoder encoder;
  private Hash itemHash;
  private @Nullable ServeFailure failure;
  private ProviderStatistics statistics = ProviderStatistics.NONE;
  private boolean anythingSent;

  BlobResponder(BlobCatalog catalog, Request.Get get) {
    this.catalog = catalog;
    this.rootHash = get.hash();
    this.itemHash = get.hash();
    this.hashes = null;
    this.ranges = get.ranges();
  }

  BlobResponder(BlobCatalog catalog, Request.GetMany many) {
    this.catalog = catalog;
    this.rootHash = Hash.EMPTY_BLOB;
    this.itemHash = Hash.EMPTY_BLOB;
    this.hashes = many.hashes();
    this.ranges = many.ranges();
  }

  @Override
  public Output next(byte[] buffer, int offset) {
    try {
      Output output = null;
      while (output == null) {
        output =
            encoder == null ? startItem(buffer, offset) : continueItem(encoder, buffer, offset);
      }
      return output;
    } catch (IOException e) {
      return fail(new ServeFailure.Unreadable(itemHash, e));
    }
  }

  /** Sends on; null if the item is complete. */
  private @Nullable Output continueItem(ResponseEncoder current, byte[] buffer, int offset)
      throws IOException {
    return switch (current.next(buffer, offset)) {
      case ResponseEncoder.Step.Bytes bytes ->
          data(bytes.payloadBytes(), bytes.length() - bytes.payloadBytes());
      case ResponseEncoder.Step.Done _ -> {
        endItem();
        yield null;
      }
      case ResponseEncoder.Step.Missing missing ->
          fail(new ServeFailure.Missing(itemHash, missing.chunk()));
      case ResponseEncoder.Step.Corrupt corrupt ->
          fail(new ServeFailure.Corrupt(itemHash, corrupt.chunk()));
    };
  }

  private Output data(int payloadBytes, int otherBytes) {
    anythingSent = true;
    statistics = statistics.plusBytes(payloadBytes, otherBytes);
    return new Output.Data(payloadBytes + otherBytes);
  }

  private void endItem() {
    encoder = null;
    if (itemReader != null) {
      itemReader.close();
      itemReader = null;
    }
    statistics = statistics.plusBlob();
  }

  /** Turns to the next requested item; null if it is ready to be sent. */
  private @Nullable Output startItem(byte[] buffer, int offset) throws IOException {
    OptionalLong index =
        nextIndex.isPresent() ? ranges.nextNonEmpty(nextIndex.getAsLong()) : nextIndex;
    if (index.isEmpty()) {
      return new Output.Finish();
    }
    long item = index.getAsLong();
    nextIndex = item == -1L ? OptionalLong.empty() : OptionalLong.of(item + 1);
    return switch (hashOf(item)) {
      case ChildHashes.Child.Known known -> open(known.hash(), item, buffer, offset);
      case ChildHashes.Child.PastEnd _ -> new Output.Finish();
      case ChildHashes.Child.Unknown unknown -> fail(unknown.failure());
    };
  }

  private ChildHashes.Child hashOf(long index) throws IOException {
    if (hashes != null) {
      return Long.compareUnsigned(index, hashes.size()) < 0
          ? new ChildHashes.Child.Known(hashes.get((int) index))
          : new ChildHashes.Child.PastEnd();
    }
    if (index == 0) {
      return new ChildHashes.Child.Known(rootHash);
    }
    if (rootHash.equals(Hash.EMPTY_BLOB)) {
      return new ChildHashes.Child.PastEnd();
    }
    itemHash = rootHash;
    if (children == null) {
      ServeFailure problem = openRoot();
      if (problem != null) {
        return new ChildHashes.Child.Unknown(problem);
      }
    }
    return Objects.requireNonNull(children).get(index - 1);
  }

  private @Nullable ServeFailure openRoot() throws IOException {
    return switch (catalog.open(rootHash)) {
      case BlobLookup.Found found -> {
        rootReader = found.reader();
        children = new ChildHashes(rootHash, found.reader());
        yield null;
      }
      case BlobLookup.Missing _ -> new ServeFailure.Missing(rootHash, 0);
      case BlobLookup.Denied denied -> new ServeFailure.Denied(rootHash, denied.reason());
    };
  }

  private @Nullable Output open(Hash hash, long index, byte[] buffer, int offset)
      throws IOException {
    itemHash = hash;
    if (hash.equals(Hash.EMPTY_BLOB)) {
      Arrays.fill(buffer, offset, offset + ResponseEncoder.HEADER_BYTES, (byte) 0);
      statistics = statistics.plusBlob();
      return data(0, ResponseEncoder.HEADER_BYTES);
    }
    return switch (catalog.open(hash)) {
      case BlobLookup.Found found -> {
        itemReader = found.reader();
        ChunkRanges wanted = ranges.at(index);
        encoder = new ResponseEncoder(SubtreeEngine.preferred(), hash, found.reader(), wanted);
        yield null;
      }
      case BlobLookup.Missing _ -> fail(new ServeFailure.Missing(hash, 0));
      case BlobLookup.Denied denied -> fail(new ServeFailure.Denied(hash, denied.reason()));
    };
  }

  private Output fail(ServeFailure reason) {
    failure = reason;
    return switch (reason) {
      // Said loudly: the getter must not take this for a mere gap.
      case ServeFailure.Corrupt _, ServeFailure.Unreadable _ ->
          new Output.Reset(ErrorCode.INTERNAL);
      case ServeFailure.Denied _ when !anythingSent -> new Output.Reset(ErrorCode.PERMISSION);
      case ServeFailure _ when anythingSent -> new Output.Finish();
      case ServeFailure.Missing _, ServeFailure.NoHashSequence _, ServeFailure.Denied _ ->
          new Output.Reset(ErrorCode.INTERNAL);
    };
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
  public void close() {
    if (itemReader != null) {
      itemReader.close();
      itemReader = null;
    }
    if (rootReader != null) {
      rootReader.close();
      rootReader = null;
    }
  }
}
