package org.veilor.seed.quic.tls;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsEncodeResult;

/**
 * A record protection that protects nothing: QUIC packets do. The epoch of a written record is told
 * by its record type, which the engine writes into the record header unseen.
 */
final class PassThroughCipher implements TlsCipher {
  private final short outputRecordType;

  PassThroughCipher(short outputRecordType) {
    this.outputRecordType = outputRecordType;
  }

  @Override
  public int getCiphertextDecodeLimit(int plaintextLimit) {
    return plaintextLimit;
  }

  @Override
  public int getCiphertextEncodeLimit(int plaintextLimit) {
    return plaintextLimit;
  }

  @Override
  public int getPlaintextDecodeLimit(int ciphertextLimit) {
    return ciphertextLimit;
  }

  @Override
  public int getPlaintextEncodeLimit(int ciphertextLimit) {
    return ciphertextLimit;
  }

  @Override
  public TlsEncodeResult encodePlaintext(
      long seqNo,
      short contentType,
      ProtocolVersion recordVersion,
      int headerAllocation,
      byte[] plaintext,
      int offset,
      int len) {
    byte[] record = new byte[headerAllocation + len];
    System.arraycopy(plaintext, offset, record, headerAllocation, len);
    // Records that are no handshake messages keep their type and are dropped.
    short type = contentType == ContentType.handshake ? outputRecordType : contentType;
    return new TlsEncodeResult(record, 0, record.length, type);
  }

  @Override
  public TlsDecodeResult decodeCiphertext(
      long seqNo,
      short recordType,
      ProtocolVersion recordVersion,
      byte[] ciphertext,
      int offset,
      int len) {
    byte[] message = Arrays.copyOfRange(ciphertext, offset, offset + len);
    return new TlsDecodeResult(message, 0, len, ContentType.handshake);
  }

  /** RFC 9001 §6: endpoints MUST NOT send a TLS KeyUpdate message. */
  @Override
  public void rekeyDecoder() throws IOException {
    throw new TlsFatalAlert(AlertDescription.unexpected_message);
  }

  /** RFC 9001 §6: endpoints MUST NOT send a TLS KeyUpdate message. */
  @Override
  public void rekeyEncoder() throws IOException {
    throw new TlsFatalAlert(AlertDescription.internal_error);
  }

  @Override
  public boolean usesOpaqueRecordTypeDecode() {
    return true;
  }

  @Override
  public boolean usesOpaqueRecordTypeEncode() {
    return false;
  }
}
