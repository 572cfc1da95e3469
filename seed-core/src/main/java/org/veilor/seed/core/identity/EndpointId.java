package org.veilor.seed.core.identity;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The id of an endpoint: its Ed25519 public key, 32 bytes, a compressed point.
 *
 * <p>The point has to decompress. Like in iroh, it need be neither canonical (a y coordinate from p
 * to 2^255 - 1 counts modulo p) nor of large order: such ids can be written down, but no signature
 * verifies with them ({@link #verify}).
 */
public final class EndpointId implements Comparable<EndpointId> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final int SHORT_TEXT_BYTES = 5;

  private final byte[] bytes;

  private EndpointId(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The id with these bytes, which are copied.
   *
   * @throws MalformedException if they are not the compressed form of a point, or not 32
   */
  public static EndpointId of(byte[] bytes) throws MalformedException {
    if (bytes.length != LENGTH) {
      throw new MalformedException(0, "an endpoint id has 32 bytes");
    }
    if (!decompresses(bytes)) {
      throw new MalformedException(0, "not a point of the curve");
    }
    return new EndpointId(bytes.clone());
  }

  /** The id of a public key that this process computed. */
  static EndpointId ofPublicKey(byte[] publicKey) {
    return new EndpointId(publicKey);
  }

  /**
   * Whether the y coordinate, reduced modulo p, belongs to a point. The sign of x never matters.
   */
  private static boolean decompresses(byte[] bytes) {
    byte[] bigEndian = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bigEndian[i] = bytes[LENGTH - 1 - i];
    }
    bigEndian[0] &= 0x7f;
    BigInteger y = new BigInteger(1, bigEndian).mod(P);
    byte[] canonical = new byte[LENGTH];
    byte[] reduced = y.toByteArray();
    for (int i = 0; i < Math.min(LENGTH, reduced.length); i++) {
      canonical[i] = reduced[reduced.length - 1 - i];
    }
    return isSmallOrder(canonical) || Ed25519.validatePublicKeyPartial(canonical, 0);
  }

  /**
   * Reads 64 lower-case hex digits, or 52 characters of base32 in either case.
   *
   * @throws MalformedException if it is neither, or no point
   */
  public static EndpointId parse(String text) throws MalformedException {
    return of(KeyText.parse(text));
  }

  /** Reads the z-base-32 form that names in DNS and pkarr use. */
  public static EndpointId parseZBase32(String text) throws MalformedException {
    return of(Base32.Z_BASE_32.decode(text));
  }

  /** A new array with the 32 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** The z-base-32 form that names in DNS and pkarr use, 52 characters. */
  public String toZBase32() {
    return Base32.Z_BASE_32.encode(bytes);
  }

  /** The first 5 bytes in hex, for logs and screens. */
  public String shortText() {
    return Hex.encode(Arrays.copyOf(bytes, SHORT_TEXT_BYTES));
  }

  /**
   * Whether this endpoint signed the message.
   *
   * <p>Strict as in iroh: a key or a commitment R of small order, and an S that is not below the
   * group order, never verify. (RFC 8032 section 5.1.7 leaves the first open.)
   */
  public boolean verify(byte[] message, Signature signature) {
    byte[] signatureBytes = signature.toBytes();
    return !isSmallOrder(bytes)
        && !isSmallOrder(signatureBytes)
        && Ed25519.verify(signatureBytes, 0, bytes, 0, message, 0, message.length);
  }

  /** Whether the first 32 bytes encode, canonically or not, one of the 8 points of small order. */
  private static boolean isSmallOrder(byte[] point) {
    for (byte[] small : SmallOrder.Y_COORDINATES) {
      boolean same = (point[LENGTH - 1] & 0x7f) == small[LENGTH - 1];
      for (int i = 0; same && i < LENGTH - 1; i++) {
        same = point[i] == small[i];
      }
      if (same) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EndpointId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** In the order of the bytes, unsigned. */
  @Override
  public int compareTo(EndpointId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  /** 64 characters of lower-case hex. */
  @Override
  public String toString() {
    return Hex.encode(bytes);
  }
}
