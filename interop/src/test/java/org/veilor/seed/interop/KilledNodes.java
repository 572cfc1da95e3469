package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;

/**
 * An origin that seeds a folder, and a member that listens. In each round a file appears at the
 * origin, another one is forgotten, and one of the two is killed.
 */
final class KilledNodes implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(100);
  private static final int OLD_FILES = 20;
  private static final String SERVICE = "media";

  private final Path temporary;
  private final long seed;
  private final Path media;
  private final KillSteps originSteps;
  private final KillSteps memberSteps;
  private Daemon origin;
  private Daemon member;

  /** Every name that was written, in order. */
  private final List<String> names = new ArrayList<>();

  private int round;
  private int forgotten;
  private String where = "";

  /** What a round changes. */
  private record Change(String fresh, String victim, String hash, boolean acknowledged) {}

  KilledNodes(Path temporary, long seed) {
    this.temporary = temporary;
    this.seed = seed;
    media = temporary.resolve("media");
    for (int i = 0; i < OLD_FILES; i++) {
      write("old-" + i);
    }
    originSteps = new KillSteps(temporary.resolve("a.steps"), temporary.resolve("a"));
    memberSteps = new KillSteps(temporary.resolve("b.steps"), temporary.resolve("b"));
    Path config = TestFiles.originConfig(temporary, SERVICE, media, "hidden");
    origin = daemon("a", originSteps).argument("--config").argument(config).start();
    member = daemon("b", memberSteps).start();
    origin.await("seeding", SOON, d -> d.list().size() == OLD_FILES);
    member.join(origin.invite(SERVICE));
    awaitSame();
  }

  private Daemon.Builder daemon(String name, KillSteps steps) {
    return Daemon.on(temporary.resolve(name))
        .shortLived()
        .gateway("127.0.0.1:0")
        .environment(steps.environment());
  }

  private void write(String name) {
    int number = names.size();
    names.add(name);
    TestFiles.png(media.resolve(name + ".png"), 3_000 + number, seed + number);
  }

  private byte[] bytes(String name) {
    try {
      return Files.readAllBytes(media.resolve(name + ".png"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String hash(String name) {
    return Blake3Hasher.hash(bytes(name)).toString();
  }

  private static int status(Daemon daemon, String path) {
    try {
      return Http.ask(daemon.gateway() + path).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasForgotten(Daemon daemon, String hash) {
    return daemon.why(hash).path("why").asText().contains("forgotten");
  }

  private static JsonNode catalogue(Daemon daemon) {
    return daemon.catalogue(SERVICE);
  }

  /** The origin's catalogue lists all that is not forgotten, and the member has it. */
  void awaitSame() {
    member.await(
        "the catalogue, " + where,
        SOON,
        d ->
            catalogue(origin).path("entries").asInt() == names.size() - forgotten
                && catalogue(d).path("root").equals(catalogue(origin).path("root")));
  }

  /** What a round does; gives its steps at the origin. */
  List<String> roundWithoutKill() {
    String victim = heldByBoth();
    originSteps.note();
    Change change = change(victim);
    assertThat(change.acknowledged()).isTrue();
    forgotten++;
    awaitListed(change.fresh());
    awaitSame();
    member.await("forgetting", SOON, d -> hasForgotten(d, change.hash()));
    originSteps.stop();
    return originSteps.steps();
  }

  /**
   * The file that is to be forgotten: the member has it, too, and must let go of it. It is fetched
   * before anybody is to be killed, because whoever dies with the first datagram gives nothing.
   */
  private String heldByBoth() {
    round++;
    String victim = names.get(round - 1);
    assertThat(Http.get(member.gateway() + "/blobs/" + hash(victim))).isEqualTo(bytes(victim));
    return victim;
  }

  /** A file appears; the other is forgotten, which may fail because the origin has died. */
  private Change change(String victim) {
    String fresh = "fresh-" + round;
    String hash = hash(victim);
    write(fresh);
    boolean acknowledged = false;
    try {
      origin.forget(SERVICE, hash);
      acknowledged = true;
    } catch (IOException e) {
      assertThat(origin.child().finish(SOON).exit()).as(where + ": " + e).isEqualTo(137);
    }
    return new Change(fresh, victim, hash, acknowledged);
  }

  /** A round in which the origin is killed at that moment; whether it came to it. */
  boolean killOrigin(KillSteps.Point point) {
    where = "seed " + seed + ", origin, " + point;
    String victim = heldByBoth();
    originSteps.killAt(point);
    Change change = change(victim);
    Deadline deadline = Deadline.after(SOON);
    while (origin.child().isAlive() && !isCarriedOut(change)) {
      assertThat(deadline.isOver()).as(where + origin.child().describe()).isFalse();
      Deadline.pause(Duration.ofMillis(20));
    }
    boolean reached = !origin.child().isAlive();
    origin.kill();
    List<String> steps = originSteps.steps();
    System.out.println(
        where + ": " + steps.size() + " steps, " + (steps.isEmpty() ? "" : steps.getLast()));
    originSteps.stop();
    origin = origin.restart();
    assertNothingIsDamaged(origin);
    assertTrue(change);
    assertConsistent(change);
    return reached;
  }

  /** Polls the one that lives. */
  private boolean isCarriedOut(Change change) {
    return hasForgotten(member, change.hash())
        && status(member, "/s/media/" + change.fresh() + ".png") == 200
        && catalogue(member).path("entries").asInt() == names.size() - forgotten - 1;
  }

  /** What the member heard before, and what the operator was told, is so from the first moment. */
  private void assertTrue(Change change) {
    if (change.acknowledged() || hasForgotten(member, change.hash())) {
      assertThat(hasForgotten(origin, change.hash())).as(where).isTrue();
      assertThat(status(origin, "/blobs/" + change.hash())).as(where).isEqualTo(451);
    }
    List<String> provided = new ArrayList<>();
    for (String name : names.subList(names.size() - 3, names.size())) {
      String hash = hash(name);
      if (member.why(hash).path("providers").toString().contains(origin.endpoint())) {
        provided.add(hash);
      }
    }
    try {
      Path list = Files.write(temporary.resolve("provided"), provided);
      if (!provided.isEmpty()) {
        JsonNode got =
            Peers.start("get-list", "--addr", origin.target(), "--hashes", list).done(SOON);
        assertThat(got.path("failed").asInt()).as(where + ": " + got).isZero();
      }
      for (String root : announcedRoots()) {
        JsonNode read =
            Peers.start("get", "--addr", origin.target(), "--hash", root, "--hashseq").done(SOON);
        assertThat(read.path("blobs").asInt()).as(where).isGreaterThan(2);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Roots of which the member has heard last, be they there or not. */
  private List<String> announcedRoots() throws IOException {
    List<String> roots = new ArrayList<>();
    try (Stream<Path> files = Files.walk(temporary.resolve("b/catalogues"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".newest")).toList()) {
        Body said = Announcement.decode(Files.readAllBytes(file)).body();
        roots.add(((Body.Catalogue) said).root().toString());
      }
    } catch (MalformedException e) {
      throw new IOException(e);
    }
    assertThat(roots).isNotEmpty();
    return roots;
  }

  /** What was not acknowledged is done wholly or not at all, and the next life is believed. */
  private void assertConsistent(Change change) {
    String later = "later-" + round;
    write(later);
    String hash = hash(later);
    member.await("the announcement, " + where, SOON, d -> !d.why(hash).path("providers").isEmpty());
    assertThat(Http.get(member.gateway() + "/blobs/" + hash)).isEqualTo(bytes(later));
    boolean isForgotten = hasForgotten(origin, change.hash());
    if (isForgotten) {
      forgotten++;
      member.await("forgetting, " + where, SOON, d -> hasForgotten(d, change.hash()));
      assertThat(status(member, "/blobs/" + change.hash())).as(where).isEqualTo(451);
      assertThat(member.cached(change.hash()).isMissingNode()).as(where).isTrue();
      assertThat(status(origin, "/blobs/" + change.hash())).as(where).isEqualTo(451);
    }
    awaitListed(change.fresh());
    if (!isForgotten) {
      assertThat(hasForgotten(member, change.hash())).as(where).isFalse();
      awaitListed(change.victim());
    }
  }

  /** The member finds a file by its path, which the origin's catalogue alone tells it. */
  private void awaitListed(String name) {
    String path = "/s/media/" + name + ".png";
    member.await(path + ", " + where + ", " + catalogue(origin), SOON, d -> status(d, path) == 200);
    assertThat(Http.get(member.gateway() + path)).as(where).isEqualTo(bytes(name));
  }

  /** A round in which the member is killed at that moment. */
  void killMember(KillSteps.Point point) {
    where = "seed " + seed + ", member, " + point;
    String victim = heldByBoth();
    memberSteps.killAt(point);
    Change change = change(victim);
    assertThat(change.acknowledged()).as(where).isTrue();
    Deadline deadline = Deadline.after(SOON);
    while (member.child().isAlive() && !memberSteps.killed()) {
      assertThat(deadline.isOver()).as(where + memberSteps.steps()).isFalse();
      Deadline.pause(Duration.ofMillis(20));
    }
    assertThat(member.child().finish(SOON).exit()).isEqualTo(137);
    memberSteps.stop();
    member = member.restart();
    assertNothingIsDamaged(member);
    assertConsistent(change);
  }

  private void assertNothingIsDamaged(Daemon daemon) {
    assertThat(daemon.child().stderr().lines())
        .as(where)
        .noneMatch(line -> line.contains("ERROR") || line.contains("WARN"));
    assertThat(daemon.status().path("store").path("rebuilt").asText()).as(where).isEmpty();
  }

  @Override
  public void close() {
    origin.close();
    member.close();
  }
}
