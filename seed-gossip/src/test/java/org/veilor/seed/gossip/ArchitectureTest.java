package org.veilor.seed.gossip;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.testing.ProtocolModuleRules;

class ArchitectureTest {
  private static final String ROOT = "org.veilor.seed.gossip";
  private static final JavaClasses CLASSES = ProtocolModuleRules.classesBelow(ROOT);

  @Test
  void noSocketsThreadsLocksOrChance() {
    ProtocolModuleRules.noSocketsThreadsLocksOrChance().check(CLASSES);
  }

  @Test
  void packagesHaveNoCyclesBetweenThem() {
    ProtocolModuleRules.packagesHaveNoCyclesBetweenThem(ROOT).check(CLASSES);
  }
}
