package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.interop.KillSteps.Point;

/**
 * SIGKILL right before a chosen step of announcing, of writing a catalogue and of forgetting: after
 * the next start all is as before the step or as after it, and what others heard is true.
 *
 * <p>The moments at which something was wrong once, or would be if two steps changed places, are
 * named, and most of them tried in each run. {@code -Dveilor.kills=N} kills at all of them, and at
 * N of the steps that are noted in a round without a kill, chosen at random; {@code all} at each.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KilledStepsTest {
  private static final String KILLS = System.getProperty("veilor.kills", "");

  /** Every step but a datagram. */
  private static final String FILE = "[!s]*";

  private static final String SEND = "send*";

  private final long seed = System.nanoTime();
  private Optional<KilledNodes> started = Optional.empty();

  @BeforeAll
  void start(@TempDir Path temporary) {
    System.out.println("KilledStepsTest seed " + seed);
    started = Optional.of(new KilledNodes(temporary, seed));
  }

  @AfterAll
  void stop() {
    started.ifPresent(KilledNodes::close);
  }

  @Test
  @Order(1)
  @Timeout(value = 120, unit = TimeUnit.MINUTES)
  void whatOthersHeardIsTrueWhereverTheOriginIsKilled() {
    KilledNodes nodes = started.orElseThrow();
    List<Point> points =
        new ArrayList<>(
            List.of(
                // The signed Forget is there: it holds here and is said, if by the next life.
                after("rename */words/*.forget", FILE),
                // It is in force, and nobody has heard of it.
                after("fdatasync policy.journal", SEND),
                // All pages and the root are there, and no word that leads to them.
                Point.before("rename */words/*.newest", 1)));
    // The word is kept, and nobody has heard of it.
    Point kept = after("rename */words/*.newest", SEND);
    // A file is stored; its Provide is not said.
    Point stored = after("fdatasync db/*.log", SEND);
    if (KILLS.isEmpty()) {
      points.add(new Random(seed).nextBoolean() ? kept : stored);
    } else {
      points.addAll(List.of(kept, stored));
      points.addAll(chosen(nodes.roundWithoutKill(), new Random(seed)));
    }
    assertThat(points.stream().filter(nodes::killOrigin).count())
        .as("rounds that were killed where they were to be, of " + points.size())
        .isGreaterThan(points.size() / 2);
    nodes.awaitSame();
  }

  @Test
  @Order(2)
  @Timeout(value = 120, unit = TimeUnit.MINUTES)
  void whoeverIsKilledWhileItForgetsHasForgotten() {
    KilledNodes nodes = started.orElseThrow();
    // Heard, and not kept: the origin says it again.
    nodes.killMember(Point.before("rename */words/*.forget", 1));
    if (!KILLS.isEmpty()) {
      // Kept, and not in force.
      nodes.killMember(after("rename */words/*.forget", FILE));
    }
    // In force, and the cache holds the bytes.
    nodes.killMember(after("fdatasync policy.journal", "*"));
    nodes.awaitSame();
  }

  private static Point after(String pattern, String next) {
    return new Point(pattern, 1, next);
  }

  private static long files(List<String> steps) {
    return steps.stream().filter(step -> !step.startsWith("send")).count();
  }

  /** Before each step of a file, and before the first datagram after it. */
  private static List<Point> chosen(List<String> steps, Random random) {
    List<Point> all = new ArrayList<>();
    for (int i = 0; i < files(steps); i++) {
      all.add(new Point(FILE, i, FILE));
      all.add(new Point(FILE, i, SEND));
    }
    System.out.printf("%d steps, %d of files%n", steps.size(), files(steps));
    Collections.shuffle(all, random);
    return KILLS.equals("all")
        ? all
        : all.subList(0, Math.min(all.size(), Integer.parseInt(KILLS)));
  }
}
