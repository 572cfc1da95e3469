package org.veilor.seed.store;

import java.io.IOException;
import java.nio.file.Path;
import org.veilor.seed.core.hash.Hash;

/**
 * A file no longer holds the bytes that were hashed. The store has already dropped the path from
 * the blob; the stream that was reading has to be reset.
 */
public final class ContentChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Hash hash;
  private final transient Path path;

  public ContentChangedException(Hash hash, Path path, String why) {
    super(path + " is no longer blob " + hash.shortText() + ": " + why);
    this.hash = hash;
    this.path = path;
  }

  public Hash hash() {
    return hash;
  }

  public Path path() {
    return path;
  }
}
