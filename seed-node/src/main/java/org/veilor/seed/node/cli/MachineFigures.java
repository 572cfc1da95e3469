package org.veilor.seed.node.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.veilor.seed.core.hash.SubtreeEngine;

/** Measures what hashing, encryption and the disk of this machine give. Figures are in bytes/s. */
final class MachineFigures {
  /** Each figure is the best of so many seconds, in pieces: what disturbs only makes it slower. */
  private static final double SECONDS = 1.5;

  private static final double PIECE_SECONDS = 0.1;
  private static final int MEMORY_BYTES = 1 << 20;
  private static final int DISK_BLOCK_BYTES = 1 << 20;

  /** Of a datagram as QUIC sends them. */
  private static final int PACKET_BYTES = 1400;

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private MachineFigures() {}

  /** Something that works on as many bytes as it says. */
  private interface Work {
    long run() throws IOException, GeneralSecurityException;
  }

  /** BLAKE3 with its outboard's nodes, in memory, one thread. */
  static double blake3(SubtreeEngine engine) throws IOException, GeneralSecurityException {
    byte[] data = randomBytes();
    int groups = data.length / SubtreeEngine.GROUP_BYTES;
    byte[] values = new byte[groups * SubtreeEngine.VALUE_BYTES];
    return best(() -> {
      engine.groupValues(data, 0, groups, 0, values, 0);
      for (int nodes = groups / 2; nodes > 0; nodes /= 2) {
        engine.parentValues(values, 0, nodes, values, 0);
      }
      return data.length;
    });
  }

  /** The same on so many threads at once, together. */
  static double blake3(SubtreeEngine engine, int threads) throws IOException {
    double sum = 0;
    try (ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory())) {
      List<Future<Double>> each = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        each.add(pool.submit(() -> blake3(engine)));
      }
      for (Future<Double> one : each) {
        sum += one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("hashing failed", e);
    }
    return sum;
  }

  /** SHA-256 of the Java runtime, in memory, one thread. */
  static double sha256() throws IOException, GeneralSecurityException {
    byte[] data = randomBytes();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return best(() -> {
      digest.update(data);
      return data.length;
    });
  }

  /** AES-128-GCM as the packets of QUIC are sealed, one thread. */
  static double aesGcm() throws IOException, GeneralSecurityException {
    byte[] packet = new byte[PACKET_BYTES + TAG_BITS / Byte.SIZE];
    byte[] nonce = new byte[NONCE_BYTES];
    SecretKeySpec key = new SecretKeySpec(new byte[16], "AES");
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    ByteBuffer counter = ByteBuffer.wrap(nonce);
    return best(() -> {
      counter.putLong(0, counter.getLong(0) + 1);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.doFinal(packet, 0, PACKET_BYTES, packet, 0);
      return PACKET_BYTES;
    });
  }

  /** Writes a file of random bytes until the disk has it. */
  static double write(Path file, long bytes) throws IOException {
    ByteBuffer block = ByteBuffer.wrap(randomBytes());
    long begun = System.nanoTime();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long done = 0; done < bytes; done += block.capacity()) {
        block.putLong(0, done).rewind(); // no two blocks are the same
        while (block.hasRemaining()) {
          channel.write(block);
        }
      }
      channel.force(true);
    }
    return bytes / secondsSince(begun);
  }

  /** Reads a file that is in no cache, if {@link PageCacheBindings#drop} could see to that. */
  static double read(Path file) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(DISK_BLOCK_BYTES);
    long done = 0;
    long begun = System.nanoTime();
    try (FileChannel channel = FileChannel.open(file)) {
      int read;
      while ((read = channel.read(block.clear())) > 0) {
        done += read;
      }
    }
    return done / secondsSince(begun);
  }

  /** CPU seconds, user and system, that this process has used. */
  static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private static double best(Work work) throws IOException, GeneralSecurityException {
    double best = 0;
    long begun = System.nanoTime();
    while (secondsSince(begun) < SECONDS) {
      long bytes = 0;
      long piece = System.nanoTime();
      while (secondsSince(piece) < PIECE_SECONDS) {
        bytes += work.run();
      }
      best = Math.max(best, bytes / secondsSince(piece));
    }
    return best;
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[MEMORY_BYTES];
    new Random(1).nextBytes(bytes);
    return bytes;
  }
}
