package org.veilor.seed.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.file.ChannelBytes;
import org.veilor.seed.store.file.FileStatus;
import org.veilor.seed.store.file.OpenFiles;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

/**
 * Opens blobs for reading, and decides which file may still stand for a hash.
 *
 * <p>A path whose state differs from its row is distrusted at once, in memory, before the row is
 * dropped; so it is never served again under the old hash, even if the database cannot be written.
 * A path that is merely not there (an unmounted folder) is left out but keeps its row: whether it
 * is gone is for the scan to say.
 */
final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  /** Something that can be open: a file in a state, or an outboard. */
  private sealed interface Source {
    record Content(Hash hash, Path path, FileIdentity identity) implements Source {}

    record Outboard(Hash hash) implements Source {}
  }

  /** Why a path is not what its row says. */
  record Distrust(Hash hash, String why) {}

  /** What serving asks of the store. */
  interface Owner {
    /** Rows of {@link #distrusted()} are to be dropped. */
    void distrusted();

    /** Nobody reads the blob any more. */
    void released(Hash hash);

    /** The database may be damaged. */
    void failed(MetaException cause);
  }

  private final MetaStore meta;
  private final OutboardFiles outboards;
  private final Owner owner;
  private final Leases leases = new Leases();
  private final InlineCache inline;
  private final OpenFiles<Source> openFiles;
  private final Map<Path, Distrust> distrusted = new ConcurrentHashMap<>();

  Serving(MetaStore meta, OutboardFiles outboards, int openFiles, Owner owner) {
    this.meta = meta;
    this.outboards = outboards;
    this.owner = owner;
    this.inline = new InlineCache(meta);
    this.openFiles = new OpenFiles<>(openFiles, this::open);
  }

  /** The blob with a lease, or missing. */
  BlobLookup open(Hash hash) throws IOException {
    leases.acquire(hash);
    StoredBlob found = null;
    try {
      found = find(hash);
      return found == null ? new BlobLookup.Missing() : new BlobLookup.Found(found);
    } catch (MetaException e) {
      throw unusable(e);
    } finally {
      if (found == null) {
        release(hash);
      }
    }
  }

  private @Nullable StoredBlob find(Hash hash) throws MetaException {
    byte[] value = meta.get(Family.BLOB, hash.toBytes());
    if (value == null) {
      return null;
    }
    Rows.BlobRow row = Rows.blob(value);
    if (row.place() == BlobRecord.Place.DATABASE) {
      return new StoredBlob(this, hash, row, null);
    }
    @Nullable PathRecord[] usable = {null};
    meta.scan(
        Family.HOLDER,
        Keys.holders(hash, Keys.PATH_HOLDER),
        (key, _) -> {
          usable[0] = usable(hash, Keys.holderPath(key));
          return usable[0] == null;
        });
    PathRecord file = usable[0];
    return file == null ? null : new StoredBlob(this, hash, row, file);
  }

  private @Nullable PathRecord usable(Hash hash, Path path) throws MetaException {
    // Distrust first, the row second: distrust ends only when the row is gone, so one of them
    // tells.
    if (isDistrusted(path, hash)) {
      return null;
    }
    byte[] value = meta.get(Family.PATH, Keys.path(path));
    if (value == null) {
      return null;
    }
    PathRecord row = Rows.path(path, value);
    if (!row.hash().equals(hash)) {
      return null;
    }
    try {
      FileStatus now = FileStatus.of(path);
      if (now.kind() == FileStatus.Kind.REGULAR && now.identity().isSameState(row.identity())) {
        return row;
      }
      distrust(hash, path, "the file was changed after it was hashed");
    } catch (IOException e) {
      LOG.debug("{} cannot stand for {} now", path, hash, e);
    }
    return null;
  }

  boolean isDistrusted(Path path, Hash hash) {
    Distrust distrust = distrusted.get(path);
    return distrust != null && distrust.hash.equals(hash);
  }

  /** From now on {@code path} does not stand for {@code hash}. */
  void distrust(Hash hash, Path path, String why) {
    distrusted.put(path, new Distrust(hash, why));
    owner.distrusted();
  }

  /**
   * Some file gave bytes that are not of {@code hash}: all that changed, or the one that serves.
   *
   * @return whether there was any
   */
  boolean distrustWrong(Hash hash, String why) throws MetaException {
    @Nullable Path[] serving = {null};
    boolean[] anyChanged = {false};
    meta.scan(
        Family.HOLDER,
        Keys.holders(hash, Keys.PATH_HOLDER),
        (key, _) -> {
          Path path = Keys.holderPath(key);
          if (usable(hash, path) == null) {
            anyChanged[0] |= isDistrusted(path, hash);
          } else if (serving[0] == null) {
            serving[0] = path;
          }
          return true;
        });
    if (!anyChanged[0] && serving[0] != null) {
      distrust(hash, serving[0], why);
      return true;
    }
    return anyChanged[0];
  }

  /** All paths that stand for {@code hash}: its outboard is useless. */
  private void distrustOutboard(Hash hash, String why) throws MetaException {
    List<Path> holders = new ArrayList<>();
    meta.scan(
        Family.HOLDER,
        Keys.holders(hash, Keys.PATH_HOLDER),
        (key, _) -> holders.add(Keys.holderPath(key)));
    holders.forEach(path -> distrust(hash, path, why));
  }

  /** The paths whose rows are to be dropped. They stay distrusted until {@link #settled}. */
  Map<Path, Distrust> distrusted() {
    return Map.copyOf(distrusted);
  }

  /** The row of {@code path} has been dropped. */
  void settled(Path path, Distrust distrust) {
    distrusted.remove(path, distrust);
  }

  private FileChannel open(Source source) throws IOException {
    return switch (source) {
      case Source.Outboard outboard ->
          FileChannel.open(outboards.path(outboard.hash), StandardOpenOption.READ);
      case Source.Content content -> openContent(content);
    };
  }

  /** Opens a file between two looks at it, so that the channel is that of the file looked at. */
  private FileChannel openContent(Source.Content content) throws IOException {
    checkState(content);
    FileChannel channel =
        FileChannel.open(content.path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    boolean same = false;
    try {
      checkState(content);
      same = true;
      return channel;
    } finally {
      if (!same) {
        channel.close();
      }
    }
  }

  private void checkState(Source.Content content) throws IOException {
    FileStatus now = FileStatus.of(content.path);
    if (now.kind() != FileStatus.Kind.REGULAR || !now.identity().isSameState(content.identity)) {
      throw changed(content.hash, content.path, "the file was changed while it was served");
    }
  }

  private ContentChangedException changed(Hash hash, Path path, String why) {
    distrust(hash, path, why);
    return new ContentChangedException(hash, path, why);
  }

  /** Reads exactly {@code length} bytes of a file. */
  void readFile(PathRecord file, long offset, byte[] target, int targetOffset, int length)
      throws IOException {
    Source source = new Source.Content(file.hash(), file.path(), file.identity());
    int read =
        openFiles.read(
            source, channel -> ChannelBytes.fill(channel, offset, target, targetOffset, length));
    if (read < length) {
      openFiles.forget(source);
      throw changed(file.hash(), file.path(), "the file is shorter than it was");
    }
  }

  /** Fills {@code target} from an outboard file. */
  void readOutboard(Hash hash, long offset, byte[] target) throws IOException {
    try {
      int read =
          openFiles.read(
              new Source.Outboard(hash),
              channel -> ChannelBytes.fill(channel, offset, target, 0, target.length));
      if (read < target.length) {
        distrustOutboard(hash, "its outboard is too short");
        throw new EOFException("the outboard of " + hash + " is too short");
      }
    } catch (NoSuchFileException e) {
      try {
        distrustOutboard(hash, "its outboard is missing");
      } catch (MetaException again) {
        e.addSuppressed(again);
      }
      throw e;
    } catch (MetaException e) {
      throw unusable(e);
    }
  }

  /** Bytes from the database, of a known length. */
  byte[] inline(byte kind, Hash hash, long lengthBytes) throws IOException {
    try {
      byte[] bytes = inline.get(kind, hash);
      if (bytes != null && bytes.length == lengthBytes) {
        return bytes;
      }
      distrustOutboard(hash, "what the database keeps of it is missing");
      throw new EOFException("the inline row of " + hash + " is missing or too short");
    } catch (MetaException e) {
      throw unusable(e);
    }
  }

  private IOException unusable(MetaException e) {
    owner.failed(e);
    return new IOException("the metadata database cannot be read: " + e.getMessage(), e);
  }

  void release(Hash hash) {
    if (leases.release(hash)) {
      owner.released(hash);
    }
  }

  boolean isFree(Hash hash) {
    return leases.isFree(hash);
  }

  /** What was open of a blob's outboard must be read again. */
  void forgetOutboard(Hash hash) throws IOException {
    inline.forget(hash);
    openFiles.forget(new Source.Outboard(hash));
  }

  void forgetAllInline() {
    inline.clear();
  }

  int openLeases() {
    return leases.open();
  }

  int openFiles() {
    return openFiles.size();
  }

  void close() throws IOException {
    openFiles.close();
  }
}
