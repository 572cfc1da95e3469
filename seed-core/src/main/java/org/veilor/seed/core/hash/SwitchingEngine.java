package org.veilor.seed.core.hash;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The scalar engine, until the vector engine has proved that it agrees with it and is faster.
 *
 * <p>A vector engine is dozens of times slower than the scalar one before the JIT compiler has
 * translated it. No real input must meet it in that state, hence {@link #warmUp} hashes dummy data,
 * for one to some seconds, on whatever thread calls it; all other threads go on with the scalar
 * engine meanwhile. A process that is gone within seconds should not call it, and one that hashes
 * little should call it {@linkplain #tell later}.
 */
public final class SwitchingEngine implements SubtreeEngine {
  static final SubtreeEngine PREFERRED =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
          ? new SwitchingEngine("org.veilor.seed.core.simd.VectorEngine")
          : ScalarEngine.INSTANCE;

  /** What became of warming up. */
  public sealed interface Outcome {
    /**
     * From now on the fast engine does the work.
     *
     * @param engine its name
     * @param speedUp how many times faster than the scalar engine it hashed single chunk groups
     */
    record Switched(String engine, double speedUp) implements Outcome {}

    /**
     * The scalar engine goes on doing the work.
     *
     * @param reason for the log
     */
    record StaysScalar(String reason) implements Outcome {}
  }

  private final String fastEngineClass;
  private volatile SubtreeEngine current = ScalarEngine.INSTANCE;
  private volatile @Nullable LongConsumer meter;

  /**
   * Creates an engine that is still scalar.
   *
   * @param fastEngineClass name of an {@link OptionalEngine} with a public constructor without
   *     parameters; not loaded before {@link #warmUp}
   */
  SwitchingEngine(String fastEngineClass) {
    this.fastEngineClass = fastEngineClass;
  }

  /**
   * Loads the fast engine, hashes dummy data with it until it is compiled, compares every value
   * with that of the scalar engine, and switches over if all are equal and it is at least twice as
   * fast. Returns at once if that has happened before.
   *
   * @param nanoClock the time in nanoseconds, best the CPU time of the calling thread
   * @param budgetNanos when to give up, by the same clock
   */
  public Outcome warmUp(LongSupplier nanoClock, long budgetNanos) {
    OptionalEngine fast;
    try {
      Class<?> engineClass = Class.forName(fastEngineClass);
      fast = (OptionalEngine) engineClass.getConstructor().newInstance();
      if (!fast.isSupported()) {
        return new Outcome.StaysScalar("the vectors of this machine are too short");
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      return new Outcome.StaysScalar("the vector engine cannot be loaded: " + e);
    }
    Outcome outcome = new WarmUp(fast, nanoClock).run(budgetNanos);
    if (outcome instanceof Outcome.Switched) {
      current = fast;
    }
    return outcome;
  }

  /**
   * Tells how much is hashed. A process that hashes less than some hundred megabytes pays more for
   * warming up than it gains, so that it may wait for the first of them.
   *
   * @param meter is told the bytes of data of each call, without the pairs of parents, by the
   *     threads that hash; null: nobody
   */
  public void tell(@Nullable LongConsumer meter) {
    this.meter = meter;
  }

  private void count(long bytes) {
    LongConsumer told = meter;
    if (told != null) {
      told.accept(bytes);
    }
  }

  /** The name of the engine that does the work at the moment. */
  @Override
  public String name() {
    return current.name();
  }

  @Override
  public Hash hash(byte[] data, int offset, int length) {
    count(length);
    return current.hash(data, offset, length);
  }

  @Override
  public void groupValues(
      byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset) {
    count((long) groupCount * GROUP_BYTES);
    current.groupValues(data, offset, groupCount, firstChunk, out, outOffset);
  }

  @Override
  public void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset) {
    current.parentValues(pairs, offset, count, out, outOffset);
  }

  @Override
  public void subtreeValue(
      byte[] data,
      int offset,
      int length,
      long firstChunk,
      boolean root,
      byte[] out,
      int outOffset) {
    count(length);
    current.subtreeValue(data, offset, length, firstChunk, root, out, outOffset);
  }

  @Override
  public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
    current.parentValue(pair, offset, root, out, outOffset);
  }
}
