package org.veilor.seed.quic.tls;

import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.jspecify.annotations.Nullable;

/**
 * The Ed25519 key of this endpoint. The public key is computed once: that costs as much as a
 * signature, and every handshake needs it.
 */
public final class TlsIdentity {
  private final Ed25519PrivateKeyParameters privateKey;
  private final byte[] publicKey32;

  /** Copies the seed of RFC 8032, 32 bytes. */
  public TlsIdentity(byte[] ed25519Seed32) {
    if (ed25519Seed32.length != RawPublicKey.KEY_LENGTH) {
      throw new IllegalArgumentException("seed of " + ed25519Seed32.length + " bytes");
    }
    privateKey = new Ed25519PrivateKeyParameters(ed25519Seed32, 0);
    publicKey32 = privateKey.generatePublicKey().getEncoded();
  }

  /** A copy of the seed. */
  public byte[] ed25519Seed32() {
    return privateKey.getEncoded();
  }

  /** The public key, 32 bytes: the endpoint id. A copy. */
  public byte[] publicKey32() {
    return publicKey32.clone();
  }

  /** The key to sign with; it remembers its public key, which each signature needs. */
  Ed25519PrivateKeyParameters privateKey() {
    return privateKey;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TlsIdentity that && Arrays.equals(publicKey32, that.publicKey32);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(publicKey32);
  }

  /** Hides the seed. */
  @Override
  public String toString() {
    return "TlsIdentity[hidden]";
  }
}
