package org.veilor.seed.gossip.announcement;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

/** Keys, services and bodies for tests. */
final class Samples {
  static final ServiceName NAME = new ServiceName("x.veilor", "misskey");
  static final ServiceKey PUBLIC = new ServiceKey.Public(NAME);
  static final ServiceKey GROUP = new ServiceKey.Group(NAME, ServiceSecret.of(filled(9)));
  static final SecretKey ORIGIN = key(1);
  static final SecretKey MEMBER = key(2);

  private Samples() {}

  static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static SecretKey key(int number) {
    byte[] seed = filled(7);
    seed[0] = (byte) number;
    seed[1] = (byte) (number >> 8);
    return SecretKey.of(seed);
  }

  static Hash hash(int number) {
    return Hash.of(filled(number));
  }

  static Body.Query query() {
    return new Body.Query(List.of(hash(3)));
  }

  static Body.Forget forget(long untilMillis) {
    return new Body.Forget(List.of(hash(4)), untilMillis);
  }

  static Body.Catalogue catalogue(EndpointId issuer) {
    return new Body.Catalogue(hash(5), 1, 2, 3, EndpointAddr.of(issuer));
  }

  /** Any body, often as long as it can be. */
  static Body random(EndpointId issuer, Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> {
        List<Body.Blob> blobs = new ArrayList<>();
        for (int i = size(random, AnnouncementLimits.MAX_BLOBS); i > 0; i--) {
          BlobFormat format = random.nextBoolean() ? BlobFormat.RAW : BlobFormat.HASH_SEQUENCE;
          blobs.add(new Body.Blob(new HashAndFormat(hash(random), format), number(random)));
        }
        yield new Body.Provide(addr(issuer, random), blobs);
      }
      case 1 -> new Body.Withdraw(hashes(random));
      case 2 ->
          new Body.Catalogue(
              hash(random), number(random), number(random), number(random), addr(issuer, random));
      case 3 -> new Body.Forget(hashes(random), number(random));
      default -> new Body.Query(hashes(random));
    };
  }

  private static int size(Random random, int max) {
    return random.nextInt(3) == 0 ? max : 1 + random.nextInt(max);
  }

  private static Hash hash(Random random) {
    byte[] bytes = new byte[Hash.LENGTH];
    random.nextBytes(bytes);
    return Hash.of(bytes);
  }

  private static List<Hash> hashes(Random random) {
    List<Hash> hashes = new ArrayList<>();
    for (int i = size(random, AnnouncementLimits.MAX_HASHES); i > 0; i--) {
      hashes.add(hash(random));
    }
    return hashes;
  }

  static long number(Random random) {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  private static EndpointAddr addr(EndpointId issuer, Random random) {
    List<TransportAddr> addrs = new ArrayList<>();
    for (int i = random.nextInt(AnnouncementLimits.MAX_ADDRESSES); i > 0; i--) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      addrs.add(new TransportAddr.Ip(IpAddress.of(bytes), random.nextInt(1 << 16)));
    }
    if (random.nextBoolean()) {
      try {
        addrs.add(
            new TransportAddr.Relay(RelayUrl.parse("https://relay" + addrs.size() + ".example./")));
      } catch (MalformedException e) {
        throw new AssertionError(e);
      }
    }
    return EndpointAddr.of(issuer, addrs);
  }
}
