package org.veilor.seed.node.seeding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.node.seeding.PathEvent.Changed;
import org.veilor.seed.node.seeding.PathEvent.ChangedWhileReading;
import org.veilor.seed.node.seeding.PathEvent.Failed;
import org.veilor.seed.node.seeding.PathEvent.Found;
import org.veilor.seed.node.seeding.PathEvent.How;
import org.veilor.seed.node.seeding.PathEvent.LookFailed;
import org.veilor.seed.node.seeding.PathEvent.Looked;
import org.veilor.seed.node.seeding.PathEvent.Rejected;
import org.veilor.seed.node.seeding.PathEvent.Started;
import org.veilor.seed.node.seeding.PathEvent.Stored;
import org.veilor.seed.node.seeding.PathEvent.Tick;
import org.veilor.seed.node.seeding.PathEvent.Vanished;
import org.veilor.seed.node.seeding.PathState.Gone;
import org.veilor.seed.node.seeding.PathState.Hashing;
import org.veilor.seed.node.seeding.PathState.Missing;
import org.veilor.seed.node.seeding.PathState.Queued;
import org.veilor.seed.node.seeding.PathState.Refused;
import org.veilor.seed.node.seeding.PathState.Seeded;
import org.veilor.seed.node.seeding.PathState.Seen;
import org.veilor.seed.node.seeding.PathState.Settling;
import org.veilor.seed.node.seeding.PathState.Waiting;
import org.veilor.seed.node.seeding.PathStates.Action;
import org.veilor.seed.node.seeding.PathStates.Step;
import org.veilor.seed.store.FileIdentity;

class PathStatesTest {
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final Timing TIMING = new Timing(2 * S, 10 * S, 2 * S, 30 * S, 20 * S, 3600 * S);

  private PathState state = new Seen();
  private Action action = Action.NONE;
  private long now;

  private static FileIdentity file(long version) {
    return new FileIdentity(1, 2, version, version, version);
  }

  private void at(long seconds, PathEvent event) {
    now = seconds * S;
    Step step = PathStates.next(state, event, TIMING, now);
    state = step.state();
    action = step.action();
  }

  private void start() {
    at(now / S, new Started());
    assertThat(state).isInstanceOf(Hashing.class);
  }

  @Test
  void aClosedFileIsHashedAfterTwoQuietSeconds() {
    at(0, new Changed(How.OPEN, file(0)));
    at(1, new Changed(How.CLOSED, file(1)));
    assertThat(state).isEqualTo(new Settling(true, file(1), 0, 3 * S));
    at(2, new Tick());
    assertThat(action).isEqualTo(Action.NONE);
    at(3, new Tick());
    assertThat(action).isEqualTo(Action.LOOK);
    at(3, new Looked(file(1)));
    assertThat(state).isEqualTo(new Queued(0));
    assertThat(action).isEqualTo(Action.HASH);
    start();
    at(4, new Stored());
    assertThat(state).isEqualTo(new Seeded());
  }

  @Test
  void aFileThatStaysOpenWaitsTenSecondsAndAsLongAsItGrows() {
    at(0, new Changed(How.OPEN, file(0)));
    at(10, new Tick());
    at(10, new Looked(file(5)));
    assertThat(state).isEqualTo(new Settling(false, file(5), 0, 20 * S));
    at(20, new Tick());
    at(20, new Looked(file(9)));
    at(30, new Tick());
    at(30, new Looked(file(9)));
    assertThat(action).isEqualTo(Action.HASH);
  }

  @Test
  void aClosedFileThatGrowsAgainCountsAsOpen() {
    at(0, new Changed(How.CLOSED, file(1)));
    at(2, new Tick());
    at(2, new Looked(file(2)));
    assertThat(state).isEqualTo(new Settling(false, file(2), 0, 12 * S));
  }

  @Test
  void everyCloseStartsTheQuietTimeAgain() {
    for (int second = 0; second < 20; second++) {
      at(second, new Changed(How.CLOSED, file(second)));
      assertThat(state.dueNanos()).isEqualTo((second + 2) * S);
    }
  }

  @Test
  void attributesKeepWhatIsKnownOfTheWriter() {
    at(0, new Changed(How.OPEN, file(0)));
    at(1, new Changed(How.ATTRIBUTES, file(1)));
    assertThat(state).isEqualTo(new Settling(false, file(1), 0, 11 * S));
    state = new Seen();
    at(1, new Changed(How.ATTRIBUTES, file(1)));
    assertThat(state).isEqualTo(new Settling(true, file(1), 0, 3 * S));
  }

  @Test
  void aScanHashesOldFilesAtOnceAndLetsYoungOnesSettle() {
    at(0, new Found(file(1), 60 * S));
    assertThat(action).isEqualTo(Action.HASH);
    state = new Seen();
    at(0, new Found(file(1), 4 * S));
    assertThat(state).isEqualTo(new Settling(false, file(1), 0, 6 * S));
    at(1, new Found(file(2), 60 * S));
    assertThat(state)
        .as("hints know better than the scan")
        .isEqualTo(new Settling(false, file(1), 0, 6 * S));
  }

  @Test
  void aChangeWhileHashingSettlesAgain() {
    state = new Queued(0);
    start();
    at(5, new Changed(How.CLOSED, file(7)));
    at(6, new Stored());
    assertThat(state).isEqualTo(new Settling(true, file(7), 0, 8 * S));
  }

