package org.veilor.seed.core.hash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.SwitchingEngine.Outcome;

/** When the scalar engine is replaced, and when not. */
class SwitchingEngineTest {
  private static final String ADD_MODULE = "--add-modules=jdk.incubator.vector";
  private static final String PROBE = EngineProbe.class.getName();
  private static final Path BASE = Path.of(System.getProperty("basedir", ""));
  private static final String CLASSES = BASE.resolve("target/classes").toString();
  private static final String TEST_CLASSES = BASE.resolve("target/test-classes").toString();

  @Test
  void scalarWithoutTheModule() throws Exception {
    assertThat(probeOnClassPath())
        .containsExactly(
            "at first scalar", "in the end scalar", "same hash true", "allocates little true");
  }

  @Test
  void scalarWithoutTheModuleOnTheModulePath() throws Exception {
    assertThat(probe(onModulePath(List.of())))
        .contains("in the end scalar", "same hash true")
        .hasSize(4);
  }

  @Test
  void vectorWithTheModuleOnTheModulePath() throws Exception {
    assertSwitched(probe(onModulePath(List.of(ADD_MODULE))), bits());
  }

  @Test
  void vectorWithTheModuleAndHalfAsManyLanes() throws Exception {
    assertSwitched(probeOnClassPath(ADD_MODULE, "-XX:MaxVectorSize=32"), Math.min(256, bits()));
  }

  @Test
  void scalarWithShortVectors() throws Exception {
    assertSwitched(probeOnClassPath(ADD_MODULE, "-XX:MaxVectorSize=16"), 128);
  }

  @Test
  void tellsHowMuchIsHashed() {
    SwitchingEngine engine = new SwitchingEngine("none");
    List<Long> told = new ArrayList<>();
    byte[] data = new byte[4 * SubtreeEngine.GROUP_BYTES];
    byte[] out = new byte[4 * SubtreeEngine.VALUE_BYTES];
    engine.hash(data, 0, data.length);
    engine.tell(told::add);
    engine.groupValues(data, 0, 4, 0, out, 0);
    engine.subtreeValue(data, 0, 1000, 0, false, out, 0);
    engine.hash(data, 0, 10);
    engine.tell(null);
    engine.hash(data, 0, data.length);
    assertThat(told).containsExactly(4L * SubtreeEngine.GROUP_BYTES, 1000L, 10L);
  }

  private static int bits() {
    return jdk.incubator.vector.IntVector.SPECIES_PREFERRED.vectorBitSize();
  }

  /**
   * What the probe says on a machine with vectors of so many bits; whether two states are faster
   * than one is for the machine to say.
   */
  private static void assertSwitched(List<String> lines, int bits) {
    String name = bits >= 256 ? "vector-" + Math.min(512, bits) + "(x2)?" : "scalar";
    String switched = "switched to " + name + " true.*";
    assertThat(String.join("\n", lines))
        .matches(
            "at first scalar\n"
                + (bits >= 256 ? switched : "the vectors of this machine are too short")
                + "\nin the end "
                + name
                + "\nsame hash true\nhealth Good\\[]\nallocates little true");
  }

