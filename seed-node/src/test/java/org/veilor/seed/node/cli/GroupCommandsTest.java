package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.node.daemon.PeerEndpointFactory;
import org.veilor.seed.node.seeding.TestMedia;

/** Who may have what of a service that is a group, by the commands that make it one. */
final class GroupCommandsTest {
  private static final EndpointId MEMBER = id("member");
  private static final EndpointId STRANGER = id("stranger");

  @TempDir Path temp;
  private Path all;
  private Path media;
  private Path open;

  private static EndpointId id(String name) {
    byte[] secret = Blake3Hasher.hash(name.getBytes(StandardCharsets.UTF_8)).toBytes();
    return SecretKey.of(secret).id();
  }

  @BeforeEach
  void folders() throws IOException {
    all = Files.createDirectories(temp.toRealPath().resolve("all"));
    media = Files.createDirectories(all.resolve("media"));
    open = Files.createDirectories(all.resolve("open"));
  }

  private DaemonRun daemon() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("config.toml"),
            """
            [seeding]
            settle = "50ms"
            settle_open = "100ms"
            [[service]]
            name = "media"
            exposure = "group"
            directory = "%s"
            [[service]]
            name = "open"
            directory = "%s"
            """
                .formatted(media, open));
    return DaemonRun.start(temp.resolve("state"), "--config", config.toString());
  }

  private static void await(String what, BooleanSupplier wish) throws InterruptedException {
    long end = System.nanoTime() + 100_000_000_000L;
    while (!wish.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it takes too long: %s", what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static PeerEndpointFactory.Request request(DaemonRun run) {
    return Objects.requireNonNull(run.endpoint.get()).request;
  }

  private static boolean gets(DaemonRun run, EndpointId peer, Hash hash) throws IOException {
    BlobLookup lookup = request(run).blobs().forPeer(peer).open(hash);
    if (lookup instanceof BlobLookup.Found found) {
      found.reader().close();
      return true;
    }
    assertThat(lookup).isInstanceOf(BlobLookup.Missing.class);
    return false;
  }

  private static Hash seeded(DaemonRun run, Path file) throws Exception {
    Hash hash = Blake3Hasher.hash(Files.readAllBytes(file));
    await("hashed: " + file, () -> run.command("ls").out().contains(file.toString()));
    return hash;
  }

  private static String invite(DaemonRun run, String... more) {
    String[] args = new String[2 + more.length];
    args[0] = "invite";
    args[1] = "media";
    System.arraycopy(more, 0, args, 2, more.length);
    return run.command(args).out().strip();
  }

  private static void prove(DaemonRun run, String invite) throws Exception {
    request(run)
        .groups()
        .proved(Invite.parse(invite).service(), MEMBER, System.currentTimeMillis());
  }

  @Test
  void aFileIsForThoseOfAnyServiceThatHasIt() throws Exception {
    Path secret = TestMedia.write(media.resolve("secret.png"), 1);
    Path both = TestMedia.write(media.resolve("both.png"), 2);
    Files.copy(both, open.resolve("copy.png"));
    try (DaemonRun run = daemon()) {
      Hash hidden = seeded(run, secret);
      Hash shared = seeded(run, both);
      seeded(run, open.resolve("copy.png"));
      prove(run, invite(run));
      assertThat(gets(run, STRANGER, hidden)).isFalse();
      assertThat(gets(run, MEMBER, hidden)).isTrue();
      assertThat(gets(run, STRANGER, shared)).isTrue();
      assertThat(gets(run, MEMBER, shared)).isTrue();
      assertThat(run.command("why", secret.toString()).out())
          .contains("exposure 'group', so that only members get it");
    }
  }

  /** The names of a folder are no more for everybody than its files. */
  @Test
  void aCollectionIsForThoseOfItsFolder() throws Exception {
    seededFolder();
    try (DaemonRun run = daemon()) {
      seeded(run, media.resolve("a.png"));
      seeded(run, open.resolve("b.png"));
      prove(run, invite(run));
      Hash ofGroup = collection(run.command("ticket", media.toString()));
      Hash ofPublic = collection(run.command("ticket", open.toString()));
      Hash ofBoth = collection(run.command("add", all.toString()));
      for (Hash each : List.of(ofGroup, ofBoth)) {
        assertThat(gets(run, STRANGER, each)).isFalse();
        assertThat(gets(run, MEMBER, each)).isTrue();
      }
      assertThat(gets(run, STRANGER, ofPublic)).isTrue();
    }
  }

  private void seededFolder() throws IOException {
    TestMedia.write(media.resolve("a.png"), 3);
    TestMedia.write(open.resolve("b.png"), 4);
  }

  private static Hash collection(DaemonRun.Result result) throws Exception {
    return BlobTicket.parse(result.out().strip().lines().toList().getLast()).content().hash();
  }

  @Test
  void anotherSecretLetsOldMembersOut() throws Exception {
    Path file = TestMedia.write(media.resolve("a.png"), 5);
    try (DaemonRun run = daemon()) {
      Hash hash = seeded(run, file);
      String first = invite(run);
      assertThat(invite(run)).as("there is one secret").isEqualTo(first);
      List<String> lines = run.command("invite", "media", "--qr").out().lines().toList();
      assertThat(lines.getLast()).isEqualTo(first);
      assertThat(String.join("\n", lines.subList(0, lines.size() - 1)) + "\n")
          .isEqualTo(QrCode.of(first).text(false));
      prove(run, first);
      assertThat(gets(run, MEMBER, hash)).isTrue();
      String second = invite(run, "--rotate");
      assertThat(second).startsWith("veilorservice").isNotEqualTo(first);
      assertThat(gets(run, MEMBER, hash)).isFalse();
      prove(run, first);
      assertThat(gets(run, MEMBER, hash)).as("the old secret proves nothing").isFalse();
      prove(run, second);
      assertThat(gets(run, MEMBER, hash)).isTrue();

      // What this node vouches for is not taken back by an old text.
      assertThat(run.command("join", first).exitCode()).isEqualTo(5);
      assertThat(run.command("invite", "open", "--rotate").exitCode()).isZero();
      assertThat(run.command("invite", "open", "--rotate").exitCode()).isEqualTo(5);
      assertOnlyOwnersRead(temp.resolve("state/services"));

      assertThat(run.command("leave", "media").exitCode()).isZero();
      assertThat(gets(run, MEMBER, hash)).isFalse();
    }
  }

  private static void assertOnlyOwnersRead(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      List<Path> found = files.toList();
      assertThat(found).hasSizeGreaterThanOrEqualTo(2);
      for (Path file : found) {
        assertThat(Files.getPosixFilePermissions(file))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  @Test
  void whoJoinsAGroupTakesOverItsNewSecret() throws Exception {
    String realm = id("other origin").toString();
    try (DaemonRun run = daemon()) {
      String first = invite(run);
      Invite own = Invite.parse(first);
      // The same group as another node vouches for it, with one secret and then another.
      Invite foreign = new Invite(own.service(), List.of(id("other origin")), List.of());
      assertThat(run.command("leave", "media").exitCode()).isZero();
      DaemonRun.Result shown = run.command("join", "--show", "“" + foreign.text() + "”.");
      assertThat(shown.out())
          .contains("group service", "Trusts", "learns this node's", "origin   " + realm)
          .doesNotContain("veilorservice");
      assertThat(run.command("leave", "media").exitCode()).as("nothing was joined").isEqualTo(4);
      assertThat(run.command("join", foreign.text()).out()).contains("group service");
      String second = invite(run);
      assertThat(Invite.parse(second).service()).isEqualTo(own.service());
      assertThat(run.command("invite", "media", "--rotate").exitCode())
          .as("only %s may", realm)
          .isEqualTo(5);
    }
  }
}
