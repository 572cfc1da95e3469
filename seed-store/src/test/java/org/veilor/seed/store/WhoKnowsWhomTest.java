package org.veilor.seed.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which package may know which. */
final class WhoKnowsWhomTest {
  private final JavaClasses classes =
      new ClassFileImporter().importPath(Path.of("target", "classes"));

  @Test
  void onlyTheDatabasePackageSeesRocksDb() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.veilor.seed.store.meta")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .check(classes);
  }

  @Test
  void onlyTheCacheSeesCaffeine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.veilor.seed.store.cache")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.github.benmanes.caffeine..")
        .check(classes);
  }

  @Test
  void onlyTheLookAtAllocatedBytesCallsNativeCode() {
    noClasses()
        .that()
        .haveNameNotMatching("org\\.veilor\\.seed\\.store\\.cache\\.AllocatedBytes.*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(classes);
  }

  @Test
  void theCacheDoesNotKnowTheDatabase() {
    noClasses()
        .that()
        .resideInAPackage("org.veilor.seed.store.cache")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.veilor.seed.store.meta", "org.veilor.seed.store.importer")
        .check(classes);
  }

  @Test
  void databaseAndFilesDoNotKnowEachOtherNorTheWayIn() {
    noClasses()
        .that()
        .resideInAPackage("org.veilor.seed.store.meta")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.veilor.seed.store", "org.veilor.seed.store.file", "org.veilor.seed.store.importer")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("org.veilor.seed.store.file")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.veilor.seed.store.meta", "org.veilor.seed.store.importer")
        .check(classes);
  }
}
