package org.veilor.seed.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.bao.OutboardBuilder;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ScalarEngine;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;
import org.veilor.seed.node.engine.HotSpot;

/**
 * The JVM of one fork of {@link KernelRace}: BLAKE3 in memory by one thread, ours with the
 * outboard, the others without; slices of a few milliseconds in turn, in GB/s of the thread's CPU
 * time. Prints events.
 */
public final class KernelMeter {
  private static final int ROUNDS = 15;
  private static final int WARM_UP_ROUNDS = 5;
  private static final long SLICE_NANOS = 4_000_000;
  private static final int MIB = 1 << 20;
  private static final long BUDGET_NANOS = 60_000_000_000L;
  private static final HotSpot RUNTIME = HotSpot.INSTANCE;

  /** Bytes that a call of the kernel may allocate; of a compiled one there are none. */
  private static final long MAX_ALLOCATED_BYTES = 64;

  private static final double LEAST_SPEED_UP = 5;

  /** A way to hash the first bytes of the data. */
  private interface Hasher {
    byte[] hash(int size) throws IOException;
  }

  private final byte[] data;
  private final Map<String, Hasher> hashers = new LinkedHashMap<>();

  private KernelMeter(int largest, String library) {
    data = new byte[largest];
    new Random(1).nextBytes(data);
    hashers.put("ours", size -> withOutboard(SubtreeEngine.preferred(), size));
    if (!library.isEmpty()) {
      Blake3Bindings bindings = new Blake3Bindings(Path.of(library));
      MemorySegment copy = Arena.global().allocate(largest, 4096);
      copy.copyFrom(MemorySegment.ofArray(data));
      hashers.put("c", size -> bindings.hash(copy.asSlice(0, size)).toArray(ValueLayout.JAVA_BYTE));
    }
    hashers.put("scalar", size -> withOutboard(ScalarEngine.INSTANCE, size));
    hashers.put("bouncycastle", this::bouncyCastle);
  }

  /**
   * Measures.
   *
   * @param args the library with the C implementation, empty if there is none, and the sizes
   */
  public static void main(String[] args) throws IOException {
    int[] sizes = Arrays.stream(args).skip(1).mapToInt(Integer::parseInt).toArray();
    KernelMeter meter = new KernelMeter(Arrays.stream(sizes).max().orElseThrow(), args[0]);
    if (!(SubtreeEngine.preferred() instanceof SwitchingEngine engine)) {
      throw new IOException("this JVM has no jdk.incubator.vector");
    }
    switch (engine.warmUp(RUNTIME, BUDGET_NANOS)) {
      case SwitchingEngine.Outcome.Switched(String name, double _, String reason) ->
          System.out.printf(
              "{\"event\":\"engine\",\"name\":\"%s\",\"reason\":\"%s\"}%n", name, reason);
      case SwitchingEngine.Outcome.StaysScalar(String reason) ->
          throw new IOException("the kernel cannot be used: " + reason);
    }
    for (int size : sizes) {
      meter.measure(size);
    }
    meter.checkShape(engine);
  }

  private byte[] withOutboard(SubtreeEngine engine, int size) throws IOException {
    byte[] pairs = Outboard.allocate(size);
    OutboardBuilder builder = new OutboardBuilder(engine, size, Outboard.into(pairs));
    builder.update(data, 0, size);
    return ((OutboardBuilder.Result.Built) builder.finish()).hash().toBytes();
  }

  private byte[] bouncyCastle(int size) {
    Blake3Digest digest = new Blake3Digest(Hash.LENGTH * 8);
    digest.update(data, 0, size);
    byte[] hash = new byte[Hash.LENGTH];
    digest.doFinal(hash, 0);
    return hash;
  }

  private void measure(int size) throws IOException {
    byte[] expected = withOutboard(ScalarEngine.INSTANCE, size);
    Map<String, Integer> calls = new LinkedHashMap<>();
    for (Map.Entry<String, Hasher> hasher : hashers.entrySet()) {
      if (!Arrays.equals(hasher.getValue().hash(size), expected)) {
        throw new IOException(hasher.getKey() + " computes another hash of " + size + " bytes");
      }
      calls.put(hasher.getKey(), callsPerSlice(hasher.getValue(), size));
    }
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (Map.Entry<String, Hasher> hasher : hashers.entrySet()) {
        int count = calls.getOrDefault(hasher.getKey(), 1);
        double rate = (double) size * count / nanos(hasher.getValue(), size, count);
        if (round >= 0) {
          System.out.printf(
              Locale.ROOT,
              "{\"event\":\"rate\",\"who\":\"%s\",\"size\":%d,\"gbps\":%.4f}%n",
              hasher.getKey(),
              size,
              rate);
        }
      }
    }
  }

  private static int callsPerSlice(Hasher hasher, int size) throws IOException {
    int calls = 1;
    for (int i = 0; i < 3; i++) {
      long nanos = Math.max(1, nanos(hasher, size, calls));
      calls = (int) Math.max(1, SLICE_NANOS * calls / nanos);
    }
    return calls;
  }

  private static long nanos(Hasher hasher, int size, int calls) throws IOException {
    long start = RUNTIME.cpuNanos();
    for (int i = 0; i < calls; i++) {
      hasher.hash(size);
    }
    return RUNTIME.cpuNanos() - start;
  }

  /** What a cosmetic edit may destroy. */
  private void checkShape(SubtreeEngine engine) throws IOException {
    byte[] out = new byte[MIB / SubtreeEngine.GROUP_BYTES * SubtreeEngine.VALUE_BYTES];
    int groups = MIB / SubtreeEngine.GROUP_BYTES;
    int calls = 100;
    long[] nanos = {Long.MAX_VALUE, Long.MAX_VALUE};
    long allocated = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long before = RUNTIME.allocatedBytes();
      long start = RUNTIME.cpuNanos();
      for (int call = 0; call < calls; call++) {
        engine.groupValues(data, 0, groups, 0, out, 0);
      }
      nanos[0] = Math.min(nanos[0], (RUNTIME.cpuNanos() - start) / calls);
      allocated = Math.min(allocated, (RUNTIME.allocatedBytes() - before) / calls);
      start = RUNTIME.cpuNanos();
      ScalarEngine.INSTANCE.groupValues(data, 0, groups, 0, out, 0);
      nanos[1] = Math.min(nanos[1], RUNTIME.cpuNanos() - start);
    }
    double speedUp = (double) nanos[1] / nanos[0];
    if (allocated > MAX_ALLOCATED_BYTES || speedUp < LEAST_SPEED_UP) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the kernel lost its compiled shape: it allocates %d bytes a MiB and is %.1f times as"
                  + " fast as the scalar engine (see docs/blake3.md)",
              allocated,
              speedUp));
    }
    System.out.printf(
        Locale.ROOT,
        "{\"event\":\"shape\",\"allocated\":%d,\"speedup\":%.1f}%n",
        allocated,
        speedUp);
  }
}
