package org.veilor.seed.quic.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;

/** Connection ids of both sides (RFC 9000 §5.1). */
class ConnectionIdsTest {
  private static ConnectionId id(int value) {
    return ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) value});
  }

  private static final class Source implements ConnectionIdSource {
    private int next = 100;

    @Override
    public ConnectionId newConnectionId() {
      return id(next++);
    }

    @Override
    public byte[] resetTokenFor(ConnectionId id) {
      return new byte[16];
    }
  }

  private static Frame.NewConnectionId frame(int sequence, int retire) {
    return new Frame.NewConnectionId(sequence, retire, id(sequence), new byte[16]);
  }

  // ---- ours

  private final LocalConnectionIds local = new LocalConnectionIds(new Source(), id(99));

  private List<Long> announce() {
    List<Long> announced = new ArrayList<>();
    for (var f = local.nextAnnouncement(); f != null; f = local.nextAnnouncement()) {
      announced.add(f.sequence());
      local.onAnnounced();
    }
    return announced;
  }

  @Test
  void issuesAsManyAsThePeerKeepsAndNoMoreThanItsOwnLimit() {
    local.issueUpTo(3);
    assertThat(announce()).containsExactly(1L, 2L);
    local.issueUpTo(1000);
    assertThat(local.all()).hasSize(TransportConfig.MAX_ISSUED_CONNECTION_IDS);
    assertThat(local.takeNewlyIssued()).hasSize(4);
    assertThat(local.takeNewlyIssued()).isEmpty();
  }

  @Test
  void aRetiredIdIsReplacedAndNoLongerRouted() throws TransportException {
    local.issueUpTo(3);
    announce();
    local.onRetired(new Frame.RetireConnectionId(1), id(99));
    assertThat(local.takeNewlyRetired()).containsExactly(id(100));
    local.issueUpTo(3);
    assertThat(announce()).containsExactly(3L);
    local.onRetired(new Frame.RetireConnectionId(1), id(99));
    assertThat(local.takeNewlyRetired()).as("twice is no error").isEmpty();
  }

  @Test
  void retiringWhatWasNeverIssuedOrIsInUseIsAnError() {
    assertThatThrownBy(() -> local.onRetired(new Frame.RetireConnectionId(1), id(99)))
        .hasMessageContaining("never issued");
    assertThatThrownBy(() -> local.onRetired(new Frame.RetireConnectionId(0), id(99)))
        .hasMessageContaining("in use");
  }

  @Test
  void aLostAnnouncementIsRepeatedOnceWhileTheIdLives() throws TransportException {
    local.issueUpTo(3);
    announce();
    local.onAnnouncementLost(1);
    local.onAnnouncementLost(1);
    assertThat(announce()).containsExactly(1L);
    local.onRetired(new Frame.RetireConnectionId(1), id(99));
    local.onAnnouncementLost(1);
    assertThat(announce()).isEmpty();
  }

  // ---- the peer's

  private final RemoteConnectionIds remote = new RemoteConnectionIds(id(0));

  @Test
  void rotatesThroughWhatThePeerIssued() throws TransportException {
    assertThat(remote.rotate()).as("none to change to").isFalse();
    remote.onNew(frame(1, 0));
    remote.onNew(frame(2, 0));
    assertThat(remote.rotate()).isTrue();
    assertThat(remote.current()).isEqualTo(id(1));
    assertThat(remote.nextRetirement()).isZero();
  }

  /** A repeated NEW_CONNECTION_ID of an id already left used to bring the dead id back. */
  @Test
  void anIdThatWasLeftIsNeverTakenAgain() throws TransportException {
    remote.onNew(frame(1, 0));
    remote.onNew(frame(2, 0));
    remote.onNew(frame(3, 0));
    remote.rotate();
    remote.rotate();
    remote.onNew(frame(1, 0));
    remote.rotate();
    assertThat(remote.current()).isEqualTo(id(3));
    assertThat(remote.rotate()).isFalse();
  }

  @Test
  void retirePriorToMovesOnAtOnce() throws TransportException {
    remote.onNew(frame(1, 0));
    remote.onNew(frame(5, 4));
    assertThat(remote.current()).isEqualTo(id(5));
    List<Long> retired = new ArrayList<>();
    while (remote.nextRetirement() >= 0) {
      retired.add(remote.nextRetirement());
      remote.onRetirementSent();
    }
    assertThat(retired).containsExactlyInAnyOrder(0L, 1L);
    remote.onNew(frame(2, 0));
    assertThat(remote.nextRetirement()).as("one that comes too late").isEqualTo(2);
  }

  @Test
  void moreIdsThanAgreedAreAnError() throws TransportException {
    for (int i = 1; i < TransportConfig.ACTIVE_CONNECTION_ID_LIMIT; i++) {
      remote.onNew(frame(i, 0));
    }
    assertThatThrownBy(() -> remote.onNew(frame(9, 0))).hasMessageContaining("more ids");
  }

  @Test
  void retirementsThatAreNeverSentAreBounded() {
    assertThatThrownBy(
            () -> {
              for (int i = 1; i < 200; i++) {
                remote.onNew(frame(i, i));
              }
            })
        .hasMessageContaining("too many ids to retire");
  }

  @Test
  void oneSequenceNumberHasOneId() throws TransportException {
    remote.onNew(frame(1, 0));
    remote.onNew(frame(1, 0));
    Frame.NewConnectionId other = new Frame.NewConnectionId(1, 0, id(77), new byte[16]);
    assertThatThrownBy(() -> remote.onNew(other)).hasMessageContaining("two ids");
  }

  @Test
  void resetTokensBelongToTheirIds() throws TransportException {
    remote.setInitialResetToken(new byte[] {9});
    assertThat(Objects.requireNonNull(remote.currentResetToken())).containsExactly(9);
    remote.onNew(frame(1, 0));
    remote.rotate();
    assertThat(Objects.requireNonNull(remote.currentResetToken())).hasSize(16);
  }
}
