package org.veilor.seed.gossip.announcement;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.identity.Signature;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * Something that an endpoint says to everybody in a service's topic, signed. {@code
 * docs/protocol.md} has its bytes.
 *
 * <p>There is one form for each announcement: numbers in their shortest form, addresses sorted,
 * nothing behind the signature. So nobody can make another message of the same announcement.
 *
 * @param issuedAtMillis since 1970, by the issuer's clock
 * @param sequence above all that the issuer has used in this topic; see {@link #nextSequence}
 */
public record Announcement(
    EndpointId issuer, long issuedAtMillis, long sequence, Body body, Signature signature) {
  /** The version of the format. */
  public static final int VERSION = 1;

  private static final byte[] CONTEXT =
      "veilor-seed announcement v1".getBytes(StandardCharsets.US_ASCII);

  /**
   * Checks what does not depend on the service.
   *
   * @throws IllegalArgumentException if a number is negative or the body has somebody else's
   *     address
   */
  public Announcement {
    if (issuedAtMillis < 0 || sequence < 0) {
      throw new IllegalArgumentException("negative time or sequence");
    }
    if (!isAddressOf(issuer, body)) {
      throw new IllegalArgumentException("the address of somebody else");
    }
  }

  private static boolean isAddressOf(EndpointId issuer, Body body) {
    return switch (body) {
      case Body.Provide(EndpointAddr addr, _) -> addr.id().equals(issuer);
      case Body.Catalogue catalogue -> catalogue.addr().id().equals(issuer);
      case Body.Withdraw _, Body.Forget _, Body.Query _ -> true;
    };
  }

  /** Signs an announcement for a service. */
  public static Announcement sign(
      SecretKey key, ServiceKey service, long issuedAtMillis, long sequence, Body body) {
    Signature none = Signature.of(new byte[Signature.LENGTH]);
    Announcement unsigned = new Announcement(key.id(), issuedAtMillis, sequence, body, none);
    Signature signature = key.sign(unsigned.signedMessage(service));
    return new Announcement(key.id(), issuedAtMillis, sequence, body, signature);
  }

  /**
   * A sequence above all earlier ones, even if those were lost, as long as the clock runs right and
   * there is at most one announcement a millisecond in the long run.
   *
   * @param last the last one used, or -1
   */
  public static long nextSequence(long last, long nowMillis) {
    return Math.max(last + 1, nowMillis);
  }

  /** Whether its issuer signed it for this service, which for a group takes the secret. */
  public boolean verify(ServiceKey service) {
    return issuer.verify(signedMessage(service), signature);
  }

  private byte[] signedMessage(ServiceKey service) {
    return new PostcardWriter()
        .writeFixed(CONTEXT)
        .writeFixed(service.topic().toBytes())
        .writeFixed(service.groupTag(issuer, sequence))
        .writeFixed(encodeUnsigned())
        .toBytes();
  }

  private byte[] encodeUnsigned() {
    PostcardWriter out = new PostcardWriter().writeU8(VERSION).writeFixed(issuer.toBytes());
    out.writeVarint(issuedAtMillis).writeVarint(sequence);
    BodyCodec.encode(body, out);
    return out.toBytes();
  }

  /** The content of a gossip message, at most {@link AnnouncementLimits#MAX_BYTES}. */
  public byte[] encode() {
    return new PostcardWriter()
        .writeFixed(encodeUnsigned())
        .writeFixed(signature.toBytes())
        .toBytes();
  }

  /** Whether this is of a version that we do not read. */
  static boolean isOfOtherVersion(byte[] content) {
    return content.length > 0 && content[0] != VERSION;
  }

  /**
   * Reads the content of a gossip message; whether the signature is good is another question.
   *
   * @throws MalformedException if it is no announcement, or not in the one form there is for it
   */
  public static Announcement decode(byte[] content) throws MalformedException {
    if (content.length > AnnouncementLimits.MAX_BYTES) {
      throw new MalformedException(0, "announcement too long");
    }
    PostcardReader in = new PostcardReader(content);
    if (in.readU8() != VERSION) {
      throw in.malformed("another version");
    }
    EndpointId issuer = EndpointId.of(in.readFixed(EndpointId.LENGTH));
    long issuedAtMillis = BodyCodec.readNumber(in);
    long sequence = BodyCodec.readNumber(in);
    Body body = BodyCodec.decode(in);
    Signature signature = Signature.of(in.readFixed(Signature.LENGTH));
    if (!isAddressOf(issuer, body)) {
      throw in.malformed("the address of somebody else");
    }
    Announcement announcement = new Announcement(issuer, issuedAtMillis, sequence, body, signature);
    if (!Arrays.equals(announcement.encode(), content)) {
      throw in.malformed("not in the form there is for it");
    }
    return announcement;
  }
}
