package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.seeding.Hint.Kind;

/**
 * Hints from the JDK's watch service, for where inotify cannot be called. It never tells the end of
 * writing, so that every file has to wait for the long quiet time.
 */
final class PortableWatcher implements FolderWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(PortableWatcher.class);

  private final WatchService service;
  private final int budget;
  private final Consumer<Hint> listener;
  private final Map<Path, WatchKey> keys = new ConcurrentHashMap<>();
  private final Thread thread;

  private PortableWatcher(WatchService service, int budget, Consumer<Hint> listener) {
    this.service = service;
    this.budget = budget;
    this.listener = listener;
    thread = Thread.ofPlatform().name("watch-service").daemon().unstarted(this::run);
  }

  /**
   * Opens the watch service.
   *
   * @throws IOException where there is none
   */
  static PortableWatcher open(int budget, Consumer<Hint> listener) throws IOException {
    WatchService service = FileSystems.getDefault().newWatchService();
    PortableWatcher watcher = new PortableWatcher(service, budget, listener);
    watcher.thread.start();
    return watcher;
  }

  @Override
  public Watched watch(Path folder) {
    if (keys.containsKey(folder)) {
      return Watched.YES;
    }
    if (keys.size() >= budget) {
      return Watched.NO_BUDGET;
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return Watched.NOT_POSSIBLE;
    }
    try {
      keys.put(
          folder,
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE));
      return Watched.YES;
    } catch (IOException e) {
      boolean limit = String.valueOf(e.getMessage()).contains("limit");
      LOG.debug("{} cannot be watched", folder, e);
      return limit ? Watched.NO_BUDGET : Watched.NOT_POSSIBLE;
    } catch (ClosedWatchServiceException e) {
      LOG.debug("{} is not watched: closing", folder, e);
      return Watched.NOT_POSSIBLE;
    }
  }

  @Override
  public void unwatchBelow(Path folder) {
    keys.entrySet()
        .removeIf(entry -> {
          boolean below = entry.getKey().startsWith(folder);
          if (below) {
            entry.getValue().cancel();
          }
          return below;
        });
  }

  @Override
  public int watches() {
    return keys.size();
  }

  @Override
  public int budget() {
    return budget;
  }

  @Override
  public String name() {
    return "watch service of the JDK";
  }

  @Override
  public void close() {
    try {
      service.close();
      thread.join();
    } catch (IOException e) {
      LOG.warn("the watch service did not close", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = service.take();
        Path folder = (Path) key.watchable();
        for (WatchEvent<?> event : key.pollEvents()) {
          hint(folder, event);
        }
        if (!key.reset() && keys.remove(folder, key)) {
          listener.accept(new Hint(Kind.WATCHED_FOLDER_GONE, folder));
        }
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the watch service is closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hint(Path folder, WatchEvent<?> event) {
    if (!(event.context() instanceof Path name)) {
      listener.accept(new Hint(Kind.OVERFLOW, folder));
      return;
    }
    Path path = folder.resolve(name);
    if (event.kind().equals(StandardWatchEventKinds.ENTRY_DELETE)) {
      listener.accept(
          new Hint(keys.containsKey(path) ? Kind.FOLDER_MOVED_OUT : Kind.FILE_GONE, path));
    } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      if (event.kind().equals(StandardWatchEventKinds.ENTRY_CREATE)) {
        listener.accept(new Hint(Kind.FOLDER_CREATED, path));
      }
    } else {
      listener.accept(new Hint(Kind.FILE_CHANGED, path));
    }
  }
}
