package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself: a failing child must explain itself, and none may stay behind. */
final class ChildTest {
  private static Child shell(String script) {
    return Child.start(Path.of("/"), Map.of("GREETING", "hello"), List.of("sh", "-c", script));
  }

  @Test
  void readsLinesAndExitCode() {
    Child child = shell("echo $GREETING; echo two; echo oops >&2; exit 3");
    assertThat(child.nextLine(Deadline.after(Peer.USUAL))).isEqualTo("hello");
    Child.Finished finished = child.finish(Peer.USUAL);
    assertThat(finished.exit()).isEqualTo(3);
    assertThat(finished.stdout()).containsExactly("hello", "two");
    assertThat(finished.stderr()).isEqualTo("oops");
    assertThatThrownBy(() -> finished.expectExit(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("exit 3 instead of 0")
        .hasMessageContaining("oops");
  }

  @Test
  void saysThatNoLineCame() {
    try (Child silent = shell("echo why >&2; sleep 60")) {
      Deadline soon = Deadline.after(Duration.ofMillis(200));
      assertThatThrownBy(() -> silent.nextLine(soon))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("no line within PT0.2S")
          .hasMessageContaining("why");
    }
  }

  @Test
  void saysThatTheChildEndedEarly() {
    Child child = shell("echo why >&2; exit 9");
    child.finish(Peer.USUAL);
    assertThatThrownBy(() -> child.nextLine(Deadline.after(Peer.USUAL)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ended with exit code 9")
        .hasMessageContaining("why");
  }

  @Test
  void talksPausesAndKills() {
    Child echo = shell("while read -r line; do echo \"got $line\"; done");
    echo.writeLine("one");
    assertThat(echo.nextLine(Deadline.after(Peer.USUAL))).isEqualTo("got one");
    assertThat(echo.rssKib()).isPositive();
    echo.pause();
    echo.writeLine("two");
    Deadline soon = Deadline.after(Duration.ofMillis(200));
    assertThatThrownBy(() -> echo.nextLine(soon)).isInstanceOf(AssertionError.class);
    echo.resume();
    assertThat(echo.nextLine(Deadline.after(Peer.USUAL))).isEqualTo("got two");
    echo.kill();
    assertThat(echo.isAlive()).isFalse();
  }

  @Test
  void aDaemonThatDoesNotGetReadyShowsWhy(@TempDir Path temporary) {
    Daemon.Builder daemon =
        Daemon.on(temporary.resolve("state")).jvm("-XX:NoSuchFlag").limit(Duration.ofSeconds(20));
    assertThatThrownBy(daemon::start)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ended with exit code 1")
        .hasMessageContaining("NoSuchFlag");
  }
}
