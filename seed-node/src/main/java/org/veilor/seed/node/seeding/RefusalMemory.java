package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.veilor.seed.store.FileIdentity;

/** Which files were refused in which state, so that a scan does not read them again. Bounded. */
final class RefusalMemory {
  private final Map<Path, FileIdentity> refused =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, FileIdentity> eldest) {
          return size() > SeedingLimits.MAX_REMEMBERED_REFUSALS;
        }
      };

  synchronized void remember(Path file, FileIdentity identity) {
    refused.put(file, identity);
  }

  synchronized boolean remembers(Path file, FileIdentity identity) {
    return identity.equals(refused.get(file));
  }

  synchronized void forget(Path file) {
    refused.remove(file);
  }
}
