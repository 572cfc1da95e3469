package org.veilor.seed.node.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.OutboardBuilder;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.store.cache.CacheFullException;
import org.veilor.seed.store.cache.TemporaryRoom;

/**
 * Fetches a blob from an HTTP(S) server, the provider of last resort.
 *
 * <p>Where the server does not have the outboard beside it ({@link RemoteBlob}), nothing can be
 * verified before the last byte is here: the bytes go to a file of their own, are hashed as a
 * whole, and nobody sees any of them unless the hash is right. A broken answer is continued where
 * it broke (Range, If-Range; RFC 9110 §14.2, §13.1.5). Redirects are followed, but never from https
 * to http.
 */
public final class HttpOrigin implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpOrigin.class);
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final int MAX_TRIES = 16;

  /** Tries in a row that bring no byte. */
  private static final int MAX_VAIN_TRIES = 2;

  private static final int OK = 200;
  private static final int PARTIAL = 206;

  /**
   * What is accepted.
   *
   * @param maxBytes larger bodies are refused
   * @param silence a server that sends nothing for so long is given up
   * @param total an answer that takes longer is given up
   */
  public record Limits(long maxBytes, Duration silence, Duration total) {}

  /** So much room is asked for at a time where the server does not say how much will come. */
  private static final long ROOM_STEP_BYTES = 4L << 20;

  private static final long ROOM_UNIT_BYTES = 64 * 1024;

  private final Path folder;
  private final Limits limits;
  private final Supplier<TemporaryRoom> rooms;
  private final HttpClient client;
  private final ScheduledThreadPoolExecutor watch;

  /**
   * Creates a client.
   *
   * @param folder for the files of bytes that are not verified yet; must exist
   */
  public HttpOrigin(Path folder, Limits limits) {
    this(folder, limits, () -> TemporaryRoom.UNLIMITED);
  }

  /**
   * Creates a client whose files count.
   *
   * @param folder for the files of bytes that are not verified yet; must exist
   * @param rooms asked for room before a file grows
   */
  public HttpOrigin(Path folder, Limits limits, Supplier<TemporaryRoom> rooms) {
    this.rooms = rooms;
    this.folder = folder;
    this.limits = limits;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    this.watch =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("seed-origin-watch").factory());
  }

  /** How far one fetch is. */
  private static final class Fetch {
    final long deadlineNanos;
    final TemporaryRoom room;

    /** The length of the file, for which there is room. */
    long roomBytes;

    long bytes;
    long sizeBytes = -1;
    Optional<String> validator = Optional.empty();
    volatile long activeNanos = System.nanoTime();

    /** The body was closed over its reader, which may take that for its end. */
    volatile boolean givenUp;

    Fetch(Duration total, TemporaryRoom room) {
      this.room = room;
      deadlineNanos = System.nanoTime() + total.toNanos();
    }

    boolean isOver(Duration silence) {
      long now = System.nanoTime();
      return now - deadlineNanos >= 0 || now - activeNanos >= silence.toNanos();
    }
  }

  /**
   * Opens a blob: where the server has its outboard beside it ({@code URI.obao4}), to be read and
   * verified from there; else as {@link #fetch}.
   *
   * @param received is told of bytes that came
   */
  OriginBlob open(URI uri, Hash hash, LongConsumer received) throws IOException {
    checkScheme(uri);
    OriginBlob remote = RemoteBlob.find(client, uri, hash, limits, received);
    if (remote != null) {
      return remote;
    }
    SpooledBlob blob = fetch(uri, hash);
    received.accept(blob.sizeBytes());
    return blob;
  }

  private static void checkScheme(URI uri) throws IOException {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IOException(uri + " is neither http nor https");
    }
  }

  /**
   * Fetches and verifies; waits for it, so that it belongs on a virtual thread.
   *
   * @return the blob, whose file is deleted when it is closed
   * @throws IOException with a sentence that says what the server did wrong
   */
  public SpooledBlob fetch(URI uri, Hash hash) throws IOException {
    checkScheme(uri);
    Path file = Files.createTempFile(folder, "origin-", ".unverified");
    TemporaryRoom room = rooms.get();
    boolean isVerified = false;
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      try {
        fetch(uri, channel, room);
        SpooledBlob blob = verify(uri, hash, channel, room);
        isVerified = true;
        return blob;
      } finally {
        if (!isVerified) {
          channel.close();
        }
      }
    } finally {
      if (!isVerified) {
        Files.deleteIfExists(file);
        room.close();
      }
    }
  }

  private void fetch(URI uri, FileChannel channel, TemporaryRoom room) throws IOException {
    Fetch fetch = new Fetch(limits.total(), room);
    IOException last = new IOException(uri + " was not asked");
    int vain = 0;
    for (int i = 0; i < MAX_TRIES && vain < MAX_VAIN_TRIES; i++) {
      long before = fetch.bytes;
      try {
        fetch.activeNanos = System.nanoTime();
        fetch.givenUp = false;
        once(uri, channel, fetch);
        channel.truncate(fetch.bytes);
        return;
      } catch (OriginException | CacheFullException e) {
        throw e;
      } catch (IOException e) {
        last = e;
        vain = fetch.bytes > before ? 0 : vain + 1;
      }
      if (fetch.isOver(limits.total())) {
        break;
      }
    }
    throw new IOException(
        uri + " broke off at byte " + fetch.bytes + ": " + last.getMessage(), last);
  }

  /** A refusal that another try does not change. */
  static final class OriginException extends IOException {
    private static final long serialVersionUID = 1L;

    OriginException(String message) {
      super(message);
    }
  }

  private void once(URI uri, FileChannel channel, Fetch fetch) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(limits.silence())
            .header("Accept-Encoding", "identity")
            .GET();
    if (fetch.bytes > 0 && fetch.validator.isPresent()) {
      request.header("Range", "bytes=" + fetch.bytes + "-");
      request.header("If-Range", fetch.validator.get());
    } else {
      fetch.bytes = 0;
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    try (InputStream body = response.body()) {
      begin(uri, response, fetch);
      ScheduledFuture<?> guard =
          watch.scheduleWithFixedDelay(
              () -> {
                if (fetch.isOver(limits.silence())) {
                  fetch.givenUp = true;
                  closeQuietly(body);
                }
              },
              200,
              200,
              TimeUnit.MILLISECONDS);
      try {
        copy(uri, body, channel, fetch);
      } finally {
        guard.cancel(false);
      }
    }
  }

  static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // The reader of the stream hears of it, too.
      log.debug("closing a silent answer", e);
    }
  }

  /** Reads the head of an answer. */
  private void begin(URI uri, HttpResponse<InputStream> response, Fetch fetch) throws IOException {
    int status = response.statusCode();
    boolean continues = status == PARTIAL && startsAt(response, fetch.bytes) && fetch.bytes > 0;
    if (status != OK && !continues) {
      throw new OriginException(uri + " answered " + status);
    }
    if (response
        .headers()
        .firstValue("Content-Encoding")
        .filter(coding -> !coding.equalsIgnoreCase("identity"))
        .isPresent()) {
      throw new OriginException(uri + " encodes the content although it was asked not to");
    }
    if (!continues) {
      fetch.bytes = 0;
      fetch.sizeBytes = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      // Only a strong validator may continue an answer (RFC 9110 §13.1.5).
      fetch.validator = response.headers().firstValue("ETag").filter(tag -> !tag.startsWith("W/"));
    }
    if (fetch.sizeBytes > limits.maxBytes()) {
      throw new OriginException(
          uri + " has " + fetch.sizeBytes + " bytes; at most " + limits.maxBytes() + " are taken");
    }
  }

  private static boolean startsAt(HttpResponse<InputStream> response, long position) {
    return response
        .headers()
        .firstValue("Content-Range")
        .filter(range -> range.startsWith("bytes " + position + "-"))
        .isPresent();
  }

  private void copy(URI uri, InputStream body, FileChannel channel, Fetch fetch)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      fetch.activeNanos = System.nanoTime();
      if (fetch.bytes + count > limits.maxBytes()) {
        throw new OriginException(uri + " sends more than " + limits.maxBytes() + " bytes");
      }
      makeRoom(channel, fetch, fetch.bytes + count);
      ByteBuffer data = ByteBuffer.wrap(buffer, 0, count);
      while (data.hasRemaining()) {
        int written = channel.write(data, fetch.bytes);
        fetch.bytes += written;
        fetch.room.written(written);
      }
    }
    if (fetch.givenUp) {
      throw new IOException("sent nothing for " + limits.silence().toSeconds() + " s");
    }
    if (fetch.sizeBytes >= 0 && fetch.bytes != fetch.sizeBytes) {
      throw new IOException("ended after " + fetch.bytes + " of " + fetch.sizeBytes + " bytes");
    }
  }

  /**
   * Reserves before the file grows, and gives it its length at once, so that the file system does
   * not allocate ahead of a growing end.
   */
  private static void makeRoom(FileChannel channel, Fetch fetch, long endBytes) throws IOException {
    if (endBytes <= fetch.roomBytes) {
      return;
    }
    long wanted = fetch.sizeBytes >= endBytes ? fetch.sizeBytes : endBytes + ROOM_STEP_BYTES;
    long length = Math.ceilDiv(wanted, ROOM_UNIT_BYTES) * ROOM_UNIT_BYTES;
    fetch.room.grow(length - fetch.roomBytes);
    fetch.roomBytes = length;
    channel.write(ByteBuffer.allocate(1), length - 1);
  }

  /** Hashes the file; the outboard goes behind the data. */
  private static SpooledBlob verify(URI uri, Hash hash, FileChannel channel, TemporaryRoom room)
      throws IOException {
    long size = channel.size();
    long outboardBytes = new BaoTree(size).outboardBytes();
    room.grow(Math.ceilDiv(outboardBytes, ROOM_UNIT_BYTES) * ROOM_UNIT_BYTES);
    OutboardBuilder builder =
        new OutboardBuilder(
            SubtreeEngine.preferred(),
            size,
            (pairIndex, pair, offset) -> {
              ByteBuffer out = ByteBuffer.wrap(pair, offset, BaoTree.PAIR_BYTES);
              long at = size + pairIndex * BaoTree.PAIR_BYTES;
              while (out.hasRemaining()) {
                at += channel.write(out, at);
              }
            });
    byte[] buffer = new byte[BUFFER_BYTES];
    long position = 0;
    while (position < size) {
      int wanted = (int) Math.min(buffer.length, size - position);
      int count = channel.read(ByteBuffer.wrap(buffer, 0, wanted), position);
      if (count <= 0) {
        break;
      }
      builder.update(buffer, 0, count);
      position += count;
    }
    boolean isRight =
        builder.finish() instanceof OutboardBuilder.Result.Built built && built.hash().equals(hash);
    if (!isRight) {
      throw new OriginException(uri + " has something else under this name: the hash is wrong");
    }
    room.written(outboardBytes);
    return new SpooledBlob(channel, size, room);
  }

  @Override
  public void close() {
    watch.shutdownNow();
    client.shutdownNow();
  }
}
