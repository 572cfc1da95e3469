package org.veilor.seed.quic.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.recovery.PacketSpace;

/** Path validation and the routes of a path (RFC 9000 §8.2, §9.3). */
class PathValidationTest {
  private static final long MILLI = 1_000_000;
  private final Random random = new Random(1);

  private static NetworkPath at(int port) {
    InetAddress host = InetAddress.getLoopbackAddress();
    return new NetworkPath(new InetSocketAddress(host, 1), new InetSocketAddress(host, port));
  }

  private static Route route(int port, boolean validated) {
    return Route.fresh(at(port), validated, new MtuDiscovery());
  }

  private PathValidation run(Route route) {
    return new PathValidation(route, 30 * MILLI, 1000 * MILLI, 0);
  }

  @Test
  void challengesGoOutEverRarerUntilTheDeadline() {
    PathValidation run = run(route(2, true));
    List<Long> times = new ArrayList<>();
    for (long now = 0; !run.isOver(now); now = run.nextTimeoutNanos()) {
      if (run.wantsToSend(now)) {
        times.add(now / MILLI);
        run.nextChallenge(random::nextBytes, now);
      }
    }
    assertThat(times).startsWith(0L, 30L, 90L, 210L, 450L, 930L, 1430L).hasSize(10);
  }

  @Test
  void anyOfTheChallengesMayBeAnswered() {
    PathValidation run = run(route(2, true));
    long first = run.nextChallenge(random::nextBytes, 0);
    long second = run.nextChallenge(random::nextBytes, 1);
    assertThat(first).isNotEqualTo(second);
    assertThat(run.isAnsweredBy(first)).isTrue();
    assertThat(run.isAnsweredBy(second)).isTrue();
    assertThat(run.isAnsweredBy(first + 1)).isFalse();
    assertThat(run.isAnsweredBy(0)).isFalse();
  }

  /** It used to ask to be woken at once, again and again, while it was not allowed to send. */
  @Test
  void withoutCreditItSleepsUntilTheDeadline() {
    Route poor = route(2, false);
    PathValidation run = run(poor);
    assertThat(run.wantsToSend(0)).isFalse();
    assertThat(run.nextTimeoutNanos()).isEqualTo(3000 * MILLI);
    poor.onDatagramReceived(100);
    assertThat(run.wantsToSend(0)).isTrue();
    assertThat(run.nextTimeoutNanos()).isZero();
  }

  @Test
  void aFailedValidationGoesBackToTheLastValidRoute() {
    Route home = route(2, true);
    Path path = new Path(0, PacketSpace.handshake(), home);
    path.migrateTo(home.rebound(at(3)));
    path.migrateTo(path.route().rebound(at(4)));
    assertThat(path.onValidationFailed()).isTrue();
    assertThat(path.route()).isSameAs(home);
    Path lost = new Path(0, PacketSpace.handshake(), route(2, false));
    assertThat(lost.onValidationFailed()).as("nowhere to go").isFalse();
  }

  @Test
  void whoComesBackHomeNeedsNoProof() {
    Route home = route(2, true);
    Path path = new Path(0, PacketSpace.handshake(), home);
    path.migrateTo(home.rebound(at(3)));
    path.validate(run(path.route()));
    assertThat(path.returnTo(at(5))).isFalse();
    assertThat(path.returnTo(at(2))).isTrue();
    assertThat(path.route()).isSameAs(home);
    assertThat(path.validation()).isNull();
  }

  @Test
  void aRebindingKeepsWhatWasLearnedAndWhatIsInFlight() {
    Route home = route(2, true);
    home.onInFlight(5000);
    Route away = home.rebound(at(3));
    assertThat(away.bytesInFlight()).isEqualTo(5000);
    home.onNoLongerInFlight(2000);
    assertThat(away.bytesInFlight()).isEqualTo(3000);
    assertThat(away.congestion()).isSameAs(home.congestion());
    assertThat(away.isValidated()).isFalse();
    away.onDatagramReceived(100);
    away.onDatagramSent(250);
    assertThat(away.amplificationCreditBytes()).isEqualTo(50);
  }
}
