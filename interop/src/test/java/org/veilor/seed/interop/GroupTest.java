package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.net.PeerConnection;

/**
 * A group's files go to its members alone; whoever is none gets, each way in, exactly what there is
 * for a blob that does not exist.
 */
final class GroupTest {
  private static final Duration SOON = Duration.ofSeconds(100);

  @TempDir private Path temporary = Path.of("");

  private Path folder(String name) throws IOException {
    return Files.createDirectories(temporary.resolve(name));
  }

  private Path config() throws IOException {
    return TestFiles.config(
        folder("conf"),
        "seeding.settle = \"100ms\"",
        "seeding.settle_open = \"500ms\"",
        "[[service]]",
        "name = \"media\"",
        "exposure = \"group\"",
        "directory = \"" + folder("media") + "\"",
        "[[service]]",
        "name = \"private\"",
        "exposure = \"local\"",
        "directory = \"" + folder("private") + "\"");
  }

  private Daemon.Builder daemon(String name) {
    return Daemon.on(temporary.resolve(name)).shortLived().gateway("127.0.0.1:0");
  }

  private static String hashed(Daemon daemon, Path file) {
    daemon.await("hashing", SOON, d -> !d.why(file).path("hash").asText().isEmpty());
    return daemon.why(file).path("hash").asText();
  }

  private static byte[] fetched(Daemon from, String hash) throws IOException {
    var answer = Http.ask(from.gateway() + "/blobs/" + hash);
    return answer.statusCode() == 200 ? answer.body() : new byte[0];
  }

  private static void awaitNeighbor(Daemon daemon) {
    daemon.await(
        "a neighbour",
        SOON,
        d -> d.status().path("topics").path("media").path("neighbors").asInt() > 0);
  }

  private static ServiceKey.Group group(String invite) {
    try {
      return (ServiceKey.Group) Invite.parse(invite).service();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static String collection(Daemon daemon, Path folder) {
    try {
      return BlobTicket.parse(daemon.ticket(folder)).content().hash().toString();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the group holds is told to no stranger either, by nobody who keeps it. */
  private static void assertCatalogueIsForMembers(
      List<Daemon> daemons, Asker stranger, ServiceKey.Group group) throws IOException {
    try (Asker member = new Asker("reader of the catalogue")) {
      for (Daemon daemon : daemons) {
        daemon.await("a catalogue", SOON, d -> !catalogueRoot(d).isEmpty());
        PeerConnection connection = member.connect(daemon, MembershipProof.ALPN);
        Asker.exchange(connection, member.proof(connection, group));
        String root = catalogueRoot(daemon);
        stranger.assertAbsent(daemon, root);
        assertThat(member.gets(daemon, catalogueRoot(daemon))).isTrue();
      }
    }
  }

  private static String catalogueRoot(Daemon daemon) {
    return daemon.catalogue("media").path("root").asText();
  }

  @Test
  void membersGetTheFilesAndStrangersTheAnswerOfNothing() throws IOException {
    Path old = TestFiles.png(folder("media").resolve("old.png"), 30_000, 1);
    Path secret = TestFiles.png(folder("private").resolve("secret.png"), 20_000, 2);
    try (Daemon a = daemon("a").argument("--config").argument(config()).start();
        Daemon b = daemon("b").start();
        Asker stranger = new Asker("stranger")) {
      String hash = hashed(a, old);
      String invite = a.cli("invite", "media").stdout().getLast();
      assertThat(b.cli("join", invite).stdout().getLast()).contains("group service");
      awaitNeighbor(a);
      awaitNeighbor(b);

      // A member asks in the topic, proves itself and gets it; what is new is announced.
      assertThat(fetched(b, hash)).isEqualTo(Files.readAllBytes(old));
      Path fresh = TestFiles.png(folder("media").resolve("fresh.png"), 40_000, 3);
      String next = hashed(a, fresh);
      b.await("the announcement", SOON, d -> !d.why(next).path("providers").isEmpty());
      assertThat(fetched(b, next)).isEqualTo(Files.readAllBytes(fresh));

      // Neither the origin nor who fetched it gives it to strangers; nor the names of the folder.
      stranger.assertAbsent(a, hash);
      stranger.assertAbsent(b, hash);
      stranger.assertAbsent(a, collection(a, folder("media")));
      Asker.assertAbsentForRust(a, hash);
      assertCatalogueIsForMembers(List.of(a, b), stranger, group(invite));

      // What is local is there for the gateway only.
      String local = hashed(a, secret);
      stranger.assertAbsent(a, local);
      assertThat(fetched(a, local)).isEqualTo(Files.readAllBytes(secret));
      assertThat(fetched(b, local)).isEmpty();
      assertThat(a.tryCli("invite", "private").exit()).isEqualTo(5);
    }
  }

  @Test
  void aProofIsGoodForOneConnectionAndMembershipUntilTheSecretChanges() throws IOException {
    Path file = TestFiles.png(folder("media").resolve("file.png"), 30_000, 4);
    try (Daemon first = daemon("a").argument("--config").argument(config()).start();
        Asker member = new Asker("member");
        Asker thief = new Asker("thief")) {
      String hash = hashed(first, file);
      String invite = first.cli("invite", "media").stdout().getLast();
      assertThat(first.cli("invite", "media").stdout().getLast()).isEqualTo(invite);
      ServiceKey.Group group = group(invite);

      // A proof for another connection, or somebody else's, gets the answer of a stranger.
      PeerConnection one = member.connect(first, MembershipProof.ALPN);
      PeerConnection other = member.connect(first, MembershipProof.ALPN);
      PeerConnection foreign = thief.connect(first, MembershipProof.ALPN);
      byte[] proof = member.proof(one, group);
      String nothing = Asker.exchange(foreign, new byte[] {0});
      assertThat(nothing).isEqualTo("00 end");
      assertThat(Asker.exchange(other, proof)).isEqualTo(nothing);
      assertThat(Asker.exchange(foreign, proof)).isEqualTo(nothing);
      member.assertAbsent(first, hash);
      assertThat(Asker.exchange(one, proof)).startsWith("01").endsWith(" end");
      assertThat(member.gets(first, hash)).isTrue();
      assertThat(member.gets(first, collection(first, folder("media")))).isTrue();
      thief.assertAbsent(first, hash);

      // The proof outlasts a restart of the provider.
      try (Daemon again = first.restart()) {
        assertThat(member.gets(again, hash)).isTrue();
        thief.assertAbsent(again, hash);

        // Another secret: who has the old one is out.
        String fresh = again.cli("invite", "media", "--rotate").stdout().getLast();
        assertThat(fresh).isNotEqualTo(invite);
        member.assertAbsent(again, hash);
        PeerConnection late = member.connect(again, MembershipProof.ALPN);
        assertThat(Asker.exchange(late, member.proof(late, group))).isEqualTo(nothing);
        PeerConnection renewed = member.connect(again, MembershipProof.ALPN);
        assertThat(Asker.exchange(renewed, member.proof(renewed, group(fresh)))).startsWith("01");
        assertThat(member.gets(again, hash)).isTrue();
      }
    }
  }
}
