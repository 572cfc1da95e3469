package org.veilor.seed.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A protocol module is a function: no sockets, threads, locks, clock or chance. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.veilor.seed.core");

  @Test
  void noSocketsThreadsLocksOrChance() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.nio.channels..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "javax.net..")
                .and(not(type(TimeUnit.class))))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Thread")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.net\\..*Socket|java\\.util\\.(Random|Timer)|java\\.security\\..*")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.time..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCyclesBetweenThem() {
    SlicesRuleDefinition.slices()
        .matching("org.veilor.seed.core.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
