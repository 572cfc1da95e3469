package org.veilor.seed.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.meta.MetaException;

/** The keys of rows. What is read is checked: a damaged database may hold anything. */
final class Keys {
  static final byte PATH_HOLDER = 'p';
  static final byte COLLECTION_HOLDER = 'c';
  static final byte INLINE_DATA = 'd';
  static final byte INLINE_OUTBOARD = 'o';
  static final byte[] ALL = {};
  static final byte[] FORMAT = ascii("format");
  static final byte[] REBUILT = ascii("rebuilt");
  static final byte[] DROPPED_PREFIX = ascii("dropped/");

  private Keys() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Absolute, and without {@code .} and {@code ..}: the form in which paths are keys. */
  static Path canonical(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /**
   * Whether the path survives the way through text. File names on Linux are bytes; those that are
   * not text in the encoding of this process would all look alike.
   */
  static boolean isText(Path path) {
    try {
      return Path.of(path.toString()).equals(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  static byte[] path(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether {@link #path(byte[])} would say that the key is malformed. */
  static void checkPath(byte[] key) throws MetaException {
    if (key.length == 0) {
      throw damaged(null);
    }
    for (byte each : key) {
      if (each == 0) {
        throw damaged(null);
      }
    }
  }

  static Path path(byte[] key) throws MetaException {
    return path(key, 0);
  }

  private static Path path(byte[] key, int start) throws MetaException {
    if (start >= key.length) {
      throw damaged(null);
    }
    try {
      return Path.of(new String(key, start, key.length - start, StandardCharsets.UTF_8));
    } catch (InvalidPathException e) {
      throw damaged(e);
    }
  }

  private static Hash hash(byte[] key, int start, int end) throws MetaException {
    if (end != start + Hash.LENGTH) {
      throw damaged(null);
    }
    return Hash.of(key, start);
  }

  private static MetaException damaged(@Nullable Exception cause) {
    MetaException damaged = new MetaException(MetaException.Kind.DAMAGED, "a key is malformed");
    if (cause != null) {
      damaged.initCause(cause);
    }
    return damaged;
  }

  /** The blob that a row is about. */
  static Hash blob(byte[] key) throws MetaException {
    return hash(key, 0, key.length);
  }

  /** Starts the keys of everything below a folder. */
  static byte[] below(Path folder) {
    String text = folder.toString();
    return (text.endsWith("/") ? text : text + "/").getBytes(StandardCharsets.UTF_8);
  }

  /** Starts the keys of all holders of a blob. */
  static byte[] holders(Hash hash) {
    return hash.toBytes();
  }

  /** Starts the keys of the holders of one kind. */
  static byte[] holders(Hash hash, byte kind) {
    return holder(hash, kind, new byte[0]);
  }

  static byte[] holder(Hash hash, byte kind, Path path) {
    return holder(hash, kind, path(path));
  }

  private static byte[] holder(Hash hash, byte kind, byte[] path) {
    byte[] key = new byte[Hash.LENGTH + 1 + path.length];
    hash.writeTo(key, 0);
    key[Hash.LENGTH] = kind;
    System.arraycopy(path, 0, key, Hash.LENGTH + 1, path.length);
    return key;
  }

  static byte holderKind(byte[] holderKey) throws MetaException {
    if (holderKey.length <= Hash.LENGTH) {
      throw damaged(null);
    }
    return holderKey[Hash.LENGTH];
  }

  static Path holderPath(byte[] holderKey) throws MetaException {
    return path(holderKey, Hash.LENGTH + 1);
  }

  static byte[] inline(byte kind, Hash hash) {
    byte[] key = new byte[1 + Hash.LENGTH];
    key[0] = kind;
    hash.writeTo(key, 1);
    return key;
  }

  /** Marks a blob that was dropped and whose outboard is still to be deleted. */
  static byte[] dropped(Hash hash) {
    byte[] key = new byte[DROPPED_PREFIX.length + Hash.LENGTH];
    System.arraycopy(DROPPED_PREFIX, 0, key, 0, DROPPED_PREFIX.length);
    hash.writeTo(key, DROPPED_PREFIX.length);
    return key;
  }

  static Hash droppedHash(byte[] key) throws MetaException {
    return hash(key, DROPPED_PREFIX.length, key.length);
  }
}
