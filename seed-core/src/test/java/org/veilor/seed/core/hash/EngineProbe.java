package org.veilor.seed.core.hash;

/** A program for {@link SwitchingEngineTest}: what this Java runtime makes of the engines. */
final class EngineProbe {
  private static final long MINUTE = 60_000_000_000L;

  private static final JavaRuntime RUNTIME = new TestRuntime();

  private EngineProbe() {}

  public static void main(String[] args) {
    byte[] data = new byte[64 * SubtreeEngine.GROUP_BYTES];
    byte[] out = new byte[64 * SubtreeEngine.VALUE_BYTES];
    SubtreeEngine engine = SubtreeEngine.preferred();
    Hash before = engine.hash(data, 0, data.length);
    System.out.println("at first " + engine.name());
    if (engine instanceof SwitchingEngine switching) {
      switch (switching.warmUp(RUNTIME, MINUTE)) {
        case SwitchingEngine.Outcome.Switched(String name, double speedUp, String reason) ->
            System.out.println("switched to " + name + " " + (speedUp >= 2) + reason);
        case SwitchingEngine.Outcome.StaysScalar(String reason) -> System.out.println(reason);
      }
    }
    System.out.println("in the end " + engine.name());
    System.out.println("same hash " + before.equals(engine.hash(data, 0, data.length)));
    long allocated = 0;
    for (int i = 0; i < 20; i++) {
      long start = RUNTIME.allocatedBytes();
      engine.subtreeValue(data, 0, SubtreeEngine.GROUP_BYTES, 0, false, out, 0);
      engine.groupValues(data, 0, 64, 0, out, 0);
      allocated = RUNTIME.allocatedBytes() - start;
    }
    if (engine instanceof SwitchingEngine switching) {
      System.out.println("health " + switching.check(RUNTIME));
    }
    System.out.println("allocates little " + (allocated < 4096));
  }
}
