package org.veilor.seed.node.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.announce.Memberships;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.Preset;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.policy.Policy;
import org.veilor.seed.node.policy.PolicyEntry;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreOptions;

class ForgetScopeTest {
  private static final EndpointId SELF = SecretKey.of(FakeFiles.hash("self").toBytes()).id();
  private static final EndpointId ORIGIN = SecretKey.of(FakeFiles.hash("origin").toBytes()).id();
  private static final byte[] CONTENT = new byte[5_000];
  private static final Hash HASH = Blake3Hasher.hash(CONTENT);

  @TempDir private Path temporary = Path.of("");

  private ServiceSettings service(String name, Exposure exposure) {
    return new ServiceSettings(
        name,
        "",
        Preset.MEDIA,
        temporary.resolve(name),
        exposure,
        Names.CLEAR,
        URI.create("http://127.0.0.1:1"),
        Long.MAX_VALUE);
  }

  private Path file(String service, String name) throws Exception {
    Path folder = temporary.resolve(service).resolve("sub");
    Files.createDirectories(folder);
    return Files.write(folder.resolve(name), CONTENT);
  }

  private static ServiceKey key(String name) {
    return new ServiceKey.Public(new ServiceName("x.veilor", name));
  }

  private static List<String> listed(StoredFiles files, String service) {
    List<String> paths = new ArrayList<>();
    files.forEach(service, each -> paths.add(each.path().text()));
    return paths;
  }

  @Test
  void anOriginHasASayOverItsOwnServiceOnly() throws Exception {
    Path state = temporary.resolve("state");
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults());
        Policy policy = Policy.open(state, System::currentTimeMillis)) {
      Memberships memberships = Memberships.open(state);
      memberships.put(new Invite(key("media"), List.of(ORIGIN), List.of()));
      ForgetScope scope = new ForgetScope(policy, store, memberships, SELF);
      StoredFiles files =
          new StoredFiles(
              store,
              scope,
              () ->
                  List.of(
                      service("media", Exposure.PUBLIC),
                      service("mine", Exposure.PUBLIC),
                      service("team", Exposure.GROUP),
                      service("home", Exposure.LOCAL)));
      Path theirs = file("media", "a.png");
      Path mine = file("mine", "b.png");
      store.importFile("media", theirs);
      store.importFile("mine", mine);
      store.importFile("home", file("home", "c.png"));
      assertThat(listed(files, "media")).containsExactly("sub/a.png");
      assertThat(listed(files, "home")).as("a local one").isEmpty();
      assertThat(files.names(key("home"))).isEmpty();
      assertThat(files.names(key("media"))).contains(Names.CLEAR);
      assertThat(files.names(key("team"))).as("a group, on a public topic").isEmpty();
      assertThat(
              files.names(
                  new ServiceKey.Group(
                      key("team").name(), ServiceSecret.of(new byte[ServiceSecret.LENGTH]))))
          .isPresent();
      assertThat(files.pathOf("media", theirs)).contains(new CataloguePath("sub/a.png"));
      assertThat(files.pathOf("media", mine)).isEqualTo(Optional.empty());
      assertThat(files.entry("media", theirs).orElseThrow().mediaType()).isEqualTo("image/png");
      assertThat(files.entry("mine", theirs)).isEmpty();

      long until = System.currentTimeMillis() + 3_600_000;
      policy.forget(List.of(new PolicyEntry.Forget(HASH, 1, ORIGIN, until)));
      assertThat(scope.denied(HASH)).as("seeded from a folder of ours, too").isNull();
      assertThat(scope.denied(HASH, "media")).contains("forgotten");
      assertThat(listed(files, "media")).isEmpty();
      assertThat(listed(files, "mine")).containsExactly("sub/b.png");

      store.removePath("mine", mine, "deleted");
      store.removePath("home", temporary.resolve("home/sub/c.png"), "deleted");
      assertThat(scope.denied(HASH)).contains("forgotten");
      store.importFile("mine", mine);
      assertThat(scope.denied(HASH)).isNull();

      policy.forget(List.of(new PolicyEntry.Forget(HASH, 1, SELF, until + 1)));
      assertThat(scope.denied(HASH)).as("forgotten by this node itself").isNotNull();
      policy.deny(List.of(HASH), "no");
      assertThat(scope.denied(HASH)).contains("operator");
      assertThat(policy.forgottenBy(HASH)).isEmpty();
    }
  }

  /** Regression: the word that held longest replaced that of the other origin. */
  @Test
  void whatTwoOriginsHaveForgottenIsForgottenByBothOverARestart() throws Exception {
    Path state = temporary.resolve("state");
    EndpointId other = SecretKey.of(FakeFiles.hash("other").toBytes()).id();
    long now = System.currentTimeMillis();
    AtomicLong clock = new AtomicLong(now);
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults());
        Policy policy = Policy.open(state, clock::get)) {
      Memberships memberships = Memberships.open(state);
      memberships.put(new Invite(key("media"), List.of(ORIGIN, SELF), List.of()));
      memberships.put(new Invite(key("mine"), List.of(other), List.of()));
      store.importFile("media", file("media", "a.png"));
      store.importFile("mine", file("mine", "b.png"));
      ForgetScope scope = new ForgetScope(policy, store, memberships, SELF);
      policy.forget(List.of(new PolicyEntry.Forget(HASH, 1, ORIGIN, now + 1_000)));
      assertThat(scope.denied(HASH, "media")).as("of two origins, one").contains("forgotten");
      assertThat(scope.denied(HASH)).as("seeded for the other service").isNull();
      policy.forget(List.of(new PolicyEntry.Forget(HASH, 1, other, now + 9_000)));
      assertThat(scope.denied(HASH)).as("both services").contains("forgotten");
      assertThat(scope.denied(HASH, "media")).contains("forgotten");
    }
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults());
        Policy policy = Policy.open(state, clock::get)) {
      ForgetScope scope = new ForgetScope(policy, store, Memberships.open(state), SELF);
      assertThat(policy.forgottenBy(HASH)).containsExactlyInAnyOrder(ORIGIN, other);
      assertThat(policy.isForgotten(HASH, ORIGIN, now + 1_000)).isTrue();
      assertThat(scope.denied(HASH)).contains("forgotten");
      clock.addAndGet(2_000);
      assertThat(policy.forgottenBy(HASH)).containsExactly(other);
      assertThat(scope.denied(HASH)).as("the first word has ended").isNull();
      assertThat(scope.denied(HASH, "mine")).contains("forgotten");
      assertThat(policy.entries()).hasSize(1);
    }
  }
}
