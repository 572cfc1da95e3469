package org.veilor.seed.quic.tls;

import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;

/**
 * The Ed25519 key of this endpoint.
 *
 * @param ed25519Seed32 the seed of RFC 8032, 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // copied, and compared by content below
public record TlsIdentity(byte[] ed25519Seed32) {
  /** Copies the seed. */
  public TlsIdentity {
    if (ed25519Seed32.length != RawPublicKey.KEY_LENGTH) {
      throw new IllegalArgumentException("seed of " + ed25519Seed32.length + " bytes");
    }
    ed25519Seed32 = ed25519Seed32.clone();
  }

  /** A copy of the seed. */
  @Override
  public byte[] ed25519Seed32() {
    return ed25519Seed32.clone();
  }

  /** The public key, 32 bytes: the endpoint id. */
  public byte[] publicKey32() {
    return privateKey().generatePublicKey().getEncoded();
  }

  Ed25519PrivateKeyParameters privateKey() {
    return new Ed25519PrivateKeyParameters(ed25519Seed32, 0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TlsIdentity that && Arrays.equals(ed25519Seed32, that.ed25519Seed32);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(publicKey32());
  }

  /** Hides the seed. */
  @Override
  public String toString() {
    return "TlsIdentity[hidden]";
  }
}
