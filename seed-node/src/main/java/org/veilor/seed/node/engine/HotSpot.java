package org.veilor.seed.node.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.JavaRuntime;

/** This Java runtime, by its management beans. */
public final class HotSpot implements JavaRuntime {
  /** The only instance. */
  public static final HotSpot INSTANCE = new HotSpot();

  private static final Logger log = LoggerFactory.getLogger(HotSpot.class);

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  private HotSpot() {}

  @Override
  public long cpuNanos() {
    return threads.getCurrentThreadCpuTime();
  }

  @Override
  public long allocatedBytes() {
    return threads instanceof com.sun.management.ThreadMXBean counting
        ? counting.getCurrentThreadAllocatedBytes()
        : 0;
  }

  /**
   * {@inheritDoc}
   *
   * <p>From within, because the flag -XX:CompilerDirectivesFile writes a line to standard output at
   * each start.
   */
  @Override
  public boolean direct(String directives) {
    try {
      Path file = Files.createTempFile("veilor-seed-compiler", ".json");
      try {
        Files.writeString(file, directives);
        Object said =
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "compilerDirectivesAdd",
                    new Object[] {new String[] {file.toString()}},
                    new String[] {String[].class.getName()});
        log.debug("the JIT compiler says: {}", said);
        return String.valueOf(said).contains("directives added");
      } finally {
        Files.delete(file);
      }
    } catch (JMException | java.io.IOException | RuntimeException e) {
      log.debug("the JIT compiler takes no directive", e);
      return false;
    }
  }
}
