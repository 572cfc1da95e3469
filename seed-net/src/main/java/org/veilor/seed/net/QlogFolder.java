package org.veilor.seed.net;

import java.io.Flushable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.qlog.QlogWriter;

/**
 * A folder with one qlog file for each connection, which qvis loads. They tell addresses of peers,
 * so only their owner can read them.
 *
 * <p>The event loop only fills buffers; a thread of its own writes them. What cannot be written
 * ends the log of that connection and never the connection. A flood of newcomers pushes older logs
 * out: the limits are {@link QlogLimits}.
 */
final class QlogFolder {
  private static final Logger log = LoggerFactory.getLogger(QlogFolder.class);
  private static final String SUFFIX = ".sqlog";

  /** Begins with the time, so that the order of names is the order of beginnings. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private static final Pattern OUR_NAME =
      Pattern.compile("\\d{8}T\\d{9}Z-\\d{8,}-(client|server)-[0-9a-f]*\\.sqlog");

  private final Path folder;
  private final int maxFiles;
  private final int maxFileBytes;
  private final ThreadPoolExecutor writer;
  private final AtomicLong failures = new AtomicLong();
  private final AtomicBoolean isFailureTold = new AtomicBoolean();

  /** Only touched on the event loop. */
  private final Set<LogFile> open = new HashSet<>();

  private long files;

  /** Only touched by the writer's thread once there is one. */
  private final TreeSet<String> names = new TreeSet<>();

  /**
   * Makes the folder if it is not there.
   *
   * @throws IOException if it cannot be used, with a sentence that says which and what to do
   */
  QlogFolder(Path folder) throws IOException {
    this(folder, QlogLimits.MAX_FILES, QlogLimits.MAX_FILE_BYTES);
  }

  QlogFolder(Path folder, int maxFiles, int maxFileBytes) throws IOException {
    this.folder = folder;
    this.maxFiles = maxFiles;
    this.maxFileBytes = maxFileBytes;
    try {
      Files.createDirectories(folder);
      try (Stream<Path> present = Files.list(folder)) {
        present
            .map(path -> path.getFileName().toString())
            .filter(name -> OUR_NAME.matcher(name).matches())
            .forEach(names::add);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
    if (!Files.isWritable(folder)) {
      throw unusable(new IOException("not writable"));
    }
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QlogLimits.MAX_WAITING_BUFFERS),
            Thread.ofPlatform().daemon().name("seed-qlog").factory());
  }

  private IOException unusable(IOException cause) {
    return new IOException(
        "cannot write qlog files into "
            + folder
            + " ("
            + cause
            + "): name a folder that this user may write to, or none",
        cause);
  }

  /** Files that could not be written, or not to their end. */
  long failures() {
    return failures.get();
  }

  /** Who logs a connection that begins now. On the event loop. */
  ConnectionObserver observe(Connection connection) {
    long nowMillis = System.currentTimeMillis();
    String role = connection.isClient() ? "client" : "server";
    String group = connection.originalDestination().toString();
    files++;
    LogFile file =
        new LogFile(
            "%s-%08d-%s-%s%s"
                .formatted(
                    TIME.format(Instant.ofEpochMilli(nowMillis)), files, role, group, SUFFIX));
    open.add(file);
    String title =
        "veilor-seed " + role + ", peer " + TransportAddr.Ip.of(connection.remoteAddress());
    return new QlogWriter(file, title, group, connection.isClient(), System.nanoTime(), nowMillis);
  }

  /** Hands everything to the thread that writes. On the event loop. */
  void flush() {
    for (LogFile file : List.copyOf(open)) {
      file.flush();
    }
  }

  /** Waits a moment until all is written. */
  void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
        log.warn("qlog files in {} are incomplete: the disk is slow", folder);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onFailure(LogFile file, Exception cause) {
    file.hasFailed = true;
    failures.incrementAndGet();
    if (isFailureTold.compareAndSet(false, true)) {
      log.warn(
          "qlog file {} in {} ends early; further ones will only be counted",
          file.name,
          folder,
          cause);
    }
  }

  /** The log of one connection: filled on the event loop, written by the thread. */
  private final class LogFile implements Appendable, Flushable {
    private final String name;
    private final StringBuilder buffer = new StringBuilder();
    private long bytes;
    private long lastWriteNanos = System.nanoTime();
    private boolean isBegun;
    private volatile boolean hasFailed;
    private volatile boolean isGone;

    LogFile(String name) {
      this.name = name;
    }

    @Override
    public Appendable append(CharSequence record) throws IOException {
      if (hasFailed || isGone || bytes + record.length() > maxFileBytes) {
        flush();
        throw new IOException("the log has ended");
      }
      bytes += record.length(); // it is ASCII
      buffer.append(record);
      boolean isDue = System.nanoTime() - lastWriteNanos >= QlogLimits.MAX_BUFFERED_NANOS;
      if (isDue || buffer.length() >= QlogLimits.BUFFER_BYTES) {
        handOver();
      }
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      return append(text.subSequence(start, end));
    }

    @Override
    public Appendable append(char c) throws IOException {
      return append(String.valueOf(c));
    }

    /** Nothing follows. */
    @Override
    public void flush() {
      handOver();
      open.remove(this);
    }

    private void handOver() {
      byte[] ready = buffer.toString().getBytes(StandardCharsets.US_ASCII);
      buffer.setLength(0);
      lastWriteNanos = System.nanoTime();
      if (hasFailed || ready.length == 0) {
        return;
      }
      boolean isFirst = !isBegun;
      isBegun = true;
      try {
        writer.execute(() -> write(ready, isFirst));
      } catch (RejectedExecutionException e) {
        onFailure(this, e);
      }
    }

    private void write(byte[] ready, boolean isFirst) {
      if (hasFailed || isGone) {
        return;
      }
      try {
        if (isFirst) {
          begin();
        }
        Set<OpenOption> append = Set.of(StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel out = Files.newByteChannel(folder.resolve(name), append)) {
          for (ByteBuffer left = ByteBuffer.wrap(ready); left.hasRemaining(); ) {
            out.write(left);
          }
        }
      } catch (NoSuchFileException e) {
        if (isFirst) {
          onFailure(this, e);
        } else {
          isGone = true; // made room for a newer one, or somebody removed it
        }
      } catch (IOException e) {
        onFailure(this, e);
      }
    }

    private void begin() throws IOException {
      while (names.size() >= maxFiles) {
        Files.deleteIfExists(folder.resolve(names.getFirst()));
        names.removeFirst();
      }
      Files.createFile(
          folder.resolve(name),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      names.add(name);
    }
  }
}
