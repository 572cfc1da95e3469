package org.veilor.seed.node.policy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.store.file.Folders;

/**
 * The file {@code policy.journal}: {@link PolicyEntry entries} in the order in which they were
 * made, each on the disk before anybody is told that it is in force. A file of its own and not rows
 * of the database, because that one may be deleted and built anew.
 *
 * <p>A last line without its end was never acknowledged and is cut off. Any other bad line is
 * damage: the good ones count, and the file as it was is kept beside it.
 */
final class PolicyJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyJournal.class);
  private static final String NAME = "policy.journal";

  /** A larger file is not ours: {@link Policy#MAX_ENTRIES} lines, twice, are shorter. */
  private static final long MAX_FILE_BYTES = 512L << 20;

  private final Path state;
  private final Path file;
  private FileChannel channel;
  private long lines;

  private PolicyJournal(Path state, FileChannel channel, long lines) {
    this.state = state;
    this.file = state.resolve(NAME);
    this.channel = channel;
    this.lines = lines;
  }

  /** What was in the file, and the journal to go on with. */
  record Opened(PolicyJournal journal, List<PolicyEntry> entries) {}

  /**
   * Opens it, or creates it.
   *
   * @throws IOException with a sentence that names the file
   */
  static Opened open(Path state) throws IOException {
    Path file = state.resolve(NAME);
    try {
      return openFile(state, file);
    } catch (IOException e) {
      throw new IOException(
          "the list of denied blobs "
              + file
              + " cannot be read or written ("
              + e.getMessage()
              + "); check its rights, or move it away if nothing need be denied",
          e);
    }
  }

  private static Opened openFile(Path state, Path file) throws IOException {
    List<PolicyEntry> entries = new ArrayList<>();
    long end = Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? read(file, entries) : 0;
    FileChannel channel = openForAppending(file);
    boolean opened = false;
    try {
      if (channel.size() != end) {
        channel.truncate(end);
        channel.force(true);
      }
      channel.position(end);
      Folders.sync(state);
      opened = true;
      return new Opened(new PolicyJournal(state, channel, entries.size()), entries);
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  private static FileChannel openForAppending(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Reads the whole lines; returns where they end. */
  private static long read(Path file, List<PolicyEntry> entries) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException("it has more than " + MAX_FILE_BYTES + " bytes");
    }
    byte[] bytes = Files.readAllBytes(file);
    int start = 0;
    int damaged = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        try {
          entries.add(
              PolicyEntry.parse(new String(bytes, start, at - start, StandardCharsets.UTF_8)));
        } catch (MalformedException e) {
          LOG.error("{}, byte {}: {}", file, start, e.getMessage());
          damaged++;
        }
        start = at + 1;
      }
    }
    if (start < bytes.length) {
      LOG.warn("{}: the last line is not whole; it was never in force", file);
    }
    if (damaged > 0) {
      Path kept = file.resolveSibling(NAME + ".damaged");
      Files.copy(file, kept, StandardCopyOption.REPLACE_EXISTING);
      LOG.error(
          "{} lines of {} are damaged and not in force; the file as it was is {}: look there for"
              + " hashes and deny them again",
          damaged,
          file,
          kept);
    }
    return start;
  }

  /** Writes entries; they are on the disk on return. After a failure none of them is. */
  void append(Collection<? extends PolicyEntry> entries) throws IOException {
    long before = channel.position();
    boolean written = false;
    try {
      writeFully(channel, encode(entries));
      channel.force(false);
      lines += entries.size();
      written = true;
    } finally {
      if (!written && channel.isOpen()) {
        channel.truncate(before);
        channel.position(before);
      }
    }
  }

  /** Whether writing anew would make it much shorter. */
  boolean isMostlyHistory(int live) {
    return lines > 2L * live + 1000;
  }

  /** Replaces all lines. */
  void rewrite(Collection<? extends PolicyEntry> entries) throws IOException {
    Path fresh = file.resolveSibling(NAME + ".new");
    Files.deleteIfExists(fresh);
    FileChannel target = openForAppending(fresh);
    boolean replaced = false;
    try {
      writeFully(target, encode(entries));
      target.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      replaced = true;
    } finally {
      if (!replaced) {
        target.close();
        Files.deleteIfExists(fresh);
      }
    }
    channel.close();
    channel = target;
    lines = entries.size();
    Folders.sync(state);
  }

  private static ByteBuffer encode(Collection<? extends PolicyEntry> entries) {
    StringBuilder text = new StringBuilder();
    entries.forEach(entry -> text.append(entry.line()).append('\n'));
    return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void writeFully(FileChannel target, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
