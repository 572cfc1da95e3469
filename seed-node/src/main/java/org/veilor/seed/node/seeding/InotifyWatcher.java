package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.seeding.Hint.Kind;

/**
 * Hints from inotify(7), which unlike the JDK's watch service tells when a writer closed a file.
 * One descriptor for all folders, read by one thread that only forwards. A watch belongs to an
 * inode, not to a name: when a watched folder is renamed away, its watches are removed, because
 * their hints would name paths that are no longer true.
 */
final class InotifyWatcher implements FolderWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(InotifyWatcher.class);
  private static final String MAX_USER_WATCHES = "/proc/sys/fs/inotify/max_user_watches";
  private static final int DEFAULT_USER_WATCHES = 8192;
  private static final int MASK =
      InotifyBindings.IN_CLOSE_WRITE
          | InotifyBindings.IN_MOVED_TO
          | InotifyBindings.IN_MOVED_FROM
          | InotifyBindings.IN_CREATE
          | InotifyBindings.IN_DELETE
          | InotifyBindings.IN_DELETE_SELF
          | InotifyBindings.IN_MOVE_SELF
          | InotifyBindings.IN_ATTRIB
          | InotifyBindings.IN_ONLYDIR
          | InotifyBindings.IN_DONT_FOLLOW
          | InotifyBindings.IN_EXCL_UNLINK;
  private static final int BUFFER_BYTES = 256 * 1024;

  /** Only a close that could not wake the thread waits for this. */
  private static final int POLL_MILLIS = 2_000;

  private static final int HEADER_BYTES = 16;

  private final InotifyBindings libc;
  private final int descriptor;
  private final int budget;
  private final Consumer<Hint> listener;
  private final Map<Integer, Path> folderOfWatch = new ConcurrentHashMap<>();
  private final Map<Path, Integer> watchOfFolder = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  private InotifyWatcher(
      InotifyBindings libc, int descriptor, int budget, Consumer<Hint> listener) {
    this.libc = libc;
    this.descriptor = descriptor;
    this.budget = budget;
    this.listener = listener;
    thread = Thread.ofPlatform().name("inotify").daemon().unstarted(this::run);
  }

  /**
   * Opens an inotify descriptor.
   *
   * @param budget folders that may be watched
   * @throws IOException where inotify cannot be used
   */
  static InotifyWatcher open(int budget, Consumer<Hint> listener) throws IOException {
    InotifyBindings libc = InotifyBindings.load();
    int descriptor = libc.init();
    if (descriptor < 0) {
      throw new IOException(
          "inotify_init1 failed with errno "
              + -descriptor
              + "; raise fs.inotify.max_user_instances if it is 24");
    }
    InotifyWatcher watcher = new InotifyWatcher(libc, descriptor, budget, listener);
    watcher.thread.start();
    return watcher;
  }

  /** Half of what the kernel gives each user, or 4,096 where that cannot be read. */
  static int fairBudget() {
    return maxUserWatches() / SeedingLimits.WATCH_SHARE;
  }

  /** The kernel's limit of watches for each user. */
  static int maxUserWatches() {
    long watches = KernelSettings.number(MAX_USER_WATCHES);
    return watches < 0 ? DEFAULT_USER_WATCHES : (int) Math.min(watches, Integer.MAX_VALUE);
  }

  @Override
  public Watched watch(Path folder) {
    if (!watchOfFolder.containsKey(folder) && watchOfFolder.size() >= budget) {
      return Watched.NO_BUDGET;
    }
    synchronized (this) {
      if (closed) {
        return Watched.NOT_POSSIBLE;
      }
      int watch = libc.addWatch(descriptor, folder.toString(), MASK);
      if (watch < 0) {
        return watch == -InotifyBindings.ENOSPC ? Watched.NO_BUDGET : Watched.NOT_POSSIBLE;
      }
      Path before = folderOfWatch.put(watch, folder);
      if (before != null && !before.equals(folder)) {
        watchOfFolder.remove(before, watch);
      }
      watchOfFolder.put(folder, watch);
      return Watched.YES;
    }
  }

  @Override
  public synchronized void unwatchBelow(Path folder) {
    watchOfFolder
        .entrySet()
        .removeIf(entry -> {
          if (!entry.getKey().startsWith(folder)) {
            return false;
          }
          folderOfWatch.remove(entry.getValue());
          if (!closed) {
            libc.removeWatch(descriptor, entry.getValue());
          }
          return true;
        });
  }

  @Override
  public int watches() {
    return watchOfFolder.size();
  }

  @Override
  public int budget() {
    return budget;
  }

  @Override
  public String name() {
    return "inotify";
  }

  @Override
  public void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        wake();
      }
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A watch that ends is an event like others. */
  private void wake() {
    int watch = libc.addWatch(descriptor, "/", InotifyBindings.IN_DELETE_SELF);
    if (watch >= 0) {
      libc.removeWatch(descriptor, watch);
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
      while (!closed) {
        int ready = libc.waitForInput(descriptor, POLL_MILLIS);
        int length = ready > 0 ? libc.read(descriptor, buffer) : ready;
        if (length > 0) {
          events(buffer, length);
        } else if (length < 0
            && length != -InotifyBindings.EINTR
            && length != -InotifyBindings.EAGAIN) {
          LOG.error("inotify failed with errno {}; changes are seen by scans only", -length);
          return;
        }
      }
    } finally {
      synchronized (this) {
        closed = true;
        libc.close(descriptor);
      }
    }
  }

  private void events(MemorySegment buffer, int length) {
    int at = 0;
    while (at + HEADER_BYTES <= length) {
      int watch = buffer.get(ValueLayout.JAVA_INT, at);
      int mask = buffer.get(ValueLayout.JAVA_INT, at + 4L);
      int nameLength = buffer.get(ValueLayout.JAVA_INT, at + 12L);
      byte[] name =
          buffer.asSlice(at + (long) HEADER_BYTES, nameLength).toArray(ValueLayout.JAVA_BYTE);
      event(watch, mask, name);
      at += HEADER_BYTES + nameLength;
    }
  }

  private void event(int watch, int mask, byte[] name) {
    if (has(mask, InotifyBindings.IN_Q_OVERFLOW)) {
      listener.accept(new Hint(Kind.OVERFLOW, Path.of("/")));
      return;
    }
    Path folder = folderOfWatch.get(watch);
    if (folder == null) {
      return;
    }
    if (has(mask, InotifyBindings.IN_IGNORED)) {
      folderOfWatch.remove(watch);
      watchOfFolder.remove(folder, watch);
      return;
    }
    if (has(
        mask,
        InotifyBindings.IN_DELETE_SELF
            | InotifyBindings.IN_MOVE_SELF
            | InotifyBindings.IN_UNMOUNT)) {
      boolean unmounted = has(mask, InotifyBindings.IN_UNMOUNT);
      listener.accept(new Hint(unmounted ? Kind.OVERFLOW : Kind.WATCHED_FOLDER_GONE, folder));
      return;
    }
    Path path = resolve(folder, name);
    Kind kind =
        path == null
            ? Kind.OVERFLOW
            : has(mask, InotifyBindings.IN_ISDIR) ? folderKind(mask) : fileKind(mask);
    if (kind != null) {
      listener.accept(new Hint(kind, path == null ? folder : path));
    }
  }

  private static @Nullable Kind fileKind(int mask) {
    if (has(mask, InotifyBindings.IN_CLOSE_WRITE)) {
      return Kind.FILE_CLOSED;
    }
    if (has(mask, InotifyBindings.IN_MOVED_TO)) {
      return Kind.FILE_MOVED_IN;
    }
    if (has(mask, InotifyBindings.IN_CREATE)) {
      return Kind.FILE_CHANGED;
    }
    if (has(mask, InotifyBindings.IN_DELETE | InotifyBindings.IN_MOVED_FROM)) {
      return Kind.FILE_GONE;
    }
    return has(mask, InotifyBindings.IN_ATTRIB) ? Kind.FILE_ATTRIBUTES : null;
  }

  private static @Nullable Kind folderKind(int mask) {
    if (has(mask, InotifyBindings.IN_CREATE)) {
      return Kind.FOLDER_CREATED;
    }
    if (has(mask, InotifyBindings.IN_MOVED_TO)) {
      return Kind.FOLDER_MOVED_IN;
    }
    if (has(mask, InotifyBindings.IN_MOVED_FROM)) {
      return Kind.FOLDER_MOVED_OUT;
    }
    if (has(mask, InotifyBindings.IN_DELETE)) {
      return Kind.FOLDER_GONE;
    }
    return has(mask, InotifyBindings.IN_ATTRIB) ? Kind.FOLDER_ATTRIBUTES : null;
  }

  private static boolean has(int mask, int bits) {
    return (mask & bits) != 0;
  }

  /** The path of an event, the folder itself without a name; null where the name is no text. */
  private static @Nullable Path resolve(Path folder, byte[] name) {
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    if (length == 0) {
      return folder;
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name, 0, length)).toString();
      return folder.resolve(text);
    } catch (CharacterCodingException | InvalidPathException e) {
      LOG.debug("a name in {} is no text", folder, e);
      return null;
    }
  }
}
