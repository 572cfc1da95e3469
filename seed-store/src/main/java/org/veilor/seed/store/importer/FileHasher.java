package org.veilor.seed.store.importer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.OutboardBuilder;
import org.veilor.seed.core.bao.OutboardSink;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.store.FileIdentity;
import org.veilor.seed.store.ProgressListener;
import org.veilor.seed.store.Sha256;
import org.veilor.seed.store.StoreLimits;
import org.veilor.seed.store.file.FileStatus;
import org.veilor.seed.store.file.OutboardBytes;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.file.StagedOutboard;

/**
 * Reads a file once and yields its BLAKE3 hash, its outboard and, where wanted, its SHA-256 digest.
 *
 * <p>The JDK has no {@code fstat}. In its place stand two looks at the path, one before the file is
 * opened and one after it was read: a file that was replaced in between cannot show the same change
 * time again, because the kernel sets it on every rename and link. Change times have the resolution
 * of the kernel's tick; a file that changed within the last {@value #TICK_MILLIS} ms is waited for,
 * so that a write after the first look always shows.
 */
public final class FileHasher {
  /** More than the longest tick (100 Hz) of a kernel. */
  static final long TICK_MILLIS = 12;

  private static final int MAX_WAITS = 20;

  /** Where a new outboard lies. */
  public sealed interface NewOutboard {
    /** One chunk group needs none. */
    record None() implements NewOutboard {}

    /** Small, in memory. */
    record Small(OutboardBytes bytes) implements NewOutboard {}

    /** Large, in a temporary file that is on the disk. */
    record Large(StagedOutboard staged) implements NewOutboard {}
  }

  /** What came of reading a file. */
  public sealed interface Result {
    /** The file stayed the same from before the first byte until after the last. */
    record Hashed(
        FileIdentity identity,
        org.veilor.seed.core.hash.Hash hash,
        @Nullable Sha256 sha256,
        NewOutboard outboard)
        implements Result {}

    /** It did not. */
    record Changed() implements Result {}

    /** The file cannot be read. */
    record Unreadable(String why) implements Result {}

    /** The outboard cannot be written. */
    record Failed(IOException cause) implements Result {}
  }

  private final OutboardFiles outboards;
  private final InstantSource clock;
  private final SubtreeEngine engine;
  private final boolean withSha256;
  private final BlockingQueue<byte[]> idleBuffers =
      new ArrayBlockingQueue<>(StoreLimits.IDLE_BUFFERS);

  /**
   * Creates it.
   *
   * @param withSha256 whether SHA-256 is wanted; it takes several times as long as BLAKE3
   */
  public FileHasher(OutboardFiles outboards, InstantSource clock, boolean withSha256) {
    this.withSha256 = withSha256;
    this.outboards = outboards;
    this.clock = clock;
    this.engine = SubtreeEngine.preferred();
  }

