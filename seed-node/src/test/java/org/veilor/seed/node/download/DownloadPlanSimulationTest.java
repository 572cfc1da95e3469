package org.veilor.seed.node.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;

class DownloadPlanSimulationTest {
  private static final double CAPPED = 20e6;
  private static final long SECOND = 1_000_000_000L;
  private static final DownloadPlan.Options OPTIONS =
      new DownloadPlan.Options(30 * SECOND, 1L << 50);

  private static SimulatedProvider capped(String name) {
    return new SimulatedProvider(name, 20, CAPPED);
  }

  private static DownloadSimulation run(long size, List<SimulatedProvider> providers) {
    DownloadSimulation simulation = new DownloadSimulation(size, OPTIONS, providers);
    simulation.run(1000 * SECOND);
    assertThat(simulation.problems).isEmpty();
    for (SimulatedProvider provider : providers) {
      assertThat(provider.mostRequests).isLessThanOrEqualTo(PlanLimits.MAX_REQUESTS);
    }
    return simulation;
  }

  private static double seconds(DownloadSimulation simulation) {
    return simulation.nowNanos / 1e9;
  }

  private static String text(DownloadSimulation simulation) {
    return simulation.failure + " after " + seconds(simulation) + " s, " + simulation.plan.shares();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 16_384, 16_385, 100_000, 5_000_000, 100_000_000})
  void oneProviderKeepsItsRateBusy(long size) {
    DownloadSimulation one = run(size, List.of(capped("a")));

    assertThat(one.complete).as(text(one)).isTrue();
    assertThat(seconds(one)).isLessThan(0.09 + 1.04 * size / CAPPED);
    assertThat(one.payloadBytes - size).isBetween(0L, 17 * 1024L);
  }

  @ParameterizedTest
  @ValueSource(longs = {50_000_000, 200_000_000})
  void fourCappedProvidersTakeAtMostThreeTenthsOfTheTime(long size) {
    double one = seconds(run(size, List.of(capped("a"))));
    DownloadSimulation four =
        run(size, List.of(capped("a"), capped("b"), capped("c"), capped("d")));

    assertThat(four.complete).as(text(four)).isTrue();
    System.out.printf(
        "%d bytes: one %.2f s, four %.2f s, factor %.3f, over %d%n",
        size, one, seconds(four), seconds(four) / one, four.payloadBytes - size);
    assertThat(seconds(four)).isLessThan(0.3 * one);
    assertThat(four.payloadBytes).isLessThan((long) (size * 1.05));
  }

  @Test
  void theFastOneDoesMostAndTheSlowOnesDoNotHoldItUp() {
    long size = 100_000_000;
    List<SimulatedProvider> providers =
        List.of(
            capped("fast"),
            new SimulatedProvider("slow1", 200, 500e3),
            new SimulatedProvider("slow2", 100, 200e3),
            new SimulatedProvider("slow3", 300, 50e3));
    DownloadSimulation simulation = run(size, providers);

    assertThat(simulation.complete).as(text(simulation)).isTrue();
    assertThat(seconds(simulation)).isLessThan(1.1 * size / CAPPED);
    assertThat(simulation.payloadBytes).isLessThan((long) (size * 1.06));
  }

  @Test
  void eachHoldsAnotherQuarter() {
    long size = 64_000_000;
    long chunks = new BaoTree(size).chunks();
    List<SimulatedProvider> providers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      SimulatedProvider provider = capped("p" + i);
      provider.holdings =
          ChunkRanges.range(
              chunks * i / 4 / 16 * 16, i == 3 ? chunks : chunks * (i + 1) / 4 / 16 * 16);
      providers.add(provider);
    }
    DownloadSimulation simulation = run(size, providers);

    assertThat(simulation.complete).as(text(simulation)).isTrue();
    assertThat(seconds(simulation)).isLessThan(0.6 + 1.2 * size / 4 / CAPPED);
    assertThat(simulation.payloadBytes).isLessThan((long) (size * 1.03));
  }

  /** What can be wrong with a provider. */
  enum Fault {
    LIES,
    STALLS,
    RESETS,
    DENIES,
    BUSY,
    MISSING,
    TRICKLES,
    HUGE_SIZE,
    LOST,
    REFUSES,
    NEVER_CONNECTS,
    PARTIAL;

    void applyTo(SimulatedProvider provider, long size, Random random) {
      switch (this) {
        case LIES -> provider.liesFromChunk = random.nextLong(1 + size / 1024);
        case STALLS -> provider.silentAfterBytes = size / 2;
        case RESETS -> provider.refusal = PlanInput.Meaning.RETRY_ALONE;
        case DENIES -> provider.refusal = PlanInput.Meaning.DENIED;
        case BUSY -> provider.refusal = PlanInput.Meaning.BUSY;
        case MISSING -> provider.refusal = PlanInput.Meaning.MISSING;
        case TRICKLES -> provider.trickles = true;
        case HUGE_SIZE -> provider.claimedSize = 1L << 60;
        case LOST -> provider.lostAfterBytes = 1 + random.nextLong(size);
        case REFUSES -> provider.refusesConnections = true;
        case NEVER_CONNECTS -> provider.neverConnects = true;
        case PARTIAL -> {
          long from = random.nextLong(1 + size / 1024) / 16 * 16;
          provider.holdings = ChunkRanges.from(from);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void oneHonestProviderIsEnough(Fault fault) {
    long size = 40_000_000;
    List<SimulatedProvider> providers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      SimulatedProvider provider = capped("bad" + i);
      fault.applyTo(provider, size, new Random(i));
      providers.add(provider);
    }
    providers.add(capped("good"));
    DownloadSimulation simulation = run(size, providers);

    System.out.printf(
        "%s: %.2f s, over %d%n", fault, seconds(simulation), simulation.payloadBytes - size);
    assertThat(simulation.complete).as(text(simulation)).isTrue();
    assertThat(seconds(simulation)).as(text(simulation)).isLessThan(1.5 * size / CAPPED + 1);
    assertThat(simulation.payloadBytes).isLessThan((long) (size * 1.3));
  }

  @Test
  void randomCrowdsWithOneHonestProvider() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    double worst = 0;
    for (int round = 0; round < Integer.getInteger("rounds", 300); round++) {
      Random random = new Random(seed + round);
      long size = 1 + random.nextLong(1L << (5 + random.nextInt(21)));
      List<SimulatedProvider> providers = new ArrayList<>();
      int bad = random.nextInt(8);
      for (int i = 0; i < bad; i++) {
        SimulatedProvider provider =
            new SimulatedProvider("bad" + i, random.nextInt(300), 1e5 + random.nextInt(20_000_000));
        Fault.values()[random.nextInt(Fault.values().length)].applyTo(provider, size, random);
        provider.knowsObserve = random.nextInt(4) > 0;
        providers.add(provider);
      }
      double rate = 1e6 + random.nextInt(19_000_000);
      SimulatedProvider good = new SimulatedProvider("good", random.nextInt(200), rate);
      good.spuriousResets = random.nextInt(3);
      providers.add(random.nextInt(providers.size() + 1), good);
      DownloadSimulation simulation = run(size, providers);

      String what = "seed " + (seed + round) + " size " + size + ": " + text(simulation);
      assertThat(simulation.complete).as(what).isTrue();
      double over = (simulation.payloadBytes - size) / (double) (size + (4 << 20));
      worst = Math.max(worst, over);
      assertThat(over).as(what).isLessThan(1.0);
    }
    System.out.printf("worst waste of the random crowds: %.3f%n", worst);
  }

  @Test
  void aReaderInTheMiddleIsServedFirst() {
    long size = 200_000_000;
    DownloadSimulation simulation =
        new DownloadSimulation(size, OPTIONS, List.of(new SimulatedProvider("a", 50, CAPPED)));
    simulation.readerFrom = 123_456_789;
    simulation.run(2 * SECOND);

    // One round trip to connect, one to ask, and the group itself.
    assertThat(simulation.readerFrontNanos).isBetween(100_000_000L, 105_000_000L);
  }

  @Test
  void aReaderThatJumpsIsServedBesideWhatIsUnderWay() {
    long size = 200_000_000;
    DownloadSimulation simulation =
        new DownloadSimulation(
            size, OPTIONS, List.of(capped("a"), new SimulatedProvider("slow", 300, 100_000)));
    simulation.run(2 * SECOND);
    long before = simulation.nowNanos;
    simulation.readerFrom = 190_000_000;
    simulation.input(new PlanInput.ReaderWants(7, simulation.readerFrom, Long.MAX_VALUE));
    simulation.run(4 * SECOND);

    assertThat(simulation.readerFrontNanos - before).isLessThan(100_000_000L);
  }

  @Test
  void liarsAloneAreNamed() {
    SimulatedProvider liar = capped("liar");
    liar.liesFromChunk = 100;
    SimulatedProvider refuses = capped("refuses");
    refuses.refusal = PlanInput.Meaning.DENIED;
    DownloadSimulation simulation = run(10_000_000, List.of(liar, refuses));

    assertThat(simulation.complete).isFalse();
    assertThat(simulation.failure().kind()).isEqualTo(DownloadFailure.Kind.ALL_FAILED);
    assertThat(simulation.failure().toString()).contains("liar: lied").contains("refuses: refused");
    assertThat(simulation.plan.hasLied(liar.id)).isTrue();
  }

  @Test
  void nobodyHasIt() {
    SimulatedProvider a = capped("a");
    a.refusal = PlanInput.Meaning.MISSING;
    SimulatedProvider b = capped("b");
    b.refusal = PlanInput.Meaning.RETRY_ALONE;
    b.holdings = ChunkRanges.EMPTY;
    a.holdings = ChunkRanges.EMPTY;
    DownloadSimulation simulation = run(10_000_000, List.of(a, b));

    assertThat(simulation.failure().kind()).isEqualTo(DownloadFailure.Kind.NOT_FOUND);
    assertThat(seconds(simulation)).isLessThan(1);
  }

  /** The only provider is gone: nobody waits for the download's whole patience. */
  @Test
  void aDeadPeerAloneIsNotWaitedFor() {
    SimulatedProvider dead = capped("dead");
    dead.neverConnects = true;
    DownloadSimulation simulation = run(10_000_000, List.of(dead));

    assertThat(simulation.failure().kind()).isEqualTo(DownloadFailure.Kind.ALL_FAILED);
    assertThat(simulation.failure().toString())
        .contains("no provider could be reached")
        .contains("dead: no connection within 5.0 s");
    assertThat(seconds(simulation)).isLessThan(5.5);
  }

  @Test
  void aPeerThatRefusesIsAskedOnceMore() {
    SimulatedProvider refuses = capped("refuses");
    refuses.refusesConnections = true;
    DownloadSimulation simulation = run(10_000_000, List.of(refuses));

    assertThat(simulation.failure().toString()).contains("refuses: refused");
    assertThat(refuses.connects).isEqualTo(2);
    assertThat(seconds(simulation)).isLessThan(1);
  }

  @Test
  void silenceEndsInTime() {
    SimulatedProvider silent = capped("silent");
    silent.silentAfterBytes = 0;
    DownloadSimulation simulation = run(10_000_000, List.of(silent));

    assertThat(simulation.failure().toString()).contains("silent: sent nothing for");
    assertThat(seconds(simulation)).isBetween(10.0, 31.0);
  }

  @Test
  void aSpuriousResetIsRepeatedOnceAlone() {
    SimulatedProvider only = capped("only");
    only.spuriousResets = 1;
    DownloadSimulation simulation = run(10_000_000, List.of(only));

    assertThat(simulation.complete).as(text(simulation)).isTrue();
    assertThat(seconds(simulation)).isLessThan(0.75);
  }

  @Test
  void aBlobAboveTheLimitIsRefusedOnceItsSizeIsProved() {
    DownloadSimulation simulation =
        new DownloadSimulation(
            10_000_000, new DownloadPlan.Options(30 * SECOND, 9_999_999), List.of(capped("a")));
    simulation.run(10 * SECOND);

    assertThat(simulation.failure().kind()).isEqualTo(DownloadFailure.Kind.TOO_LARGE);
    assertThat(simulation.payloadBytes).isLessThan(2_000_000);
  }
}
