package org.veilor.seed.gossip.service;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.TopicId;

/** What it takes to find a service's topic and to speak there: for a group the secret, too. */
public sealed interface ServiceKey {
  ServiceName name();

  /** Where the service's announcements travel. */
  TopicId topic();

  /**
   * What only a member can put under a signature: empty for a public service, else 32 bytes.
   *
   * @param sequence of the announcement, unsigned
   */
  byte[] groupTag(EndpointId issuer, long sequence);

  /** Anybody may know and ask. */
  record Public(ServiceName name) implements ServiceKey {
    private static final String CONTEXT = "veilor-seed 2026-11 public topic v1";

    @Override
    public TopicId topic() {
      return finish(Blake3Hasher.derivingKey(CONTEXT), name);
    }

    @Override
    public byte[] groupTag(EndpointId issuer, long sequence) {
      return new byte[0];
    }
  }

  /** Whoever holds the secret. */
  record Group(ServiceName name, ServiceSecret secret) implements ServiceKey {
    private static final String CONTEXT = "veilor-seed 2026-11 group topic v1";

    @Override
    public TopicId topic() {
      Blake3Hasher hasher = Blake3Hasher.derivingKey(CONTEXT);
      return finish(hasher.update(secret.toBytes(), 0, ServiceSecret.LENGTH), name);
    }

    /** The sequence goes in as 8 bytes, little endian. */
    @Override
    public byte[] groupTag(EndpointId issuer, long sequence) {
      byte[] bytes =
          ByteBuffer.allocate(EndpointId.LENGTH + Long.BYTES)
              .put(issuer.toBytes())
              .putLong(Long.reverseBytes(sequence))
              .array();
      return secret.keyedHasher().update(bytes, 0, bytes.length).finish().toBytes();
    }
  }

  private static TopicId finish(Blake3Hasher hasher, ServiceName name) {
    byte[] realm = name.realm().getBytes(StandardCharsets.UTF_8);
    byte[] service = name.name().getBytes(StandardCharsets.UTF_8);
    Hash hash =
        hasher
            .update(realm, 0, realm.length)
            .update(new byte[1], 0, 1)
            .update(service, 0, service.length)
            .finish();
    return new TopicId(hash);
  }
}