  /** A failure of the file, as opposed to one of the store. */
  private static final class ReadFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private ReadFailure(IOException cause) {
      super(cause);
    }
  }

  /**
   * Reads {@code file}.
   *
   * @param seen what a look at the path showed before
   */
  public Result hash(Path file, FileStatus seen, ProgressListener progress) {
    StagedOutboard staged = null;
    boolean kept = false;
    try {
      FileStatus before = settled(file, seen);
      if (before == null) {
        return new Result.Changed();
      }
      NewOutboard outboard = newOutboard(before.identity().sizeBytes());
      staged = outboard instanceof NewOutboard.Large large ? large.staged() : null;
      Result result = read(file, before, outboard, progress);
      if (result instanceof Result.Hashed && staged != null) {
        staged.finish();
      }
      kept = result instanceof Result.Hashed;
      return result;
    } catch (ReadFailure e) {
      return new Result.Unreadable(reason(e.getCause()));
    } catch (IOException e) {
      return new Result.Failed(e);
    } finally {
      if (!kept && staged != null) {
        discard(staged);
      }
    }
  }

  /** Why a file cannot be read, for people. */
  public static String reason(@Nullable Throwable cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "this user may not read it";
      case null, default -> "reading fails: " + cause;
    };
  }

  private static void discard(StagedOutboard staged) {
    try {
      staged.close();
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(FileHasher.class)
          .warn("a temporary outboard stays until the next start", e);
    }
  }

  /** Waits until the last change is older than a tick; null if the file goes on changing. */
  private @Nullable FileStatus settled(Path file, FileStatus seen) throws ReadFailure {
    FileStatus status = seen;
    for (int i = 0; i < MAX_WAITS; i++) {
      Instant now = clock.instant();
      long nowNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
      long ageNanos = nowNanos - status.identity().changedNanos();
      if (ageNanos < 0 || ageNanos >= TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS)) {
        return status;
      }
      try {
        Thread.sleep(TICK_MILLIS);
        status = FileStatus.of(file);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      } catch (IOException e) {
        throw new ReadFailure(e);
      }
    }
    return null;
  }

  private NewOutboard newOutboard(long sizeBytes) throws IOException {
    long outboardBytes = new BaoTree(sizeBytes).outboardBytes();
    if (outboardBytes == 0) {
      return new NewOutboard.None();
    }
    return outboardBytes <= StoreLimits.INLINE_OUTBOARD_BYTES
        ? new NewOutboard.Small(new OutboardBytes((int) outboardBytes))
        : new NewOutboard.Large(outboards.stage());
  }

  private static OutboardSink sink(NewOutboard outboard) {
    return switch (outboard) {
      case NewOutboard.None _ ->
          (pairIndex, pair, offset) -> {
            throw new IllegalStateException("a single chunk group has no pair " + pairIndex);
          };
      case NewOutboard.Small small -> small.bytes();
      case NewOutboard.Large large -> large.staged();
    };
  }

  private Result read(Path file, FileStatus before, NewOutboard outboard, ProgressListener progress)
      throws ReadFailure, IOException {
    long sizeBytes = before.identity().sizeBytes();
    OutboardBuilder builder = new OutboardBuilder(engine, sizeBytes, sink(outboard));
    MessageDigest sha256 = withSha256 ? newSha256() : null;
    byte[] buffer = borrowBuffer();
    try (FileChannel channel = open(file)) {
      long done = 0;
      for (int n = fill(channel, buffer); n > 0 && done <= sizeBytes; n = fill(channel, buffer)) {
        builder.update(buffer, 0, n);
        if (sha256 != null) {
          sha256.update(buffer, 0, n);
        }
        done += n;
        progress.bytesRead(done, sizeBytes);
      }
    } finally {
      idleBuffers.offer(buffer);
    }
    return switch (builder.finish()) {
      case OutboardBuilder.Result.SizeChanged _ -> new Result.Changed();
      case OutboardBuilder.Result.Built built ->
          look(file).equals(before)
              ? new Result.Hashed(
                  before.identity(),
                  built.hash(),
                  sha256 == null ? null : Sha256.of(sha256.digest()),
                  outboard)
              : new Result.Changed();
    };
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private byte[] borrowBuffer() {
    byte[] idle = idleBuffers.poll();
    return idle == null ? new byte[StoreLimits.READ_BYTES] : idle;
  }

  private static FileStatus look(Path file) throws ReadFailure {
    try {
      return FileStatus.of(file);
    } catch (IOException e) {
      throw new ReadFailure(e);
    }
  }

  private static FileChannel open(Path file) throws ReadFailure {
    try {
      return FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw new ReadFailure(e);
    }
  }

  /** Reads until {@code buffer} is full or the file ends; whole batches hash fastest. */
  private static int fill(FileChannel channel, byte[] buffer) throws ReadFailure {
    ByteBuffer target = ByteBuffer.wrap(buffer);
    try {
      int n;
      do {
        n = channel.read(target);
      } while (n >= 0 && target.hasRemaining());
    } catch (IOException e) {
      throw new ReadFailure(e);
    }
    return target.position();
  }
}
