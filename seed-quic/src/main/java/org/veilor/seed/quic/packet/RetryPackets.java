package org.veilor.seed.quic.packet;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Retry packets and their integrity tag (RFC 9000 §17.2.5, RFC 9001 §5.8). The key is public: the
 * tag only proves that the sender saw the client's Initial.
 */
public final class RetryPackets {
  private static final SecretKeySpec KEY =
      new SecretKeySpec(HexFormat.of().parseHex("be0c690b9f66575a1d766b54e368c84e"), "AES");
  private static final byte[] NONCE = HexFormat.of().parseHex("461599d35d632bf2239825bb");
  private static final int TAG_LENGTH = PacketParser.RETRY_TAG_LENGTH;
  private static final byte FIRST_BYTE = (byte) 0xf0;

  private RetryPackets() {}

  /**
   * A whole Retry datagram.
   *
   * @param destination the client's source connection id
   * @param source the connection id the client is to use next
   * @param originalDestination the destination of the client's first Initial
   */
  public static byte[] encode(
      ConnectionId destination,
      ConnectionId source,
      byte[] token,
      ConnectionId originalDestination) {
    int length = 1 + 4 + 1 + destination.length() + 1 + source.length() + token.length;
    ByteBuffer out = ByteBuffer.allocate(length + TAG_LENGTH);
    out.put(FIRST_BYTE).putInt(PacketParser.VERSION_1).put((byte) destination.length());
    destination.writeTo(out);
    out.put((byte) source.length());
    source.writeTo(out);
    out.put(token);
    out.put(tag(out.array(), 0, length, originalDestination));
    return out.array();
  }

  /** Whether the last 16 of the bytes {@code [start, end)} are the tag of the others. */
  public static boolean integrityTagIsValid(
      byte[] datagram, int start, int end, ConnectionId originalDestination) {
    int tagOffset = end - TAG_LENGTH;
    if (tagOffset <= start) {
      return false;
    }
    byte[] received = java.util.Arrays.copyOfRange(datagram, tagOffset, end);
    return MessageDigest.isEqual(received, tag(datagram, start, tagOffset, originalDestination));
  }

  private static byte[] tag(byte[] packet, int start, int end, ConnectionId originalDestination) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(8 * TAG_LENGTH, NONCE));
      cipher.updateAAD(new byte[] {(byte) originalDestination.length()});
      cipher.updateAAD(originalDestination.toBytes());
      cipher.updateAAD(packet, start, end - start);
      return cipher.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is part of every Java platform", e);
    }
  }
}
