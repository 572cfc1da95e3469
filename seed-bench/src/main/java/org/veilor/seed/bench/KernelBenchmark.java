package org.veilor.seed.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ScalarEngine;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;
import org.veilor.seed.node.engine.HotSpot;

/** The BLAKE3 engines by JMH: seed-bench/jmh starts it, with {@code -prof gc}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 5,
    jvmArgs = {
      "--add-modules=jdk.incubator.vector",
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders"
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
  private static final long BUDGET_NANOS = 60_000_000_000L;

  /** Bytes of the input. */
  @Param({"1024", "16384", "65536", "1048576"})
  public int size;

  /** Which engine: the best one here, or the scalar one. */
  @Param({"best", "scalar"})
  public String engine = "";

  private byte[] data = {};
  private SubtreeEngine chosen = ScalarEngine.INSTANCE;

  /** Creates one, for JMH. */
  public KernelBenchmark() {}

  /** Lets the engine be compiled in the way that the daemon does it. */
  @Setup
  public void warmUp() {
    data = new byte[size];
    new Random(1).nextBytes(data);
    if (engine.equals("best") && SubtreeEngine.preferred() instanceof SwitchingEngine switching) {
      System.out.println(switching.warmUp(HotSpot.INSTANCE, BUDGET_NANOS));
      chosen = switching;
    }
  }

  /** The hash of the whole input. */
  @Benchmark
  public Hash hash() {
    return chosen.hash(data, 0, size);
  }
}
