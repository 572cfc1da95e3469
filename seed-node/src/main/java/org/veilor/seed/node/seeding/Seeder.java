package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.config.SeedingSettings;
import org.veilor.seed.node.config.ServiceSettings;

/**
 * Keeps the store in step with the folders of the services. All state belongs to one thread ({@link
 * SeederLoop}); watcher, scanner and hash workers bring it messages, and this class is the proxy
 * with which everybody else speaks to it.
 */
public final class Seeder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Seeder.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final SeederLoop loop;
  private final ExecutorService importPool;
  private final Adder adder;

  private Seeder(SeederLoop loop, ExecutorService importPool, Adder adder) {
    this.loop = loop;
    this.importPool = importPool;
    this.adder = adder;
  }

  /**
   * Starts to seed the folders of the services.
   *
   * @param files the file system, {@link FileView#REAL} but in tests
   * @param nanoClock a clock that never goes back, {@code System::nanoTime} but in tests
   */
  public static Seeder start(
      SeedStore store,
      SeedingSettings settings,
      List<ServiceSettings> services,
      FileView files,
      LongSupplier nanoClock) {
    ExecutorService importPool =
        Executors.newFixedThreadPool(
            SeedingLimits.READERS + settings.hashThreads(),
            Thread.ofPlatform().name("hash-", 0).daemon().factory());
    SeederLoop loop = new SeederLoop(store, settings, files, nanoClock, importPool);
    loop.start(services);
    Adder adder = new Adder(store, files, loop.importer(), importPool, loop::follow);
    return new Seeder(loop, importPool, adder);
  }

  /** Takes over new settings of the services; what is no longer named is no longer watched. */
  public void services(List<ServiceSettings> services) {
    loop.ask(l -> {
      l.services(services);
      return true;
    });
  }

  /** How it goes. */
  public SeederStatus status() {
    return loop.ask(SeederLoop::status);
  }

  /** Where a path stands on its way, or null where nothing is to be done for it. */
  public @Nullable PathState state(Path path) {
    return loop.ask(l -> java.util.Optional.ofNullable(l.state(path))).orElse(null);
  }

  /** The service in whose folder a path lies, or null. */
  public @Nullable ServiceSettings serviceOf(Path path) {
    return loop.ask(l -> java.util.Optional.ofNullable(l.serviceOf(path))).orElse(null);
  }

  /**
   * Says that the deletions which paused a service are meant.
   *
   * @return what happens, as a sentence, or null where there is no such service
   */
  public @Nullable String resume(String service) {
    return loop.ask(l -> java.util.Optional.ofNullable(l.resume(service))).orElse(null);
  }

  /** Asks for a scan of every service now. */
  public void scanNow() {
    loop.ask(l -> {
      l.scanAllNow();
      return true;
    });
  }

  /** The same without waiting until the seeder has heard it, for threads that must not wait. */
  public void scanSoon() {
    loop.requestScan();
  }

  /** Seeds what the operator names. */
  public Adder adder() {
    return adder;
  }

  @Override
  public void close() {
    loop.close();
    importPool.shutdown();
    try {
      if (!importPool.awaitTermination(
          STOP_TIMEOUT.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)) {
        LOG.warn(
            "a file is still being hashed after {} s; it is given up", STOP_TIMEOUT.toSeconds());
        importPool.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
