package org.veilor.seed.store.file;

import java.util.Arrays;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

/** Bytes of a file with their BLAKE3 hash behind them. */
public final class Checksummed {
  private Checksummed() {}

  /** The bytes and their hash. */
  public static byte[] seal(byte[] body) {
    byte[] sealed = Arrays.copyOf(body, body.length + Hash.LENGTH);
    System.arraycopy(Blake3Hasher.hash(body).toBytes(), 0, sealed, body.length, Hash.LENGTH);
    return sealed;
  }

  /**
   * What was sealed.
   *
   * @throws MalformedException if it is too short for a hash, or has another one
   */
  public static byte[] open(byte[] sealed) throws MalformedException {
    int length = sealed.length - Hash.LENGTH;
    if (length < 0) {
      throw new MalformedException(sealed.length, "it is too short");
    }
    byte[] body = Arrays.copyOf(sealed, length);
    if (!Blake3Hasher.hash(body).equals(Hash.of(sealed, length))) {
      throw new MalformedException(length, "its checksum is wrong");
    }
    return body;
  }
}
