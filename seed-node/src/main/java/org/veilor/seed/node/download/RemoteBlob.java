package org.veilor.seed.node.download;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.wire.CoreLimits;

/**
 * A blob on an HTTP server that offers the outboard beside it, as {@code URL.obao4}: the pairs in
 * pre-order over chunk groups of 16 KiB, which is the file that stores of iroh-blobs keep. Neither
 * is believed; whoever reads verifies item by item, so that it can be handed on while it arrives.
 */
final class RemoteBlob implements OriginBlob {
  private static final Logger log = LoggerFactory.getLogger(RemoteBlob.class);

  /** Smaller blobs are here sooner as a whole. */
  private static final long MIN_BYTES = 1 << 20;

  private static final String SUFFIX = ".obao4";

  private final HttpClient client;
  private final URI uri;
  private final long sizeBytes;
  private final byte[] pairs;
  private final Duration silence;
  private final LongConsumer received;

  private RemoteBlob(
      HttpClient client,
      URI uri,
      long sizeBytes,
      byte[] pairs,
      Duration silence,
      LongConsumer received) {
    this.client = client;
    this.uri = uri;
    this.sizeBytes = sizeBytes;
    this.pairs = pairs;
    this.silence = silence;
    this.received = received;
  }

  /**
   * Looks for the outboard.
   *
   * @param received is told of bytes that came
   * @return null if the server has none, or not of this blob, or gives no ranges
   */
  static @Nullable RemoteBlob find(
      HttpClient client, URI uri, Hash hash, HttpOrigin.Limits limits, LongConsumer received)
      throws IOException {
    if (uri.getRawQuery() != null) {
      return null;
    }
    OptionalLong size = size(client, uri, limits.silence());
    if (size.isEmpty() || size.getAsLong() < MIN_BYTES || size.getAsLong() > limits.maxBytes()) {
      return null;
    }
    long length = new BaoTree(size.getAsLong()).outboardBytes();
    if (length > CoreLimits.MAX_OUTBOARD_IN_MEMORY_BYTES) {
      return null;
    }
    byte[] pairs = outboard(client, URI.create(uri + SUFFIX), (int) length, limits.silence());
    if (pairs == null || !isRoot(pairs, hash)) {
      return null;
    }
    log.debug("{} has its outboard beside it", uri);
    return new RemoteBlob(client, uri, size.getAsLong(), pairs, limits.silence(), received);
  }

  private static OptionalLong size(HttpClient client, URI uri, Duration silence)
      throws IOException {
    HttpRequest head =
        HttpRequest.newBuilder(uri)
            .timeout(silence)
            .header("Accept-Encoding", "identity")
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<Void> answer = send(client, head, HttpResponse.BodyHandlers.discarding());
    boolean givesRanges =
        answer.headers().allValues("Accept-Ranges").stream().anyMatch("bytes"::equals);
    return answer.statusCode() == 200 && givesRanges
        ? answer.headers().firstValueAsLong("Content-Length")
        : OptionalLong.empty();
  }

  private static byte @Nullable [] outboard(
      HttpClient client, URI uri, int length, Duration silence) throws IOException {
    HttpRequest get = HttpRequest.newBuilder(uri).timeout(silence).GET().build();
    HttpResponse<InputStream> answer = send(client, get, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) {
        return null;
      }
      byte[] pairs = body.readNBytes(length + 1);
      return pairs.length == length ? pairs : null;
    }
  }

  private static boolean isRoot(byte[] pairs, Hash hash) {
    byte[] value = new byte[Hash.LENGTH];
    SubtreeEngine.preferred().parentValue(pairs, 0, true, value, 0);
    return Hash.of(value, 0).equals(hash);
  }

  private static <T> HttpResponse<T> send(
      HttpClient client, HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return client.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public BlobReader view(ChunkRanges wanted) {
    return new View(wanted);
  }

  @Override
  public void close() {
    // Its views have the connections.
  }

  /** Reads with one request as long as it is read in order. */
  private final class View implements BlobReader {
    private final ChunkRanges wanted;
    private @Nullable InputStream body;
    private long position;
    private boolean closed;

    View(ChunkRanges wanted) {
      this.wanted = wanted.slice(0, new BaoTree(sizeBytes).chunks());
    }

    /** Where whole chunk groups from {@code offset} on are no longer wanted. */
    private long wantedUntil(long offset) {
      long end = offset + 1;
      for (int i = 0; i + 1 < wanted.boundaryCount(); i += 2) {
        boolean isIn = wanted.boundary(i) * BaoTree.CHUNK_BYTES <= offset + BaoTree.GROUP_BYTES;
        if (isIn && wanted.boundary(i + 1) > offset / BaoTree.CHUNK_BYTES) {
          end = Math.min(sizeBytes, wanted.boundary(i + 1) * BaoTree.CHUNK_BYTES);
        }
      }
      long groups = Math.ceilDiv(end, BaoTree.GROUP_BYTES);
      return Math.min(sizeBytes, groups * BaoTree.GROUP_BYTES);
    }

    @Override
    public long sizeBytes() {
      return sizeBytes;
    }

    @Override
    public ChunkRanges presentChunks() {
      return ChunkRanges.ALL;
    }

    @Override
    public int readData(long offset, byte[] target, int targetOffset, int length)
        throws IOException {
      int wanted = (int) Math.min(length, Math.max(0, sizeBytes - offset));
      InputStream open = at(offset);
      int count = open.readNBytes(target, targetOffset, wanted);
      received.accept(count);
      if (count < wanted) {
        throw new EOFException(uri + " ended at byte " + (offset + count) + " of " + sizeBytes);
      }
      synchronized (this) {
        position = offset + count;
      }
      return count;
    }

    private InputStream at(long offset) throws IOException {
      InputStream old;
      synchronized (this) {
        old = body;
        if (closed) {
          throw new IOException("the reader is closed");
        }
        if (old != null && position == offset) {
          return old;
        }
      }
      if (old != null) {
        old.close();
      }
      HttpRequest get =
          HttpRequest.newBuilder(uri)
              .timeout(silence)
              .header("Accept-Encoding", "identity")
              .header("Range", "bytes=" + offset + "-" + (wantedUntil(offset) - 1))
              .GET()
              .build();
      HttpResponse<InputStream> answer =
          send(client, get, HttpResponse.BodyHandlers.ofInputStream());
      String range = answer.headers().firstValue("Content-Range").orElse("");
      if (answer.statusCode() != 206 || !range.startsWith("bytes " + offset + "-")) {
        answer.body().close();
        throw new IOException(uri + " answered " + answer.statusCode() + " to a range");
      }
      synchronized (this) {
        if (!closed) {
          body = answer.body();
          return answer.body();
        }
      }
      answer.body().close();
      throw new IOException("the reader is closed");
    }

    @Override
    public void readPair(long pairIndex, byte[] target, int targetOffset) {
      int from = Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES);
      System.arraycopy(pairs, from, target, targetOffset, BaoTree.PAIR_BYTES);
    }

    @Override
    public void close() {
      InputStream open;
      synchronized (this) {
        closed = true;
        open = body;
        body = null;
      }
      if (open != null) {
        HttpOrigin.closeQuietly(open);
      }
    }
  }
}
