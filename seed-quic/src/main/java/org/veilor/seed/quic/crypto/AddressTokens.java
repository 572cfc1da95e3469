package org.veilor.seed.quic.crypto;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * Tokens that prove a client's address, RFC 9000 §8.1: sealed with AES-256-GCM under a key that
 * never leaves the process, so that the server keeps no state for them.
 *
 * <p>A token is a random nonce (12 bytes) and the sealed (kind, time, address, connection ids).
 * Tokens of NEW_TOKEN are good once (RFC 9000 §8.1.4); only the last {@link #MAX_USED_TOKENS} used
 * are remembered, so after a flood one can come again from its address while it lives. All it gains
 * is that no Retry is needed.
 */
public final class AddressTokens {
  /** How long a Retry token is valid. */
  public static final Duration RETRY_LIFETIME = Duration.ofSeconds(15);

  /** How long a NEW_TOKEN token is valid. */
  public static final Duration NEW_TOKEN_LIFETIME = Duration.ofHours(24);

  /** A longer token is not ours. */
  private static final int MAX_TOKEN_LENGTH = 128;

  /** Used tokens that are remembered. */
  public static final int MAX_USED_TOKENS = 4096;

  private static final int NONCE_LENGTH = 12;
  private static final int TAG_LENGTH = 16;
  private static final byte KIND_RETRY = 1;
  private static final byte KIND_NEW_TOKEN = 2;

  private final SecretKey key;
  private final RandomSource random;

  /** The beginnings of the nonces of used tokens, oldest first. */
  private final LinkedHashSet<Long> used = new LinkedHashSet<>();

  /** What a token is worth. */
  public sealed interface Verdict {}

  /** The client answers our Retry from the address we sent it to. */
  public record ValidRetry(ConnectionId originalDestination, ConnectionId retrySource)
      implements Verdict {}

  /** The client was at this address in an earlier connection. */
  public record ValidNewToken() implements Verdict {}

  /** Not made by us, or for another address. */
  public record Invalid() implements Verdict {}

  /** Made by us for this address, too long ago. */
  public record Expired() implements Verdict {}

  /** Made by us for this address, and used before. */
  public record Used() implements Verdict {}

  /** The key has 32 bytes. */
  public AddressTokens(byte[] key32, RandomSource random) {
    if (key32.length != 32) {
      throw new IllegalArgumentException("key of " + key32.length + " bytes");
    }
    this.key = new SecretKeySpec(key32, "AES");
    this.random = random;
  }

  /** A token for a Retry packet, bound to address and port. */
  public byte[] retryToken(
      InetSocketAddress peer,
      ConnectionId originalDestination,
      ConnectionId retrySource,
      long nowMillis) {
    ByteBuffer plain = ByteBuffer.allocate(MAX_TOKEN_LENGTH);
    plain.put(KIND_RETRY).putLong(nowMillis);
    putBytes(plain, peer.getAddress().getAddress());
    plain.putShort((short) peer.getPort());
    putBytes(plain, originalDestination.toBytes());
    putBytes(plain, retrySource.toBytes());
    return seal(plain.flip());
  }

  /** A token for a NEW_TOKEN frame, bound to the address. */
  public byte[] newToken(InetAddress peer, long nowMillis) {
    ByteBuffer plain = ByteBuffer.allocate(MAX_TOKEN_LENGTH);
    plain.put(KIND_NEW_TOKEN).putLong(nowMillis);
    putBytes(plain, peer.getAddress());
    return seal(plain.flip());
  }

  /**
   * Checks the token of an Initial from {@code peer}; any bytes may come in. A NEW_TOKEN token is
   * used up by it.
   */
  public Verdict check(byte[] token, InetSocketAddress peer, long nowMillis) {
    byte @Nullable [] plain = unseal(token);
    if (plain == null) {
      return new Invalid();
    }
    try {
      Verdict verdict = verdict(ByteBuffer.wrap(plain), peer, nowMillis);
      return verdict instanceof ValidNewToken && !isFirstUse(token) ? new Used() : verdict;
    } catch (BufferUnderflowException e) {
      throw new IllegalStateException("an authentic token is well-formed", e);
    }
  }

  private boolean isFirstUse(byte[] token) {
    boolean isFirst = used.add(ByteBuffer.wrap(token).getLong());
    if (used.size() > MAX_USED_TOKENS) {
      used.removeFirst();
    }
    return isFirst;
  }

  private static Verdict verdict(ByteBuffer plain, InetSocketAddress peer, long nowMillis) {
    byte kind = plain.get();
    long ageMillis = nowMillis - plain.getLong();
    boolean addressMatches = Arrays.equals(getBytes(plain), peer.getAddress().getAddress());
    if (kind == KIND_NEW_TOKEN) {
      if (!addressMatches) {
        return new Invalid();
      }
      return isExpired(ageMillis, NEW_TOKEN_LIFETIME) ? new Expired() : new ValidNewToken();
    }
    int port = plain.getShort() & 0xffff;
    ConnectionId originalDestination = ConnectionId.of(getBytes(plain));
    ConnectionId retrySource = ConnectionId.of(getBytes(plain));
    if (!addressMatches || port != peer.getPort()) {
      return new Invalid();
    }
    return isExpired(ageMillis, RETRY_LIFETIME)
        ? new Expired()
        : new ValidRetry(originalDestination, retrySource);
  }

  private static boolean isExpired(long ageMillis, Duration lifetime) {
    return ageMillis < 0 || ageMillis > lifetime.toMillis();
  }

  private byte[] seal(ByteBuffer plain) {
    byte[] nonce = new byte[NONCE_LENGTH];
    random.fill(nonce);
    byte[] token = new byte[NONCE_LENGTH + plain.remaining() + TAG_LENGTH];
    System.arraycopy(nonce, 0, token, 0, NONCE_LENGTH);
    try {
      int room = token.length - NONCE_LENGTH;
      cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(plain, ByteBuffer.wrap(token, NONCE_LENGTH, room));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is part of every Java platform", e);
    }
    return token;
  }

  private byte @Nullable [] unseal(byte[] token) {
    if (token.length < NONCE_LENGTH + TAG_LENGTH || token.length > MAX_TOKEN_LENGTH) {
      return null;
    }
    try {
      return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(token, NONCE_LENGTH))
          .doFinal(token, NONCE_LENGTH, token.length - NONCE_LENGTH);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is part of every Java platform", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_LENGTH, nonce));
    return cipher;
  }

  private static void putBytes(ByteBuffer out, byte[] bytes) {
    out.put((byte) bytes.length).put(bytes);
  }

  private static byte[] getBytes(ByteBuffer in) {
    byte[] bytes = new byte[in.get()];
    in.get(bytes);
    return bytes;
  }
}
