package org.veilor.seed.core.hash;

import java.lang.reflect.Method;

/** A program for {@link SwitchingEngineTest}: what this Java runtime makes of the engines. */
final class EngineProbe {
  private static final long MINUTE = 60_000_000_000L;

  private EngineProbe() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    byte[] data = new byte[64 * SubtreeEngine.GROUP_BYTES];
    byte[] out = new byte[64 * SubtreeEngine.VALUE_BYTES];
    SubtreeEngine engine = SubtreeEngine.preferred();
    Hash before = engine.hash(data, 0, data.length);
    System.out.println("at first " + engine.name());
    if (engine instanceof SwitchingEngine switching) {
      switch (switching.warmUp(System::nanoTime, MINUTE)) {
        case SwitchingEngine.Outcome.Switched(String name, double speedUp) ->
            System.out.println("switched to " + name + " " + (speedUp >= 2));
        case SwitchingEngine.Outcome.StaysScalar(String reason) -> System.out.println(reason);
      }
    }
    System.out.println("in the end " + engine.name());
    System.out.println("same hash " + before.equals(engine.hash(data, 0, data.length)));
    long allocated = 0;
    for (int i = 0; i < 20; i++) {
      long start = allocatedBytes();
      engine.subtreeValue(data, 0, SubtreeEngine.GROUP_BYTES, 0, false, out, 0);
      engine.groupValues(data, 0, 64, 0, out, 0);
      allocated = allocatedBytes() - start;
    }
    System.out.println("allocates little " + (allocated < 4096));
  }

  /** By reflection, because the module does not require the management modules. */
  private static long allocatedBytes() throws ReflectiveOperationException {
    Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
    Object bean = factory.getMethod("getThreadMXBean").invoke(null);
    Method method =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getThreadAllocatedBytes", long.class);
    return (long) method.invoke(bean, Thread.currentThread().threadId());
  }
}