  @Test
  void changesWhileReadingBackOff() {
    state = new Queued(0);
    long pause = 10;
    for (int attempt = 1; attempt <= 12; attempt++) {
      start();
      long at = now / S;
      at(at, new ChangedWhileReading());
      assertThat(state)
          .isEqualTo(new Settling(false, null, attempt, (at + Math.min(pause, 3600)) * S));
      pause *= 2;
      now = state.dueNanos();
      at(now / S, new Tick());
      at(now / S, new Looked(file(attempt)));
      assertThat(action).isEqualTo(Action.HASH);
    }
  }

  @Test
  void failuresAreTriedAgainLaterAndLater() {
    state = new Queued(0);
    start();
    at(0, new Failed("permission denied"));
    assertThat(state).isEqualTo(new Waiting("permission denied", 1, 20 * S));
    at(19, new Tick());
    assertThat(state).isInstanceOf(Waiting.class);
    at(20, new Tick());
    assertThat(action).isEqualTo(Action.HASH);
    start();
    at(20, new Failed("permission denied"));
    assertThat(state.dueNanos()).isEqualTo(60 * S);
    at(30, new Changed(How.ATTRIBUTES, file(3)));
    assertThat(state)
        .as("chmod is a reason to look")
        .isEqualTo(new Settling(true, file(3), 0, 32 * S));
  }

  @Test
  void aDeletionThatWasToldIsConfirmedByALook() {
    at(0, new Vanished(true));
    assertThat(state).isEqualTo(new Missing(true, 2 * S));
    at(2, new Tick());
    assertThat(action).isEqualTo(Action.LOOK);
    at(2, new Looked(null));
    assertThat(state).isEqualTo(new Gone());
    assertThat(action).isEqualTo(Action.REMOVE);
  }

  @Test
  void aDeletionThatAScanSawNeedsASecondLookMuchLater() {
    at(0, new Vanished(false));
    at(29, new Tick());
    assertThat(action).isEqualTo(Action.NONE);
    at(30, new Tick());
    at(30, new Looked(null));
    assertThat(action).isEqualTo(Action.REMOVE);
  }

  @Test
  void aFileThatComesBackIsNotDropped() {
    at(0, new Vanished(true));
    at(1, new Changed(How.CLOSED, file(4)));
    assertThat(state).isEqualTo(new Settling(true, file(4), 0, 3 * S));
    state = new Seen();
    at(0, new Vanished(true));
    at(2, new Tick());
    at(2, new Looked(file(5)));
    assertThat(state).isEqualTo(new Settling(false, file(5), 0, 12 * S));
  }

  @Test
  void aDeletionWhileHashingWins() {
    state = new Queued(0);
    start();
    at(1, new Vanished(true));
    at(2, new Stored());
    assertThat(state).isEqualTo(new Missing(true, 4 * S));
  }

  @Test
  void aTemporaryFileThatVanishesBeforeItSettlesIsForgotten() {
    at(0, new Changed(How.OPEN, file(0)));
    at(10, new Tick());
    at(10, new Looked(null));
    assertThat(state).isEqualTo(new Missing(false, 40 * S));
  }

  @Test
  void whatCannotBeLookedAtWaits() {
    at(0, new Changed(How.CLOSED, file(0)));
    at(2, new Tick());
    at(2, new LookFailed("permission denied"));
    assertThat(state).isEqualTo(new Waiting("permission denied", 1, 22 * S));
  }

  @Test
  void aRefusalIsFinalUntilTheFileChanges() {
    state = new Queued(0);
    start();
    at(1, new Rejected("it is text"));
    assertThat(state).isEqualTo(new Refused("it is text"));
    assertThat(state.isFinal()).isTrue();
    at(2, new Changed(How.CLOSED, file(2)));
    assertThat(state).isInstanceOf(Settling.class);
  }

  /** Whatever happens: no state waits for ever, and nothing is removed without an absent look. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void holdsItsPromisesUnderRandomEvents(long seed) {
    Random random = new Random(seed);
    PathState current = new Seen();
    for (int i = 0; i < 20_000; i++) {
      now += random.nextLong(5 * S);
      PathEvent event = randomEvent(random);
      Step step = PathStates.next(current, event, TIMING, now);
      if (step.action() == Action.REMOVE) {
        assertThat(event).as("seed %d step %d", seed, i).isEqualTo(new Looked(null));
        assertThat(current).isInstanceOf(Missing.class);
      }
      if (step.action() == Action.HASH) {
        assertThat(step.state()).as("seed %d step %d", seed, i).isInstanceOf(Queued.class);
      }
      current = step.state();
      boolean waitsForTime = current.dueNanos() != Long.MAX_VALUE;
      boolean waitsForWorker = current instanceof Queued || current instanceof Hashing;
      assertThat(waitsForTime || waitsForWorker || current.isFinal() || current instanceof Seen)
          .as("seed %d step %d: %s", seed, i, current)
          .isTrue();
      assertThat(current.dueNanos() == Long.MAX_VALUE || current.dueNanos() <= now + 3600 * S)
          .as("seed %d step %d", seed, i)
          .isTrue();
    }
  }

  private static PathEvent randomEvent(Random random) {
    @Nullable FileIdentity seen = random.nextInt(4) == 0 ? null : file(random.nextInt(3));
    List<PathEvent> events =
        List.of(
            new Changed(List.of(How.OPEN, How.CLOSED, How.ATTRIBUTES).get(random.nextInt(3)), seen),
            new Found(file(random.nextInt(3)), random.nextLong(20 * S)),
            new Vanished(random.nextBoolean()),
            new Tick(),
            new Tick(),
            new Looked(seen),
            new LookFailed("no"),
            new Started(),
            new Stored(),
            new Rejected("text"),
            new ChangedWhileReading(),
            new Failed("io"));
    return events.get(random.nextInt(events.size()));
  }
}