  private static List<String> probeOnClassPath(String... options)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(Arrays.asList(options));
    arguments.addAll(List.of("-cp", CLASSES + File.pathSeparator + TEST_CLASSES, PROBE));
    return probe(arguments);
  }

  private static List<String> onModulePath(List<String> options) throws URISyntaxException {
    String library =
        Path.of(Blake3Digest.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    List<String> arguments = new ArrayList<>(options);
    arguments.add("--add-modules=java.management,jdk.management");
    arguments.addAll(List.of("-p", CLASSES + File.pathSeparator + library));
    arguments.add("--patch-module=org.veilor.seed.core=" + TEST_CLASSES);
    arguments.addAll(List.of("-m", "org.veilor.seed.core/" + PROBE));
    return arguments;
  }

  /** Runs a Java runtime of its own. The notice about the incubator is the only other output. */
  private static List<String> probe(List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).as("%s", lines).isZero();
    return lines.stream().filter(line -> !line.startsWith("WARNING: Using incubator")).toList();
  }

  @Test
  void staysScalarIfTheEngineCannotBeLoaded() {
    assertThat(reason("org.veilor.seed.core.hash.Nowhere")).contains("cannot be loaded");
    assertThat(reason(Broken.class.getName())).contains("cannot be loaded");
  }

  @Test
  void staysScalarIfTheMachineLacksSomething() {
    assertThat(reason(Unsupported.class.getName())).contains("too short");
  }

  @Test
  void staysScalarIfValuesDiffer() {
    assertThat(reason(Wrong.class.getName())).contains("wrong values");
  }

  @Test
  void staysScalarIfNotFastEnough() {
    assertThat(reason(Slow.class.getName())).contains("did not become fast in time");
  }

  @Test
  void switchesOnceFastEnough() {
    SwitchingEngine engine = new SwitchingEngine(Fast.class.getName());
    assertThat(engine.name()).isEqualTo("scalar");
    assertThat(engine.warmUp(new Clock(), 1000))
        .isInstanceOfSatisfying(
            Outcome.Switched.class,
            outcome -> {
              assertThat(outcome.engine()).isEqualTo("slow");
              assertThat(outcome.speedUp()).isGreaterThan(2);
            });
    assertThat(engine.name()).isEqualTo("slow");
    byte[] data = new byte[20_000];
    assertThat(engine.hash(data, 0, 20_000)).isEqualTo(ScalarEngine.INSTANCE.hash(data, 0, 20_000));
  }

  @Test
  void fallsBackOnceTheEngineHasBecomeSlow() {
    SwitchingEngine engine = new SwitchingEngine(Fast.class.getName());
    engine.warmUp(new Clock(), 1000);
    assertThat(engine.check(new Clock())).isEqualTo(new SwitchingEngine.Health.Good());
    assertThat(engine.name()).isEqualTo("slow");
    Fast.dropped = true;
    try {
      assertThat(engine.check(new Clock()))
          .isEqualTo(new SwitchingEngine.Health.FellBack("slow", "scalar"));
      assertThat(engine.name()).isEqualTo("scalar");
      assertThat(engine.check(new Clock())).isEqualTo(new SwitchingEngine.Health.Good());
    } finally {
      Fast.dropped = false;
    }
    assertThat(engine.warmUp(new Clock(), 1000)).isInstanceOf(Outcome.Switched.class);
  }

  @Test
  void fallsBackOnceTheEngineAllocates() {
    SwitchingEngine engine = new SwitchingEngine(Fast.class.getName());
    engine.warmUp(new Clock(), 1000);
    Clock allocating = new Clock();
    allocating.allocatedByLook = 1_000_000;
    assertThat(engine.check(allocating))
        .isEqualTo(new SwitchingEngine.Health.FellBack("slow", "scalar"));
  }

  @Test
  void staysScalarIfTheEngineAllocates() {
    SwitchingEngine engine = new SwitchingEngine(Fast.class.getName());
    Clock allocating = new Clock();
    allocating.allocatedByLook = 1_000_000;
    assertThat(engine.warmUp(allocating, 1000)).isInstanceOf(Outcome.StaysScalar.class);
  }

  @Test
  void aStepThatCannotBeTakenIsToldAndTheOneBeforeKept() {
    SwitchingEngine undirected =
        new SwitchingEngine(Fast.class.getName(), Directed.class.getName());
    assertThat(undirected.warmUp(new Clock(), 1000))
        .isInstanceOfSatisfying(
            Outcome.Switched.class,
            outcome -> assertThat(outcome.reason()).contains("directed needs a directive"));
    assertThat(undirected.name()).isEqualTo("slow");
    SwitchingEngine wrong = new SwitchingEngine(Fast.class.getName(), Wrong.class.getName());
    assertThat(wrong.warmUp(new Clock(), 1000))
        .isInstanceOfSatisfying(
            Outcome.Switched.class,
            outcome -> assertThat(outcome.reason()).contains("wrong values"));
  }

  private static String reason(String engineClass) {
    SwitchingEngine engine = new SwitchingEngine(engineClass);
    Outcome outcome = engine.warmUp(new Clock(), 1000);
    assertThat(engine.name()).isEqualTo("scalar");
    return ((Outcome.StaysScalar) outcome).reason();
  }

  /** A clock that goes on by 5 from look to look, or by 1 if a {@link Fast} engine has worked. */
  private static final class Clock implements JavaRuntime {
    private long now;
    private long allocated;
    private long allocatedByLook;

    @Override
    public long cpuNanos() {
      now += Fast.worked ? 1 : 5;
      Fast.worked = false;
      return now;
    }

    @Override
    public long allocatedBytes() {
      allocated += allocatedByLook;
      return allocated;
    }

    @Override
    public boolean direct(String directives) {
      return false;
    }
  }

  /** Right, but no faster than the scalar engine. */
  public static class Slow implements OptionalEngine {
    private static final SubtreeEngine SCALAR = ScalarEngine.INSTANCE;

    @Override
    public boolean isSupported() {
      return true;
    }

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public Hash hash(byte[] data, int offset, int length) {
      return SCALAR.hash(data, offset, length);
    }

    @Override
    public void groupValues(
        byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset) {
      SCALAR.groupValues(data, offset, groupCount, firstChunk, out, outOffset);
    }

    @Override
    public void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset) {
      SCALAR.parentValues(pairs, offset, count, out, outOffset);
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
      SCALAR.subtreeValue(data, offset, length, firstChunk, root, out, outOffset);
    }

    @Override
    public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
      SCALAR.parentValue(pair, offset, root, out, outOffset);
    }
  }

  /** Fast by the clock of this test. */
  public static final class Fast extends Slow {
    private static boolean worked;
    private static boolean dropped;

    @Override
    public void groupValues(
        byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset) {
      super.groupValues(data, offset, groupCount, firstChunk, out, outOffset);
      worked = !dropped;
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
      super.subtreeValue(data, offset, length, firstChunk, root, out, outOffset);
      worked = !dropped;
    }
  }

  /** Cannot do without a directive. */
  public static final class Directed extends Slow {
    @Override
    public String name() {
      return "directed";
    }

    @Override
    public String compilerDirectives() {
      return "[]";
    }
  }

  /** Wrong in one bit of one value. */
  public static final class Wrong extends Slow {
    @Override
    public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
      super.parentValue(pair, offset, root, out, outOffset);
      out[outOffset + 31] ^= 1;
    }
  }

  /** For a better machine. */
  public static final class Unsupported extends Slow {
    @Override
    public boolean isSupported() {
      return false;
    }
  }

  /** Has no constructor that can be called. */
  public static final class Broken extends Slow {
    private Broken() {}
  }
}
