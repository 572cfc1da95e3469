package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.membership.BlobSources.Candidate;
import org.veilor.seed.store.Audience;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreOptions;

class BlobAudiencesTest {
  private static final Hash BLOB = hash("blob");
  private static final ServiceKey PUBLIC =
      new ServiceKey.Public(new ServiceName("x.veilor", "downloads"));
  private static final ServiceKey.Group GROUP =
      new ServiceKey.Group(
          new ServiceName("x.veilor", "media"), ServiceSecret.of(hash("secret").toBytes()));
  private static final Hash MARK = Groups.mark(GROUP.name());
  private static final EndpointAddr ANN = EndpointAddr.of(SecretKey.of(hash("ann").toBytes()).id());

  @TempDir private Path state = Path.of("");
  private final List<Invite> invites = new ArrayList<>();

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private Groups groups() {
    return Groups.open(state, () -> invites, () -> 1_000_000_000_000L);
  }

  private BlobStore store() throws Exception {
    return BlobStore.open(state, StoreOptions.defaults());
  }

  private void inGroup() {
    invites.add(new Invite(GROUP, List.of(ANN.id()), List.of()));
  }

  private static boolean stranger(Hash mark) {
    return false;
  }

  @Test
  void withoutGroupsEverythingIsForEverybody() throws Exception {
    try (BlobStore store = store();
        Groups groups = groups()) {
      BlobAudiences audiences = new BlobAudiences(store, groups);
      assertThat(audiences.mayHave(BLOB, BlobAudiencesTest::stranger)).isTrue();
      var found =
          new BlobSources(groups, audiences)
              .choose(BLOB, List.of(new Candidate(ANN, Set.of(PUBLIC))));
      assertThat(found).containsExactly(ANN);
      inGroup();
      groups.refresh();
      // What was fetched before the node was in any group came as anybody gets it.
      assertThat(audiences.mayHave(BLOB, BlobAudiencesTest::stranger)).isTrue();
      assertThat(audiences.mayHave(hash("other"), BlobAudiencesTest::stranger)).isFalse();
      assertThat(audiences.mayHave(hash("other"), MARK::equals)).isFalse();
    }
  }

  @Test
  void whatCameFromAGroupIsForTheGroupAlsoAfterARestart() throws Exception {
    inGroup();
    try (BlobStore store = store();
        Groups groups = groups()) {
      BlobAudiences audiences = new BlobAudiences(store, groups);
      BlobSources sources = new BlobSources(groups, audiences);
      assertThat(sources.choose(BLOB, List.of(new Candidate(ANN, Set.of(GROUP)))))
          .containsExactly(ANN);
      sources.chooseLike(BLOB, hash("part"));
      audiences.belongsTo(BLOB, PUBLIC);
    }
    try (BlobStore store = store();
        Groups groups = groups()) {
      BlobAudiences audiences = new BlobAudiences(store, groups);
      for (Hash each : List.of(BLOB, hash("part"))) {
        assertThat(audiences.mayHave(each, BlobAudiencesTest::stranger)).isFalse();
        assertThat(audiences.mayHave(each, MARK::equals)).isTrue();
      }
      audiences.sweep(hash -> false);
      assertThat(audiences.known(hash("part"))).isNull();
      assertThat(audiences.known(BLOB)).as("it was claimed").isNotNull();
      audiences.belongsNoMore(BLOB);
      assertThat(audiences.known(BLOB)).isNull();
    }
  }

  @Test
  void whatIsMadeHereBelongsToWhomeverItIsMadeFor() throws Exception {
    inGroup();
    try (BlobStore store = store();
        Groups groups = groups()) {
      BlobAudiences audiences = new BlobAudiences(store, groups);
      audiences.belongsTo(BLOB, GROUP);
      audiences.belongsTo(hash("page"), PUBLIC);
      audiences.belongsTo(hash("page"), GROUP);
      assertThat(audiences.known(BLOB)).isEqualTo(new Audience(false, Set.of(MARK), true));
      assertThat(audiences.known(hash("page"))).isEqualTo(new Audience(true, Set.of(), true));
      audiences.evicted(BLOB);
      assertThat(audiences.mayHave(BLOB, MARK::equals)).isTrue();
      assertThat(audiences.mayHave(BLOB, hash("another mark")::equals)).isFalse();
    }
  }
}
