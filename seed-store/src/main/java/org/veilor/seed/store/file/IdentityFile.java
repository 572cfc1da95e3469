package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Supplier;
import org.veilor.seed.store.StoreException;

/**
 * The file {@code identity.key} of a state folder: the 32 secret bytes of the endpoint's Ed25519
 * key as 64 lower-case hex digits and a line feed, readable by its owner only. Text, so that it can
 * be copied and compared without tools. Whoever calls this holds the {@link StateLock}.
 */
public final class IdentityFile {
  /** Name in the state folder. */
  public static final String NAME = "identity.key";

  /** Secret bytes. */
  public static final int SECRET_BYTES = 32;

  private static final int TEXT_BYTES = 2 * SECRET_BYTES + 1;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private IdentityFile() {}

  /**
   * Reads the secret; if there is no file yet, makes one that survives a power failure before it is
   * used.
   *
   * @param newSecret makes {@value #SECRET_BYTES} random bytes
   * @return a new array
   * @throws StoreException if the file is malformed, or others than its owner have rights on it
   */
  public static byte[] loadOrCreate(Path stateDirectory, Supplier<byte[]> newSecret)
      throws StoreException {
    Path file = stateDirectory.resolve(NAME);
    try {
      return load(file);
    } catch (NoSuchFileException e) {
      return create(file, newSecret.get());
    } catch (IOException e) {
      throw new StoreException(
          file + " cannot be read (" + FileReason.of(e) + "); give this user the right to read it",
          e);
    }
  }

  private static byte[] load(Path file) throws IOException, StoreException {
    Set<PosixFilePermission> rights =
        Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
    if (Files.isSymbolicLink(file)) {
      throw new StoreException(file + " is a symbolic link; put the key itself there");
    }
    if (!OWNER_ONLY.containsAll(rights)) {
      throw new StoreException(
          file
              + " is open to others ("
              + PosixFilePermissions.toString(rights)
              + "); run: chmod 600 "
              + file);
    }
    byte[] text = new byte[TEXT_BYTES + 1];
    int length;
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      length = in.readNBytes(text, 0, text.length);
    }
    String hex = new String(text, 0, length, StandardCharsets.ISO_8859_1).strip();
    if (length > TEXT_BYTES || !hex.matches("[0-9a-f]{64}")) {
      throw new StoreException(
          file
              + " is not an identity: it must hold 64 lower-case hex digits; restore it from a copy,"
              + " or move it away to start with a new identity");
    }
    return HexFormat.of().parseHex(hex);
  }

  private static byte[] create(Path file, byte[] secret) throws StoreException {
    if (secret.length != SECRET_BYTES) {
      throw new IllegalArgumentException("a secret has 32 bytes, not " + secret.length);
    }
    Path temporary = file.resolveSibling(NAME + ".new");
    byte[] text = (HexFormat.of().formatHex(secret) + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      Files.deleteIfExists(temporary);
      try (FileChannel out =
          FileChannel.open(
              temporary,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        ByteBuffer bytes = ByteBuffer.wrap(text);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      Folders.sync(file.resolveSibling("."));
    } catch (IOException e) {
      throw new StoreException(
          "the identity "
              + file
              + " cannot be written ("
              + FileReason.of(e)
              + "); make room or give the right to",
          e);
    }
    return secret.clone();
  }
}
