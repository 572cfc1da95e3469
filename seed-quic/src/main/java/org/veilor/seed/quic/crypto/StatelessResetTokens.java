package org.veilor.seed.quic.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * Stateless reset tokens as a keyed function of the connection id (RFC 9000 §10.3.2): the first 16
 * bytes of HMAC-SHA256. An instance belongs to one thread.
 */
public final class StatelessResetTokens {
  /** Bytes of a token. */
  public static final int TOKEN_LENGTH = 16;

  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;

  /** The key has 32 bytes. */
  public StatelessResetTokens(byte[] key32) {
    if (key32.length != 32) {
      throw new IllegalArgumentException("key of " + key32.length + " bytes");
    }
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key32, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC is part of every Java platform", e);
    }
  }

  /** The token of a connection id of ours. */
  public byte[] tokenFor(ConnectionId id) {
    return Arrays.copyOf(mac.doFinal(id.toBytes()), TOKEN_LENGTH);
  }
}
