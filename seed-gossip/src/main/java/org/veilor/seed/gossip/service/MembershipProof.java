package org.veilor.seed.gossip.service;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Shows over one connection that both ends are in a group, without showing the secret. {@code
 * docs/protocol.md} has the bytes.
 *
 * <p>The dialler sends a claim for each group, the acceptor answers with claims for those in which
 * it is, too, and which it believes. A claim is bound to the connection by the TLS exporter and to
 * its direction by the order of the ids, so it can be neither replayed, nor passed on, nor sent
 * back. An acceptor takes the same steps for a group that it is not in, so a stranger learns
 * nothing.
 *
 * @param prover who claims
 * @param verifier who is to believe it
 * @param exporter {@value #EXPORTER_BYTES} bytes of the connection's exporter (RFC 8446 section
 *     7.5) for {@link #EXPORTER_LABEL} and an empty context
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MembershipProof(EndpointId prover, EndpointId verifier, byte[] exporter) {
  /** The ALPN of the connection. */
  public static final String ALPN = "/veilor-seed/member/1";

  /** The label of the exporter. */
  public static final String EXPORTER_LABEL = "veilor-seed member";

  /** How many bytes of the exporter. */
  public static final int EXPORTER_BYTES = 32;

  /** Longest message of either side. */
  public static final int MAX_MESSAGE_BYTES = 1 + ServiceLimits.MAX_GROUPS * Claim.BYTES;

  private static final String CONTEXT = "veilor-seed 2026-11 membership v1";

  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if the exporter has another one
   */
  public MembershipProof {
    if (exporter.length != EXPORTER_BYTES) {
      throw new IllegalArgumentException("an exporter of " + exporter.length + " bytes");
    }
  }

  /** The first half of a group's topic id. */
  public record TopicPrefix(long high, long low) {
    private static final int BYTES = 2 * Long.BYTES;

    /** Of this topic. */
    public static TopicPrefix of(TopicId topic) {
      return of(ByteBuffer.wrap(topic.toBytes()));
    }

    private static TopicPrefix of(ByteBuffer bytes) {
      return new TopicPrefix(bytes.getLong(), bytes.getLong());
    }

    private byte[] toBytes() {
      return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }
  }

  /** "I am in this group." */
  public record Claim(TopicPrefix topic, Hash proof) {
    private static final int BYTES = TopicPrefix.BYTES + Hash.LENGTH;
  }

  /**
   * What an acceptor makes of claims.
   *
   * @param members the groups in which the other one is
   * @param reply what it is sent
   */
  public record Answer(Set<ServiceKey.Group> members, List<Claim> reply) {
    /** Copies both. */
    public Answer {
      members = Set.copyOf(members);
      reply = List.copyOf(reply);
    }
  }

  /** The same connection in the other direction. */
  public MembershipProof reversed() {
    return new MembershipProof(verifier, prover, exporter);
  }

  /** What a prover shows for a secret. */
  public Hash of(ServiceSecret secret) {
    byte[] key =
        Blake3Hasher.derivingKey(CONTEXT)
            .update(secret.toBytes(), 0, ServiceSecret.LENGTH)
            .finish()
            .toBytes();
    return Blake3Hasher.keyed(key)
        .update(prover.toBytes(), 0, EndpointId.LENGTH)
        .update(verifier.toBytes(), 0, EndpointId.LENGTH)
        .update(exporter, 0, EXPORTER_BYTES)
        .finish();
  }

  /** Claims for groups, at most {@link ServiceLimits#MAX_GROUPS}: what a dialler sends. */
  public List<Claim> claims(List<ServiceKey.Group> groups) {
    return groups.stream()
        .map(group -> new Claim(TopicPrefix.of(group.topic()), of(group.secret())))
        .toList();
  }

  /**
   * The groups of ours in which the prover is, too. It costs one hash for each claim, whether or
   * not we are in that group and whether or not it is true.
   */
  public Set<ServiceKey.Group> believed(List<Claim> claims, List<ServiceKey.Group> ours) {
    Map<TopicPrefix, ServiceKey.Group> byTopic = new LinkedHashMap<>();
    ours.forEach(group -> byTopic.put(TopicPrefix.of(group.topic()), group));
    ServiceSecret nobodys = ServiceSecret.of(new byte[ServiceSecret.LENGTH]);
    Set<ServiceKey.Group> members = new LinkedHashSet<>();
    for (Claim claim : claims) {
      ServiceKey.Group group = byTopic.get(claim.topic());
      Hash expected = of(group == null ? nobodys : group.secret());
      boolean proved = ConstantTime.equal(expected.toBytes(), claim.proof().toBytes());
      if (proved && group != null) {
        members.add(group);
      }
    }
    return members;
  }

  /** What an acceptor, the verifier here, makes of a dialler's claims. */
  public Answer answer(List<Claim> claims, List<ServiceKey.Group> ours) {
    Set<ServiceKey.Group> members = believed(claims, ours);
    return new Answer(members, reversed().claims(List.copyOf(members)));
  }

  /**
   * The bytes of claims: all that one side sends, then FIN.
   *
   * @throws IllegalArgumentException if there are more than {@link ServiceLimits#MAX_GROUPS}
   */
  public static byte[] encode(List<Claim> claims) {
    if (claims.size() > ServiceLimits.MAX_GROUPS) {
      throw new IllegalArgumentException(claims.size() + " groups at once");
    }
    PostcardWriter out = new PostcardWriter().writeVarint(claims.size());
    for (Claim claim : claims) {
      out.writeFixed(claim.topic().toBytes()).writeFixed(claim.proof().toBytes());
    }
    return out.toBytes();
  }

  /**
   * Reads all that one side sent.
   *
   * @throws MalformedException if it is something else, or more than {@link
   *     ServiceLimits#MAX_GROUPS}
   */
  public static List<Claim> decode(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(bytes);
    int count = in.readCount(ServiceLimits.MAX_GROUPS, Claim.BYTES);
    List<Claim> claims = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      claims.add(new Claim(readTopic(in), Hash.of(in.readFixed(Hash.LENGTH))));
    }
    if (in.remaining() > 0) {
      throw in.malformed("something follows the claims");
    }
    return claims;
  }

  private static TopicPrefix readTopic(PostcardReader in) throws MalformedException {
    return TopicPrefix.of(ByteBuffer.wrap(in.readFixed(TopicPrefix.BYTES)));
  }
}
