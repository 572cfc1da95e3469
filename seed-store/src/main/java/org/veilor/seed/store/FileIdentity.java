package org.veilor.seed.store;

import java.io.IOException;
import java.nio.file.Path;
import org.veilor.seed.store.file.FileStatus;

/**
 * What tells one state of a file from another without reading it. The change time is set by the
 * kernel alone, so a file that was written, renamed or linked cannot look as it did before.
 *
 * @param device file system
 * @param inode file on that file system
 * @param modifiedNanos time of the last change of the content, nanoseconds since 1970
 * @param changedNanos time of the last change of content, names or rights, nanoseconds since 1970
 */
public record FileIdentity(
    long device, long inode, long sizeBytes, long modifiedNanos, long changedNanos) {

  /**
   * The identity of the file at {@code path}; a symbolic link is not followed.
   *
   * @throws IOException if there is no such file or its folder may not be searched
   */
  public static FileIdentity of(Path path) throws IOException {
    return FileStatus.of(path).identity();
  }

  /**
   * Whether both are the same state of the same file. The device does not count: its number changes
   * when a file system is mounted again, and nothing should be hashed again for that.
   */
  public boolean isSameState(FileIdentity other) {
    return inode == other.inode
        && sizeBytes == other.sizeBytes
        && modifiedNanos == other.modifiedNanos
        && changedNanos == other.changedNanos;
  }
}
