package org.veilor.seed.quic.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Masks part of the first byte and the packet number with a sample of the ciphertext, RFC 9001
 * §5.4. An instance belongs to one thread.
 */
public final class HeaderProtection {
  /** Bytes of ciphertext that make the mask. */
  public static final int SAMPLE_LENGTH = 16;

  /** The sample starts this far behind the packet number's beginning, whatever its length. */
  public static final int SAMPLE_OFFSET = 4;

  private static final byte[] ZEROS = new byte[5];
  private static final int LONG_HEADER_MASK = 0x0f;
  private static final int SHORT_HEADER_MASK = 0x1f;

  private final SecretKey key;
  private final boolean aes;
  private final Cipher cipher;
  private final byte[] mask = new byte[SAMPLE_LENGTH];
  private final byte[] chachaNonce = new byte[12];

  HeaderProtection(CipherSuite suite, byte[] key) {
    this.key = new SecretKeySpec(key, suite.keyAlgorithm());
    this.aes = suite.isAes();
    try {
      this.cipher = Cipher.getInstance(aes ? "AES/ECB/NoPadding" : "ChaCha20");
      if (aes) {
        cipher.init(Cipher.ENCRYPT_MODE, this.key);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES and ChaCha20 are part of the Java platform", e);
    }
  }

  /**
   * Masks a sealed packet; the sample, 4 to 20 bytes behind {@code packetNumberOffset}, must exist.
   */
  public void apply(byte[] b, int firstByteOffset, int packetNumberOffset, int packetNumberLength) {
    computeMask(b, packetNumberOffset + SAMPLE_OFFSET);
    maskFirstByte(b, firstByteOffset);
    maskPacketNumber(b, packetNumberOffset, packetNumberLength);
  }

  /**
   * Unmasks a received packet in place and returns the length of its packet number, 1 to 4 bytes.
   */
  public int remove(byte[] b, int firstByteOffset, int packetNumberOffset) {
    computeMask(b, packetNumberOffset + SAMPLE_OFFSET);
    maskFirstByte(b, firstByteOffset);
    int length = (b[firstByteOffset] & 0x03) + 1;
    maskPacketNumber(b, packetNumberOffset, length);
    return length;
  }

  private void maskFirstByte(byte[] b, int offset) {
    b[offset] ^= (byte) (mask[0] & (b[offset] < 0 ? LONG_HEADER_MASK : SHORT_HEADER_MASK));
  }

  private void maskPacketNumber(byte[] b, int offset, int length) {
    for (int i = 0; i < length; i++) {
      b[offset + i] ^= mask[1 + i];
    }
  }

  private void computeMask(byte[] b, int sampleOffset) {
    try {
      if (aes) {
        cipher.doFinal(b, sampleOffset, SAMPLE_LENGTH, mask, 0);
        return;
      }
      // RFC 9001 §5.4.4: the first 4 bytes of the sample are the block counter, little-endian, the
      // other 12 the nonce. Decryption makes the same key stream, and unlike encryption the JCA
      // takes
      // the same sample twice (a datagram may arrive twice).
      int counter = 0;
      for (int i = 3; i >= 0; i--) {
        counter = counter << 8 | (b[sampleOffset + i] & 0xff);
      }
      System.arraycopy(b, sampleOffset + 4, chachaNonce, 0, chachaNonce.length);
      cipher.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(chachaNonce, counter));
      cipher.doFinal(ZEROS, 0, ZEROS.length, mask, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a cipher takes any sample", e);
    }
  }
}
