package org.veilor.seed.node.net;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The old generation of this JVM, whatever its collector: the largest pool of the heap. */
final class OldGeneration implements MemoryGuard.Heap {
  private final @Nullable MemoryPoolMXBean pool =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(each -> each.getType() == MemoryType.HEAP && each.getCollectionUsage() != null)
          .max(Comparator.comparingLong(each -> each.getCollectionUsage().getMax()))
          .orElse(null);

  @Override
  public int livePercent() {
    MemoryUsage usage = pool == null ? null : pool.getCollectionUsage();
    return usage == null || usage.getMax() <= 0
        ? 0
        : (int) (100 * usage.getUsed() / usage.getMax());
  }

  @Override
  public void collect() {
    System.gc();
  }
}
