package org.veilor.seed.quic.crypto;

/** The TLS 1.3 cipher suites that QUIC uses with their limits, RFC 9001 §5.3, §6.6. */
public enum CipherSuite {
  /** The cheapest with AES instructions. */
  TLS_AES_128_GCM_SHA256(0x1301, 16, "AES", 32, "HKDF-SHA256"),
  /** AES with a larger key. */
  TLS_AES_256_GCM_SHA384(0x1302, 32, "AES", 48, "HKDF-SHA384"),
  /** For machines without AES instructions. */
  TLS_CHACHA20_POLY1305_SHA256(0x1303, 32, "ChaCha20", 32, "HKDF-SHA256");

  private static final long GCM_CONFIDENTIALITY_LIMIT = 1L << 23;
  private static final long GCM_INTEGRITY_LIMIT = 1L << 52;
  private static final long CHACHA20_INTEGRITY_LIMIT = 1L << 36;

  private final int id;
  private final int keyLength;
  private final String keyAlgorithm;
  private final int hashLength;
  private final String kdfAlgorithm;

  CipherSuite(int id, int keyLength, String keyAlgorithm, int hashLength, String kdfAlgorithm) {
    this.id = id;
    this.keyLength = keyLength;
    this.keyAlgorithm = keyAlgorithm;
    this.hashLength = hashLength;
    this.kdfAlgorithm = kdfAlgorithm;
  }

  /** The suite with this TLS number; {@link IllegalArgumentException} if there is none. */
  public static CipherSuite of(int id) {
    for (CipherSuite suite : values()) {
      if (suite.id == id) {
        return suite;
      }
    }
    throw new IllegalArgumentException("unknown cipher suite 0x" + Integer.toHexString(id));
  }

  /** The TLS number. */
  public int id() {
    return id;
  }

  /** Bytes of the AEAD key and of the header protection key. */
  public int keyLength() {
    return keyLength;
  }

  /** Bytes of the hash, and so of a traffic secret. */
  public int hashLength() {
    return hashLength;
  }

  /** Packets that may be sealed with one key. */
  public long confidentialityLimit() {
    return isAes() ? GCM_CONFIDENTIALITY_LIMIT : Long.MAX_VALUE;
  }

  /** Packets of a connection that may fail to authenticate, all keys together. */
  public long integrityLimit() {
    return isAes() ? GCM_INTEGRITY_LIMIT : CHACHA20_INTEGRITY_LIMIT;
  }

  boolean isAes() {
    return this != TLS_CHACHA20_POLY1305_SHA256;
  }

  String keyAlgorithm() {
    return keyAlgorithm;
  }

  String hashAlgorithm() {
    return kdfAlgorithm.endsWith("256") ? "SHA-256" : "SHA-384";
  }

  String kdfAlgorithm() {
    return kdfAlgorithm;
  }
}
