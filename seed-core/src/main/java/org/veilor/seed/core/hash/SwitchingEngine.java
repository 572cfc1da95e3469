package org.veilor.seed.core.hash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The scalar engine, until a vector engine has proved that it agrees with it and is faster.
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
          ? new SwitchingEngine(
              "org.veilor.seed.core.simd.VectorEngine", "org.veilor.seed.core.simd.TwoStateEngine")
          : ScalarEngine.INSTANCE;

  /** What became of warming up. */
  public sealed interface Outcome {
    /**
     * From now on a fast engine does the work.
     *
     * @param engine its name
     * @param speedUp how many times faster than the scalar engine it hashed many chunk groups
     * @param reason why it is not a still faster one; empty if there is none
     */
    record Switched(String engine, double speedUp, String reason) implements Outcome {}

    /**
     * The scalar engine goes on doing the work.
     *
     * @param reason for the log
     */
    record StaysScalar(String reason) implements Outcome {}
  }

  /** What became of a look at the health of the engine. */
  public sealed interface Health {
    /** All is well. */
    record Good() implements Health {}

    /**
     * The engine had become slow, or allocated memory; another one does the work from now on.
     *
     * @param from the name of the engine
     * @param to the name of the one that does the work
     */
    record FellBack(String from, String to) implements Health {}
  }

  private static final double NEEDED_SPEED_UP = 2;

  /** How much faster than the engine before it one must be, if the groups are many. */
  private static final double NEEDED_STEP = 1.04;

  /** What it must reach, if the groups come one by one: to be no slower. The rest is for noise. */
  private static final double NEEDED_STEP_OF_ONE = 0.8;

  private final List<String> fastEngineClasses;
  private volatile List<SubtreeEngine> steps = List.of(ScalarEngine.INSTANCE);
  private volatile SubtreeEngine current = ScalarEngine.INSTANCE;
  private volatile @Nullable LongConsumer meter;

  /**
   * Creates an engine that is still scalar.
   *
   * @param fastEngineClasses names of {@link OptionalEngine}s with a public constructor without
   *     parameters, each faster than the one before; not loaded before {@link #warmUp}
   */
  SwitchingEngine(String... fastEngineClasses) {
    this.fastEngineClasses = List.of(fastEngineClasses);
  }

  /**
   * Loads the fast engines one by one, hashes dummy data with each until it is compiled, compares
   * every value with that of the scalar engine, and switches over if all are equal, nothing is
   * allocated, and it is at least twice as fast as the scalar one, and faster than the one before.
   *
   * @param budgetNanos when to give up with an engine, in CPU time
   */
  public Outcome warmUp(JavaRuntime runtime, long budgetNanos) {
    List<SubtreeEngine> reached = new ArrayList<>(List.of(ScalarEngine.INSTANCE));
    double speedUp = 1;
    String reason = "";
    for (String name : fastEngineClasses) {
      SubtreeEngine before = reached.getLast();
      boolean first = reached.size() == 1;
      try {
        SubtreeEngine fast = load(name, runtime);
        WarmUp.Result result =
            new WarmUp(fast, before, runtime)
                .run(
                    first ? NEEDED_SPEED_UP : NEEDED_STEP_OF_ONE,
                    first ? NEEDED_SPEED_UP : NEEDED_STEP,
                    budgetNanos);
        if (result instanceof WarmUp.Result.Refused refused) {
          throw new RefusedException(refused.reason());
        }
        speedUp *= ((WarmUp.Result.Ready) result).ofMany();
        reached.add(fast);
        steps = List.copyOf(reached);
        current = fast;
      } catch (RefusedException e) {
        reason = e.reason;
        break;
      }
    }
    return reached.size() == 1
        ? new Outcome.StaysScalar(reason)
        : new Outcome.Switched(reached.getLast().name(), speedUp, reason);
  }

  private static SubtreeEngine load(String className, JavaRuntime runtime) throws RefusedException {
    try {
      Class<?> engineClass = Class.forName(className);
      OptionalEngine fast = (OptionalEngine) engineClass.getConstructor().newInstance();
      if (!fast.isSupported()) {
        throw new RefusedException("the vectors of this machine are too short");
      }
      String directives = fast.compilerDirectives();
      if (!directives.isEmpty() && !runtime.direct(directives)) {
        throw new RefusedException(
            fast.name() + " needs a directive that the compiler did not accept");
      }
      return fast;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new RefusedException("the vector engine cannot be loaded: " + e);
    }
  }

  /** Why an engine is not used. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;
    private final String reason;

    RefusedException(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /**
   * Looks whether the engine is still fast and allocates nothing: what the JIT compiler made of it
   * may be thrown away later, and not come back. If not, falls back by one engine.
   */
  public Health check(JavaRuntime runtime) {
    List<SubtreeEngine> all = steps;
    SubtreeEngine engine = all.getLast();
    if (all.size() == 1
        || new WarmUp(engine, ScalarEngine.INSTANCE, runtime)
            .isHealthy(NEEDED_SPEED_UP, NEEDED_SPEED_UP)) {
      return new Health.Good();
    }
    List<SubtreeEngine> left = all.subList(0, all.size() - 1);
    steps = left;
    current = left.getLast();
    return new Health.FellBack(engine.name(), left.getLast().name());
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
