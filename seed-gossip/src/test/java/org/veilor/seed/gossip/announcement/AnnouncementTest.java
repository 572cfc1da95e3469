package org.veilor.seed.gossip.announcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veilor.seed.gossip.announcement.Samples.GROUP;
import static org.veilor.seed.gossip.announcement.Samples.MEMBER;
import static org.veilor.seed.gossip.announcement.Samples.NAME;
import static org.veilor.seed.gossip.announcement.Samples.ORIGIN;
import static org.veilor.seed.gossip.announcement.Samples.PUBLIC;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.Signature;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

class AnnouncementTest {
  private static final List<ServiceKey> SERVICES =
      List.of(
          PUBLIC,
          GROUP,
          new ServiceKey.Public(new ServiceName("x.veilor", "other")),
          new ServiceKey.Group(NAME, ServiceSecret.of(Samples.filled(8))));

  @Test
  void randomAnnouncementsComeBackAndAreOfTheirServiceOnly() throws MalformedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int longest = 0;
    for (int i = 0; i < 300; i++) {
      ServiceKey service = SERVICES.get(random.nextInt(SERVICES.size()));
      Announcement announcement =
          Announcement.sign(
              MEMBER,
              service,
              Samples.number(random),
              Samples.number(random),
              Samples.random(MEMBER.id(), random));
      byte[] content = announcement.encode();
      longest = Math.max(longest, content.length);
      assertThat(content.length).isLessThanOrEqualTo(AnnouncementLimits.MAX_BYTES);
      assertThat(Announcement.decode(content)).as("seed %d, %d", seed, i).isEqualTo(announcement);
      for (ServiceKey other : SERVICES) {
        assertThat(announcement.verify(other)).as("seed %d", seed).isEqualTo(other.equals(service));
      }
    }
    assertThat(longest).as("seed %d", seed).isGreaterThan(3800);
  }

  @Test
  void theLongestOnesFitIntoAFrame() throws MalformedException {
    List<TransportAddr> addrs = new ArrayList<>();
    addrs.add(new TransportAddr.Relay(RelayUrl.parse("https://r/" + "p".repeat(140))));
    for (int i = 0; i < AnnouncementLimits.MAX_ADDRESSES - 1; i++) {
      byte[] address = Samples.filled(i);
      addrs.add(new TransportAddr.Ip(IpAddress.of(Arrays.copyOf(address, 16)), 65_535));
    }
    EndpointAddr addr = EndpointAddr.of(ORIGIN.id(), addrs);
    Body.Blob blob = new Body.Blob(HashAndFormat.raw(Samples.hash(1)), Long.MAX_VALUE);
    List<Hash> hashes = Collections.nCopies(AnnouncementLimits.MAX_HASHES, Samples.hash(1));
    int longest = 0;
    for (Body body :
        List.of(
            new Body.Provide(addr, Collections.nCopies(AnnouncementLimits.MAX_BLOBS, blob)),
            new Body.Withdraw(hashes),
            new Body.Catalogue(
                Samples.hash(1), Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, addr),
            new Body.Forget(hashes, Long.MAX_VALUE),
            new Body.Query(hashes))) {
      byte[] content =
          Announcement.sign(ORIGIN, GROUP, Long.MAX_VALUE, Long.MAX_VALUE, body).encode();
      assertThat(content.length).isLessThanOrEqualTo(AnnouncementLimits.MAX_BYTES);
      longest = Math.max(longest, content.length);
      assertThat(Announcement.decode(content).verify(GROUP)).isTrue();
      var scope = new DeliveryScope.Swarm(16_383);
      assertThat(FrameWriter.message(new Message.Gossip(Samples.hash(1), content, scope)))
          .isPresent();
    }
    assertThat(longest).as("as docs/protocol.md says").isEqualTo(3966);
  }

  @Test
  void noMutationIsAnAnnouncementOfAnybody() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] content =
        Announcement.sign(ORIGIN, GROUP, 1_000, 7, Samples.catalogue(ORIGIN.id())).encode();
    int readable = 0;
    for (int i = 0; i < 8 * content.length; i++) {
      byte[] mutated = content.clone();
      mutated[i / 8] ^= (byte) (1 << (i % 8));
      readable += refused(mutated, "bit " + i);
    }
    assertThat(readable).as("mutations that only the signature gives away").isGreaterThan(700);
    for (int i = 0; i < 200; i++) {
      byte[] mutated = content.clone();
      for (int j = 0; j < 3; j++) {
        mutated[random.nextInt(mutated.length)] += (byte) (1 + random.nextInt(255));
      }
      if (!Arrays.equals(mutated, content)) {
        assertThat(refused(mutated, "seed " + seed)).isBetween(0, 1);
      }
    }
    for (int length = 0; length < content.length; length++) {
      assertThat(refused(Arrays.copyOf(content, length), "length " + length)).isZero();
    }
    assertThat(refused(Arrays.copyOf(content, content.length + 1), "a byte more")).isZero();
  }

  /** 1 if it can be read at all. */
  private static int refused(byte[] content, String what) {
    try {
      assertThat(Announcement.decode(content).verify(GROUP)).as(what).isFalse();
      return 1;
    } catch (MalformedException e) {
      assertThat(e.offset()).as(what).isLessThanOrEqualTo(content.length);
      return 0;
    }
  }

  @Test
  void aMemberCannotSpeakForAnother() throws MalformedException {
    Announcement mine = Announcement.sign(MEMBER, GROUP, 1, 2, Samples.query());
    Announcement forged = new Announcement(ORIGIN.id(), 1, 2, Samples.query(), mine.signature());
    assertThat(Announcement.decode(forged.encode()).verify(GROUP)).isFalse();
  }

  @Test
  void whatIsNotInItsOneFormIsRefused() {
    byte[] content = Announcement.sign(MEMBER, PUBLIC, 5, 6, Samples.query()).encode();
    byte[] longNumber = new byte[content.length + 1]; // 5 as 85 00
    System.arraycopy(content, 0, longNumber, 0, 33);
    longNumber[33] = (byte) 0x85;
    System.arraycopy(content, 34, longNumber, 35, content.length - 34);
    assertThatThrownBy(() -> Announcement.decode(longNumber)).hasMessageContaining("form");
    byte[] trailing = Arrays.copyOf(content, content.length + 1);
    assertThatThrownBy(() -> Announcement.decode(trailing)).hasMessageContaining("form");
  }

  @Test
  void addressesAreTheIssuersOwn() {
    Body body = Samples.catalogue(ORIGIN.id());
    assertThatThrownBy(() -> Announcement.sign(MEMBER, PUBLIC, 1, 1, body))
        .hasMessageContaining("somebody else");
    byte[] content = Announcement.sign(ORIGIN, PUBLIC, 1, 1, body).encode();
    System.arraycopy(MEMBER.id().toBytes(), 0, content, 1, 32);
    assertThatThrownBy(() -> Announcement.decode(content)).hasMessageContaining("somebody else");
  }

  @Test
  void limitsOfBodies() throws MalformedException {
    List<Hash> tooMany = Collections.nCopies(AnnouncementLimits.MAX_HASHES + 1, Samples.hash(1));
    assertThatThrownBy(() -> new Body.Query(tooMany)).hasMessageContaining("121");
    assertThatThrownBy(() -> new Body.Withdraw(List.of())).hasMessageContaining("0 elements");
    assertThatThrownBy(() -> new Body.Forget(List.of(Samples.hash(1)), -1))
        .hasMessageContaining("negative");
    EndpointAddr longAddr =
        EndpointAddr.of(
            MEMBER.id(),
            List.of(new TransportAddr.Relay(RelayUrl.parse("https://r/" + "p".repeat(500)))));
    assertThatThrownBy(() -> new Body.Catalogue(Samples.hash(1), 0, 0, 0, longAddr))
        .hasMessageContaining("addresses");
    byte[] content = Announcement.sign(MEMBER, PUBLIC, 5, 6, Samples.query()).encode();
    content[36] = 0; // the number of hashes
    assertThatThrownBy(() -> Announcement.decode(content)).hasMessageContaining("empty list");
    content[36] = 121;
    assertThatThrownBy(() -> Announcement.decode(content)).hasMessageContaining("more than 120");
    content[35] = 5; // the kind of body
    assertThatThrownBy(() -> Announcement.decode(content)).hasMessageContaining("variant");
  }

  @Test
  void numbersOf2To63AndMoreAreRefused() {
    byte[] content = Announcement.sign(MEMBER, PUBLIC, 5, Long.MAX_VALUE, Samples.query()).encode();
    byte[] longer = new byte[content.length + 1];
    System.arraycopy(content, 0, longer, 0, 43);
    longer[42] = (byte) 0xff;
    longer[43] = 1;
    System.arraycopy(content, 43, longer, 44, content.length - 43);
    assertThatThrownBy(() -> Announcement.decode(longer)).hasMessageContaining("2^63");
  }

  @Test
  void anEndpointOfSmallOrderSignsNothing() throws MalformedException {
    byte[] identity = new byte[32];
    identity[0] = 1;
    Announcement announcement =
        new Announcement(
            EndpointId.of(identity), 1, 1, Samples.query(), Signature.of(new byte[64]));
    assertThat(Announcement.decode(announcement.encode()).verify(PUBLIC)).isFalse();
  }

  @Test
  void sequencesGrowEvenIfTheLastIsLost() {
    assertThat(Announcement.nextSequence(-1, 1_000)).isEqualTo(1_000);
    assertThat(Announcement.nextSequence(1_000, 1_000)).isEqualTo(1_001);
    assertThat(Announcement.nextSequence(5_000, 1_000)).isEqualTo(5_001);
  }
}
