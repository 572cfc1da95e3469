package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.node.cli.DaemonRun.Result;
import org.veilor.seed.node.daemon.NodeException;
import org.veilor.seed.node.seeding.TestMedia;

/** The commands against a daemon with the real store, in one process, without a network. */
class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FAST =
      "[seeding]\nsettle = \"50ms\"\nsettle_open = \"200ms\"\nscan_interval = \"1h\"\n";

  @TempDir Path temp;

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for: " + what).isLessThan(end);
      Thread.sleep(10);
    }
  }

  private Path config(String text) throws Exception {
    return Files.writeString(temp.resolve("config.toml"), FAST + text);
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectories(temp.toRealPath().resolve(name));
  }

  private DaemonRun daemon(String services) throws Exception {
    return DaemonRun.start(temp.resolve("state"), "--config", config(services).toString());
  }

  private static void awaitSettled(DaemonRun run) throws Exception {
    await(
        "the seeder settles",
        () -> {
          try {
            return JSON.readTree(run.command("status", "--json").out())
                .path("seeding")
                .path("settled")
                .asBoolean();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void aFileThatAppearsHasATicketSecondsLater() throws Exception {
    Path media = folder("media");
    try (DaemonRun run = daemon("[[service]]\nname = \"media\"\ndirectory = \"" + media + "\"\n")) {
      assertThat(run.readyLine())
          .matches("READY endpoint=[0-9a-f]{64} listen=127\\.0\\.0\\.1:4999 gateway=off\n");
      Path file = TestMedia.write(media.resolve("p.png"), 1);
      await("the ticket", () -> run.command("ticket", file.toString()).exitCode() == 0);
      BlobTicket ticket = BlobTicket.parse(run.command("ticket", file.toString()).out().strip());
      Hash hash = Blake3Hasher.hash(Files.readAllBytes(file));
      assertThat(ticket.content().hash()).isEqualTo(hash);
      assertThat(ticket.content().format()).isEqualTo(BlobFormat.RAW);
      assertThat(ticket.addr().ipAddrs())
          .extracting(Object::toString)
          .containsExactly("127.0.0.1:4999");
      assertThat(
              BlobTicket.parse(
                      run.command("ticket", "--format", "id", hash.toString()).out().strip())
                  .addr()
                  .addrs())
          .isEmpty();

      assertThat(run.command("ls").out()).contains(hash + "  ").contains(file.toString());
      JsonNode listed = JSON.readTree(run.command("ls", "media", "--json").out());
      assertThat(listed).hasSize(1);
      assertThat(listed.get(0).path("hash").asText()).isEqualTo(hash.toString());
      assertThat(run.command("why", file.toString()).out())
          .startsWith(file + ": seeded: it is seeded in place");
      assertThat(run.command("why", hash.toString()).out()).contains("file: " + file);
      assertThat(run.command("status").out())
          .contains("service media    1 files")
          .contains("watcher          inotify, 1 of ");

      BlobTicket folder = BlobTicket.parse(run.command("ticket", media.toString()).out().strip());
      assertThat(folder.content().format()).isEqualTo(BlobFormat.HASH_SEQUENCE);
      BlobLookup lookup =
          Objects.requireNonNull(run.endpoint.get())
              .request
              .blobs()
              .forPeer(folder.addr().id())
              .open(folder.content().hash());
      assertThat(lookup).isInstanceOf(BlobLookup.Found.class);
      ((BlobLookup.Found) lookup).reader().close();
    }
  }

  @Test
  void addPrintsTicketsForFilesAndFolders() throws Exception {
    Path album = folder("album");
    TestMedia.write(album.resolve("a.png"), 1);
    Files.writeString(album.resolve("b.txt"), "text");
    Path notes = Files.writeString(temp.toRealPath().resolve("notes.txt"), "notes");
    Path database = Files.writeString(temp.resolve("x.png"), "SQLite format 3\u0000");
    try (DaemonRun run = daemon("")) {
      Result both = run.command("add", album.toString(), notes.toString());
      assertThat(both.exitCode()).isZero();
      assertThat(both.out().lines()).hasSize(2);
      assertThat(both.err()).contains("seeding " + album + " (2 files, ");
      BlobTicket folder = BlobTicket.parse(both.out().lines().findFirst().orElseThrow());
      assertThat(folder.content().format()).isEqualTo(BlobFormat.HASH_SEQUENCE);
      assertThat(run.command("ticket", album.toString()).out().strip())
          .isEqualTo(folder.toString());
      assertThat(run.command("ticket", folder.content().hash().toString()).out().strip())
          .isEqualTo(folder.toString());
      assertThat(run.command("why", album.toString()).out()).contains("seeded as a collection");

      Result raw = run.command("add", "--raw", album.toString(), "--json");
      assertThat(JSON.readTree(raw.out())).hasSize(2);
      Result single = run.command("add", "--collection", notes.toString());
      assertThat(BlobTicket.parse(single.out().strip()).content().format())
          .isEqualTo(BlobFormat.HASH_SEQUENCE);

      Result refused = run.command("add", database.toString());
      assertThat(refused.exitCode()).isEqualTo(5);
      assertThat(refused.err()).contains("its content is a SQLite database");
      assertThat(refused.out()).isEmpty();
      Result absent = run.command("add", temp.resolve("none").toString());
      assertThat(absent.exitCode()).isEqualTo(4);
      Result none = run.command("ticket", temp.resolve("none").toString());
      assertThat(none.exitCode()).isEqualTo(4);
      assertThat(none.err()).contains("has no ticket");
      assertThat(run.command("ls", "nobody").exitCode()).isEqualTo(4);
      assertThat(run.command("resume", "nobody").exitCode()).isEqualTo(4);
      assertThat(run.command("ticket", "0".repeat(64)).exitCode()).isEqualTo(4);
    }
  }

  @Test
  void whyNamesTheRule() throws Exception {
    Path media = folder("media");
    Files.writeString(media.resolve("note"), "text");
    Files.writeString(media.resolve("x.tmp"), "t");
    Path good = TestMedia.write(media.resolve("good"), 1);
    Files.createSymbolicLink(media.resolve("link"), good);
    try (DaemonRun run = daemon("[[service]]\nname = \"media\"\ndirectory = \"" + media + "\"\n")) {
      awaitSettled(run);
      await("the young file", () -> run.command("ticket", good.toString()).exitCode() == 0);
      awaitSettled(run);
      assertThat(run.command("why", media.resolve("note").toString()).out())
          .contains("refused: it is text, not static media");
      assertThat(run.command("why", media.resolve("x.tmp").toString()).out())
          .contains("unfinished or temporary");
      assertThat(run.command("why", media.resolve("link").toString()).out())
          .contains("symbolic link");
      assertThat(run.command("why", media.toString()).out()).contains("it is a folder");
      assertThat(run.command("why", temp.resolve("config.toml").toString()).out())
          .contains("lies in no folder of a service");
      assertThat(run.command("why", media.resolve("absent").toString()).out())
          .contains("no such file or folder");
      assertThat(run.command("why", "http://127.0.0.1/x").exitCode()).isEqualTo(2);
      JsonNode json = JSON.readTree(run.command("why", "--json", good.toString()).out());
      assertThat(json.path("seeded").asBoolean()).isTrue();
    }
  }

  @Test
  void servicesThatAreNotPublicAreGivenToNobody() throws Exception {
    Path media = folder("media");
    Path file = TestMedia.write(media.resolve("f"), 1);
    String service = "[[service]]\nname = \"media\"\ndirectory = \"" + media + "\"\n";
    Hash hash = Blake3Hasher.hash(Files.readAllBytes(file));
    try (DaemonRun run = daemon(service + "exposure = \"local\"\n")) {
      await("it is hashed", () -> run.command("ls").out().contains(hash.toString()));
      var request = Objects.requireNonNull(run.endpoint.get()).request;
      var blobs = request.blobs().forPeer(request.key().id());
      assertThat(blobs.open(hash)).isInstanceOf(BlobLookup.Missing.class);
      assertThat(run.command("why", file.toString()).out()).contains("exposure 'local'");

      config(service + "exposure = \"public\"\n");
      Result reload = reload(run);
      assertThat(reload.out()).contains("changed media");
      BlobLookup found = blobs.open(hash);
      assertThat(found).isInstanceOf(BlobLookup.Found.class);
      ((BlobLookup.Found) found).reader().close();

      config("[endpoint]\nlisten = [\"127.0.0.1:1\"]\n[oops]\n");
      assertThat(reload(run).err()).contains("oops: unknown key");
      config("");
      assertThat(reload(run).out()).contains("removed media");
      assertThat(blobs.open(hash)).isInstanceOf(BlobLookup.Missing.class);
    }
  }

  private static Result reload(DaemonRun run) {
    try {
      String done =
          new org.veilor.seed.node.control.ControlClient(run.state.resolve("control.sock"))
              .post("/reload", Map.of(), null)
              .path("done")
              .asText();
      return new Result(0, done, "");
    } catch (Exception e) {
      return new Result(2, "", String.valueOf(e.getMessage()));
    }
  }

  @Test
  void aFolderNamedThroughALinkIsSeededUnderItsRealPath() throws Exception {
    Path real = folder("real");
    Path link = Files.createSymbolicLink(temp.resolve("link"), real);
    TestMedia.write(real.resolve("f"), 1);
    try (DaemonRun run = daemon("[[service]]\nname = \"media\"\ndirectory = \"" + link + "\"\n")) {
      Path named = link.resolve("f");
      await("the ticket", () -> run.command("ticket", named.toString()).exitCode() == 0);
      assertThat(run.command("ls").out()).contains(real.resolve("f").toString());
      String first = run.command("ticket", link.toString()).out();
      Path second = TestMedia.write(real.resolve("g"), 2);
      await("the second", () -> run.command("ticket", second.toString()).exitCode() == 0);
      assertThat(run.command("ticket", link.toString()).out())
          .as("a collection of a service holds what is there now")
          .isNotEqualTo(first);
      BlobTicket single =
          BlobTicket.parse(run.command("ticket", "--collection", named.toString()).out().strip());
      assertThat(single.content().format()).isEqualTo(BlobFormat.HASH_SEQUENCE);
    }
  }

  @Test
  void aRestartKeepsTheIdentityAndReadsNothingAgain() throws Exception {
    Path media = folder("media");
    for (int i = 0; i < 50; i++) {
      TestMedia.write(media.resolve("f" + i), i);
    }
    String service = "[[service]]\nname = \"media\"\ndirectory = \"" + media + "\"\n";
    String ready;
    try (DaemonRun run = daemon(service)) {
      ready = run.readyLine();
      await("50 files", () -> run.command("ls").out().lines().count() == 50);
    }
    try (DaemonRun run = daemon(service)) {
      assertThat(run.readyLine()).isEqualTo(ready);
      awaitSettled(run);
      JsonNode status = JSON.readTree(run.command("status", "--json").out());
      assertThat(status.path("seeding").path("hashed").asLong()).isZero();
      assertThat(status.path("store").path("paths").asLong()).isEqualTo(50);
      assertThat(status.path("peers").path("connections_open").asLong()).isEqualTo(3);
    }
  }

  @Test
  void theGatewayServesWhatAServicePublished() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("files"));
    byte[] picture = Files.readAllBytes(TestMedia.write(folder.resolve("a.png"), 5));
    try (DaemonRun daemon =
        DaemonRun.start(
            temp.resolve("state"), "--service", "media=" + folder, "--gateway", "127.0.0.1:0")) {
      String url = daemon.readyLine().replaceFirst("(?s).* gateway=(\\S+).*", "$1");
      HttpResponse<byte[]> answer = get(url + "/s/media/a.png");
      for (int i = 0; i < 200 && answer.statusCode() == 404; i++) {
        Thread.sleep(50); // until it is seeded
        answer = get(url + "/s/media/a.png");
      }
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(picture);
      String hash = answer.headers().firstValue("ETag").orElseThrow().replace("\"", "");
      assertThat(get(url + "/s/media/files/a.png").body()).isEqualTo(picture);
      assertThat(get(url + "/blobs/" + hash).body()).isEqualTo(picture);
      assertThat(get(url + "/blobs/" + "07".repeat(32)).statusCode()).isEqualTo(404);
      assertThat(get(url + "/s/other/a.png").statusCode()).isEqualTo(404);
      assertThat(get(url + "/s/media/b.png").statusCode()).isEqualTo(404);
      assertThat(new String(get(url + "/metrics").body(), StandardCharsets.UTF_8))
          .contains("veilor_seed_cache_max_bytes");
    }
  }

  private static HttpResponse<byte[]> get(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  @Test
  void aPinOutlastsItsFailureAndEndsWithUnpin() throws Exception {
    Path state = temp.resolve("state");
    String hash = "07".repeat(32);
    try (DaemonRun daemon = DaemonRun.start(state)) {
      assertThat(daemon.command("pin", "nonsense"))
          .satisfies(result -> {
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).contains("'nonsense' is neither a blob ticket nor a hash");
          });
      assertThat(daemon.command("pin", hash))
          .satisfies(result -> {
            assertThat(result.exitCode()).isEqualTo(4);
            assertThat(result.err()).contains("is pinned but not here yet").contains("nobody is");
          });
      assertThat(daemon.command("ls", "--cached").out()).contains(hash).contains("missing, pinned");
      assertThat(daemon.command("why", hash).out())
          .contains("pinned: it is pinned and not here yet; the last try failed: nobody is known");
      assertThat(daemon.command("status").out()).contains("ALERT").contains("1 pins are not here");
      assertThat(daemon.command("unpin", hash).exitCode()).isZero();
      assertThat(daemon.command("unpin", hash).exitCode()).isEqualTo(4);
      assertThat(daemon.command("ls", "--cached").out()).isEmpty();
      assertThat(daemon.command("why", "http://127.0.0.1:8471/blobs/" + hash).out())
          .contains("unknown: no file with this hash is seeded here, and nobody is known");
      assertThat(daemon.command("why", "http://127.0.0.1:8471/s/none/a.png").out())
          .contains("there is no service 'none'; the gateway answers 404");
      assertThat(daemon.command("why", "http://127.0.0.1:8471/metrics").exitCode()).isEqualTo(2);
    }
  }

  @Test
  void getSaysWhatIsWrongWithItsWords() {
    Path state = temp.resolve("state");
    assertThat(DaemonRun.command(state, "get", "nonsense"))
        .satisfies(result -> {
          assertThat(result.exitCode()).isEqualTo(2);
          assertThat(result.err()).contains("'nonsense' is neither a blob ticket nor a hash");
        });
    assertThat(DaemonRun.command(state, "get", "07".repeat(32)))
        .satisfies(result -> {
          assertThat(result.exitCode()).isEqualTo(4);
          assertThat(result.err()).contains("give a ticket or an --origin, or start the daemon");
        });
  }

  @Test
  void everythingThatCanGoWrongAtTheStartIsOneSentence() throws Exception {
    Path state = temp.resolve("state");
    assertThat(DaemonRun.command(state, "status"))
        .satisfies(result -> {
          assertThat(result.exitCode()).isEqualTo(3);
          assertThat(result.err().lines()).hasSize(1);
          assertThat(result.err()).contains("no daemon answers on " + state);
        });
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(DaemonRun.command(state, "run", "--gateway", "127.0.0.1:" + busy.getLocalPort()))
          .satisfies(result -> {
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains("the gateway cannot listen").contains("--gateway");
          });
    }
    assertThat(DaemonRun.command(state, "run", "--service", "a=" + temp.resolve("none")))
        .satisfies(result -> {
          assertThat(result.exitCode()).isEqualTo(2);
          assertThat(result.err()).contains("is no folder; make it, or correct the path");
        });
    assertThat(DaemonRun.command(state, "run", "--lisen", "x").err())
        .contains("Unknown option")
        .contains("veilor-seed run --help");
    assertThat(DaemonRun.command(state, "run", "--config", temp.resolve("no").toString()).err())
        .contains("cannot be read (no such file)");
    try (DaemonRun run = daemon("")) {
      Result second =
          DaemonRun.command(run.state, "run", "--listen", "127.0.0.1:0", "--gateway", "off");
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.err().lines()).hasSize(1);
      assertThat(second.err()).contains(run.state.toString());
    }
    Path deep = temp.resolve("d".repeat(100));
    assertThat(DaemonRun.command(deep, "run", "--listen", "127.0.0.1:0", "--gateway", "off").err())
        .contains("longer than the 107 bytes that a Unix socket may have");
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThat(
            DaemonRun.command(
                    file.resolve("state"), "run", "--listen", "127.0.0.1:0", "--gateway", "off")
                .err())
        .contains("cannot be made");
  }

  @Test
  void aBusyPortStopsTheStartAndFreesTheState() throws Exception {
    Path state = temp.resolve("state");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Main main =
        new Main(
            System.out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of("VEILOR_SEED_STATE", state.toString()),
            request -> {
              throw new NodeException("UDP 127.0.0.1:1 is in use; choose another with --listen");
            });
    assertThat(main.execute("run")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("veilor-seed: UDP 127.0.0.1:1 is in use; choose another with --listen\n");
    try (DaemonRun run = daemon("")) {
      assertThat(run.readyLine()).startsWith("READY ");
    }
  }

  @Test
  void theDoctorNamesCures() throws Exception {
    Path media = folder("media");
    Files.writeString(media.resolve("PG_VERSION"), "16");
    Result result =
        DaemonRun.command(
            temp.resolve("state"),
            "doctor",
            "--service",
            "media=" + media,
            "--service",
            "gone=" + temp.resolve("gone"),
            "--listen",
            "127.0.0.1:0");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .contains("is the data of PostgreSQL")
        .contains("-> name the folder with the media instead")
        .contains("is not there or no folder")
        .contains("UDP 127.0.0.1:0 is free");
    JsonNode json =
        JSON.readTree(
            DaemonRun.command(temp.resolve("state"), "doctor", "--json", "--listen", "127.0.0.1:0")
                .out());
    assertThat(json.findValuesAsText("check"))
        .contains("java", "engine", "inotify", "disk", "clock", "epoll");
  }

  @Test
  void configChecksShowsAndGivesAnExample() throws Exception {
    Path state = temp.resolve("state");
    String example = DaemonRun.command(state, "config", "example").out();
    Path file = Files.writeString(temp.resolve("example.toml"), example);
    assertThat(DaemonRun.command(state, "config", "check", "--config", file.toString()))
        .satisfies(result -> {
          assertThat(result.exitCode()).isZero();
          assertThat(result.err()).contains("is fine: 1 services");
        });
    assertThat(DaemonRun.command(state, "config", "show", "--config", file.toString()).out())
        .contains("directory = \"/srv/media\"");
    Files.writeString(file, "[endpoint]\nlistn = 1\n[x]\n");
    Result wrong = DaemonRun.command(state, "config", "check", "--config", file.toString());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err().lines()).hasSize(2);
    assertThat(wrong.err())
        .contains(file + ":2: endpoint.listn: unknown key; did you mean 'listen'?");
  }

  @Test
  void everyCommandHasHelpAndShellsComplete() {
    Path state = temp.resolve("state");
    Result help = DaemonRun.command(state, "--help");
    assertThat(help.exitCode()).isZero();
    for (String command :
        "run add ticket ls status why resume hash doctor config version completion"
            .split(" ", -1)) {
      assertThat(help.out()).contains(command);
      assertThat(DaemonRun.command(state, command, "--help").out())
          .startsWith("Usage: veilor-seed " + command);
    }
    assertThat(DaemonRun.command(state, "completion", "bash").out()).contains("complete -F");
    assertThat(DaemonRun.command(state, "completion", "zsh").out()).contains("bashcompinit");
    assertThat(DaemonRun.command(state, "completion", "fish").out())
        .contains("complete -c veilor-seed -n '__fish_seen_subcommand_from run' -l service -r");
    assertThat(DaemonRun.command(state, "version").out()).startsWith("veilor-seed ");
    assertThat(DaemonRun.command(state, "--version").out()).startsWith("veilor-seed ");
  }
}
