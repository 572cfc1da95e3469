package org.veilor.seed.node.catalogue;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.node.policy.Policy;

class CataloguesTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));

  @TempDir private Path temporary = Path.of("");
  private final List<Node> nodes = new ArrayList<>();

  /** Were the node killed then, its next life would not know what others have heard. */
  private final List<Announcement> toldTooEarly = new CopyOnWriteArrayList<>();

  /** A node whose words are put into a list, and whose blobs others can be given. */
  private final class Node implements Speaker {
    final SecretKey key;
    final Path state;
    final FakeFiles files;
    final Policy policy;
    final CatalogueBlobs blobs = new CatalogueBlobs();
    final Catalogues catalogues;
    final List<Announcement> said = new CopyOnWriteArrayList<>();

    /** Who is asked for blobs. */
    final List<Node> others = new CopyOnWriteArrayList<>();

    final AtomicLong sequence = new AtomicLong(System.currentTimeMillis());

    Node(String name, FakeFiles files) throws IOException {
      this.files = files;
      key = SecretKey.of(FakeFiles.hash(name).toBytes());
      state = temporary.resolve(name);
      Files.createDirectories(state);
      policy = Policy.open(state, System::currentTimeMillis);
      catalogues =
          new Catalogues(
              new Catalogues.Context(
                  state.resolve("catalogues"),
                  key.id(),
                  () -> EndpointAddr.of(key.id()),
                  files,
                  policy,
                  blobs,
                  this,
                  (service, root, issuer) -> this::fetch,
                  System::currentTimeMillis));
      nodes.add(this);
    }

    @Override
    public CompletableFuture<Announcement> sign(String service, Body body) {
      long now = System.currentTimeMillis();
      return CompletableFuture.completedFuture(
          Announcement.sign(key, SERVICE, now, sequence.incrementAndGet(), body));
    }

    @Override
    public void tell(ServiceKey service, Announcement signed) {
      assertThat(service).isEqualTo(SERVICE);
      try {
        if (!wordsOnTheDisk(this).contains(signed)) {
          toldTooEarly.add(signed);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      said.add(signed);
    }

    byte[] fetch(Hash hash, int maxBytes) throws IOException {
      for (Node other : others) {
        if (other.blobs.open(hash) instanceof BlobLookup.Found found) {
          try (var reader = found.reader()) {
            byte[] bytes = new byte[(int) reader.sizeBytes()];
            assertThat(bytes.length).isLessThanOrEqualTo(maxBytes);
            reader.readData(0, bytes, 0, bytes.length);
            return bytes;
          }
        }
      }
      throw new IOException("nobody has it");
    }

    void enter(Invite invite) {
      catalogues.entered(invite);
    }

    Optional<Hash> find(String path) {
      return catalogues.find("media", path).map(Catalogues.Listed::hash);
    }

    long generation() {
      return catalogues.report("media").orElseThrow().origins().stream()
          .flatMap(origin -> origin.here().stream())
          .mapToLong(here -> here.header().generation())
          .max()
          .orElse(-1);
    }

    Node restarted(String name, Invite invite) throws IOException {
      catalogues.close();
      policy.close();
      nodes.remove(this);
      Node again = new Node(name, files);
      again.enter(invite);
      return again;
    }
  }

  @AfterEach
  void close() throws IOException {
    for (Node node : nodes) {
      node.catalogues.close();
      node.policy.close();
    }
    assertThat(toldTooEarly).as("what was told before it was kept").isEmpty();
  }

  private static void await(BooleanSupplier wish) throws InterruptedException {
    long end = System.nanoTime() + SECONDS.toNanos(100);
    while (!wish.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static Invite invite(Node... origins) {
    return new Invite(
        SERVICE, Arrays.stream(origins).map(node -> node.key.id()).toList(), List.of());
  }

  private static List<Announcement> wordsOnTheDisk(Node node) throws IOException {
    Path folder = node.state.resolve("catalogues/" + SERVICE.topic() + "/words");
    List<Announcement> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        found.add(Announcement.decode(Files.readAllBytes(file)));
      }
    } catch (MalformedException e) {
      throw new IOException(e);
    }
    return found;
  }

  @Test
  void aMemberKnowsWhatTheOriginHasAndTellsTheNextOne() throws Exception {
    FakeFiles files = new FakeFiles();
    files.put("files/a.png", "a");
    files.put("b.png", "b");
    Node a = new Node("a", files);
    Node b = new Node("b", new FakeFiles());
    Node c = new Node("c", new FakeFiles());
    Invite invite = invite(a);
    a.enter(invite);
    b.enter(invite);
    c.enter(invite);
    assertThat(a.catalogues.lists(invite)).isTrue();
    assertThat(b.catalogues.lists(invite)).isFalse();
    await(() -> !a.said.isEmpty());
    b.others.add(a);
    b.catalogues.heard(invite, a.said.getFirst());
    await(() -> b.find("files/a.png").isPresent());
    assertThat(b.find("x/b.png")).contains(FakeFiles.hash("b"));
    assertThat(b.find("a.png")).isEmpty();
    assertThat(b.find("../b.png")).isEmpty();

    // Byte for byte to the next one, who has its blobs from the second.
    assertThat(b.catalogues.kept(invite)).containsExactly(a.said.getFirst().encode());
    c.others.add(b);
    c.catalogues.heard(invite, Announcement.decode(b.catalogues.kept(invite).getFirst()));
    await(() -> c.find("b.png").isPresent());

    // After a restart it is all there, without anybody to ask.
    Node again = c.restarted("c", invite);
    assertThat(again.find("b.png")).contains(FakeFiles.hash("b"));
    assertThat(again.catalogues.kept(invite)).hasSize(1);

    // A change; what is old does not come back.
    files.entries.remove("b.png");
    a.catalogues.touched("media", Path.of("b.png"));
    await(() -> a.said.size() == 2);
    b.catalogues.heard(invite, a.said.getLast());
    await(() -> b.generation() == a.generation());
    assertThat(b.find("b.png")).isEmpty();
    b.catalogues.heard(invite, a.said.getFirst());
    assertThat(b.generation()).isEqualTo(a.generation());
    assertThat(b.catalogues.kept(invite)).containsExactly(a.said.getLast().encode());
  }

  @Test
  void anOlderGenerationUnderANewerSequenceIsNotTaken() throws Exception {
    FakeFiles files = new FakeFiles();
    files.put("a.png", "a");
    Node a = new Node("a", files);
    Node b = new Node("b", new FakeFiles());
    Invite invite = invite(a);
    a.enter(invite);
    b.enter(invite);
    b.others.add(a);
    await(() -> !a.said.isEmpty());
    b.catalogues.heard(invite, a.said.getFirst());
    await(() -> b.find("a.png").isPresent());
    Body.Catalogue said = (Body.Catalogue) a.said.getFirst().body();
    for (Body lie :
        List.of(
            new Body.Catalogue(FakeFiles.hash("x"), said.generation() - 1, 1, 1, said.addr()),
            new Body.Catalogue(FakeFiles.hash("x"), said.generation(), 1, 1, said.addr()))) {
      b.catalogues.heard(invite, a.sign("media", lie).join());
    }
    // One that nobody can give: the one before goes on to hold, and it is known that there is one.
    Body next = new Body.Catalogue(FakeFiles.hash("x"), said.generation() + 1, 1, 1, said.addr());
    Announcement newest = a.sign("media", next).join();
    b.catalogues.heard(invite, newest);
    await(() -> b.catalogues.report("media").orElseThrow().origins().getFirst().problem() != null);
    assertThat(b.catalogues.kept(invite)).containsExactly(newest.encode());
    assertThat(b.find("a.png")).contains(FakeFiles.hash("a"));
    // Of somebody who is no origin, should it ever come so far.
    b.catalogues.heard(invite, new Node("d", files).sign("media", said(b)).join());
    assertThat(b.find("a.png")).contains(FakeFiles.hash("a"));
  }

  private static Body said(Node node) {
    SecretKey other = SecretKey.of(FakeFiles.hash("d").toBytes());
    assertThat(other.id()).isNotEqualTo(node.key.id());
    return new Body.Catalogue(
        FakeFiles.hash("y"), Long.MAX_VALUE, 1, 1, EndpointAddr.of(other.id()));
  }

  @Test
  void whatAnOriginHasForgottenIsForgottenAlsoAfterARestart() throws Exception {
    FakeFiles files = new FakeFiles();
    files.put("a.png", "a");
    Node a = new Node("a", files);
    Node b = new Node("b", new FakeFiles());
    Invite invite = invite(a);
    a.enter(invite);
    b.enter(invite);
    long until = System.currentTimeMillis() + 3_600_000;
    Hash hash = FakeFiles.hash("a");
    a.catalogues.forget("media", List.of(hash), until).get(100, SECONDS);
    assertThat(a.policy.denied(hash)).contains("forgotten");
    Announcement forget =
        a.said.stream().filter(s -> s.body() instanceof Body.Forget).findFirst().orElseThrow();
    b.catalogues.heard(invite, forget);
    await(() -> b.policy.denied(hash) != null);
    await(() -> b.catalogues.kept(invite).size() == 1);
    assertThat(b.catalogues.forget("media", List.of(hash), until)).isCompletedExceptionally();

    // The journal is lost: the signed word is enough.
    Files.delete(b.state.resolve("policy.journal"));
    Node again = b.restarted("b", invite);
    await(() -> again.policy.denied(hash) != null);
    assertThat(again.catalogues.kept(invite)).hasSize(1);
    assertThat(again.policy.isForgotten(hash, a.key.id(), until)).isTrue();
    assertThat(again.policy.isForgotten(hash, b.key.id(), until)).isFalse();
    assertThat(again.policy.forgottenBy(hash)).containsExactly(a.key.id());

    // Whoever is no origin any more has nothing to say.
    Invite other = invite(again);
    again.catalogues.left(invite);
    again.catalogues.entered(other);
    assertThat(again.catalogues.kept(other)).isEmpty();
    again.catalogues.left(other);
    again.catalogues.delete(SERVICE.topic());
    await(() -> again.state.resolve("catalogues").toFile().list().length == 0);
  }

  @Test
  void whatCannotBeForgottenHereIsNotSaidAndNotKept() throws Exception {
    Node a = new Node("a", new FakeFiles());
    Invite invite = invite(a);
    a.enter(invite);
    a.policy.close();
    Hash hash = FakeFiles.hash("a");
    long until = System.currentTimeMillis() + 3_600_000;
    assertThat(a.catalogues.forget("media", List.of(hash), until))
        .failsWithin(100, SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(IOException.class);
    assertThat(a.said).extracting(Announcement::body).noneMatch(Body.Forget.class::isInstance);
    assertThat(wordsOnTheDisk(a))
        .extracting(Announcement::body)
        .noneMatch(Body.Forget.class::isInstance);
    Node again = a.restarted("a", invite);
    await(() -> !again.catalogues.kept(invite).isEmpty());
    assertThat(again.policy.denied(hash)).isNull();
  }
}
