package org.veilor.seed.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.Members.Member;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

class GroupsTest {
  private static final ServiceName NAME = new ServiceName("x.veilor", "media");
  private static final long DAY = 24 * 3_600_000L;
  private static final EndpointId ANN = id("ann");
  private static final EndpointId BEN = id("ben");
  private static final EndpointId ORIGIN = id("origin");

  @TempDir private Path state = Path.of("");
  private final List<Invite> invites = new ArrayList<>();
  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EndpointId id(String name) {
    return SecretKey.of(hash(name).toBytes()).id();
  }

  private static ServiceKey.Group group(String secret) {
    return new ServiceKey.Group(NAME, ServiceSecret.of(hash(secret).toBytes()));
  }

  private static Invite invite(ServiceKey service) {
    return new Invite(service, List.of(ORIGIN), List.of(EndpointAddr.of(BEN)));
  }

  private Groups open() {
    return Groups.open(state, () -> invites, now::get);
  }

  private Path file() {
    return state.resolve("services/members");
  }

  @Test
  void aNodeWithoutGroupsKeepsNothing() {
    invites.add(invite(new ServiceKey.Public(NAME)));
    try (Groups groups = open()) {
      assertThat(groups.hasBeenInGroups()).isFalse();
      assertThat(groups.markOf(invites.getFirst().service())).isNull();
      groups.proved(invites.getFirst().service(), ANN, now.get());
      assertThat(groups.size()).isZero();
    }
    assertThat(file()).doesNotExist();
  }

  @Test
  void whoProvedItIsAMemberForADayAlsoAfterARestart() throws IOException {
    invites.add(invite(group("secret")));
    Hash mark = Groups.mark(NAME);
    try (Groups groups = open()) {
      assertThat(groups.isMember(mark, ANN)).isFalse();
      groups.proved(group("secret"), ANN, now.get());
      groups.proved(group("another"), BEN, now.get());
      assertThat(groups.isMember(mark, ANN)).isTrue();
      assertThat(groups.isMember(mark, BEN)).isFalse();
      assertThat(groups.shared(ANN)).containsExactly(mark);
    }
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    now.addAndGet(DAY - 1);
    try (Groups groups = open()) {
      assertThat(groups.isMember(mark, ANN)).isTrue();
      now.incrementAndGet();
      assertThat(groups.isMember(mark, ANN)).isFalse();
    }
  }

  /** An old announcement, passed on for long, says nothing about now, and takes nothing back. */
  @Test
  void whatWasSaidLongAgoCountsFromThen() {
    invites.add(invite(group("secret")));
    Hash mark = Groups.mark(NAME);
    try (Groups groups = open()) {
      groups.proved(group("secret"), ANN, now.get() - DAY);
      assertThat(groups.isMember(mark, ANN)).isFalse();
      groups.proved(group("secret"), ANN, now.get());
      groups.proved(group("secret"), ANN, now.get() - DAY / 2);
      now.addAndGet(DAY - 1);
      assertThat(groups.isMember(mark, ANN)).isTrue();
    }
  }

  @Test
  void aProofWithinTheHourIsNotWrittenDownAgainAndAClockSetBackKeepsNobodyOut() {
    invites.add(invite(group("secret")));
    Hash mark = Groups.mark(NAME);
    try (Groups groups = open()) {
      groups.proved(group("secret"), ANN, now.get());
      now.addAndGet(MembershipLimits.RENEW_MILLIS - 1);
      groups.proved(group("secret"), ANN, now.get());
      now.addAndGet(DAY - MembershipLimits.RENEW_MILLIS + 1);
      assertThat(groups.isMember(mark, ANN)).isFalse();
      groups.proved(group("secret"), ANN, now.get());
      now.addAndGet(MembershipLimits.RENEW_MILLIS);
      groups.proved(group("secret"), ANN, now.get());
      now.addAndGet(DAY - 1);
      assertThat(groups.isMember(mark, ANN)).isTrue();
      now.addAndGet(-3 * DAY);
      assertThat(groups.isMember(mark, ANN)).isFalse();
      groups.proved(group("secret"), ANN, now.get());
      assertThat(groups.isMember(mark, ANN)).isTrue();
    }
  }

  @Test
  void anotherSecretForgetsWhoKnewTheOldOne() {
    invites.add(invite(group("old")));
    Hash mark = Groups.mark(NAME);
    try (Groups groups = open()) {
      groups.proved(group("old"), ANN, now.get());
      invites.set(0, invite(group("new")));
      groups.refresh();
      assertThat(groups.isMember(mark, ANN)).isFalse();
      groups.proved(group("old"), ANN, now.get());
      assertThat(groups.isMember(mark, ANN)).isFalse();
      assertThat(groups.size()).isZero();
      invites.clear();
      groups.refresh();
      assertThat(groups.all()).isEmpty();
      assertThat(groups.hasBeenInGroups()).as("what it holds may be a group's").isTrue();
    }
    try (Groups groups = open()) {
      assertThat(groups.hasBeenInGroups()).isTrue();
    }
  }

  @Test
  void proofsAreForThoseWhoAreExpectedInAGroup() {
    invites.add(invite(group("secret")));
    try (Groups groups = open()) {
      assertThat(groups.expected(ORIGIN)).containsExactly(group("secret"));
      assertThat(groups.expected(BEN)).containsExactly(group("secret"));
      assertThat(groups.expected(ANN)).isEmpty();
      groups.proved(group("secret"), ANN, now.get());
      assertThat(groups.expected(ANN)).containsExactly(group("secret"));
    }
  }

  @Test
  void aDamagedFileMeansThatMembersProveAgain() throws Exception {
    invites.add(invite(group("secret")));
    try (Groups groups = open()) {
      groups.proved(group("secret"), ANN, now.get());
    }
    byte[] bytes = Files.readAllBytes(file());
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 1;
      assertThatThrownBy(() -> MemberFile.decode(damaged)).isInstanceOf(MalformedException.class);
    }
    bytes[3] ^= 1;
    Files.write(file(), bytes);
    try (Groups groups = open()) {
      assertThat(groups.isMember(Groups.mark(NAME), ANN)).isFalse();
      groups.proved(group("secret"), ANN, now.get());
    }
    assertThat(MemberFile.decode(Files.readAllBytes(file())))
        .containsExactly(new Member(group("secret").topic(), ANN, now.get()));
  }
}
