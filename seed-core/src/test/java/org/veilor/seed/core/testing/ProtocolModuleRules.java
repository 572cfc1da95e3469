package org.veilor.seed.core.testing;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.concurrent.TimeUnit;

/** A protocol module is a function: no sockets, threads, locks, clock or chance. */
public final class ProtocolModuleRules {
  private ProtocolModuleRules() {}

  /** The classes below a package, without tests. */
  public static JavaClasses classesBelow(String rootPackage) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(rootPackage);
  }

  /** What a state machine must not know. */
  public static ArchRule noSocketsThreadsLocksOrChance() {
    return noClasses()
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
        .callMethod(Math.class, "random");
  }

  /** Packages below the root know each other in one direction only. */
  public static ArchRule packagesHaveNoCyclesBetweenThem(String rootPackage) {
    return SlicesRuleDefinition.slices().matching(rootPackage + ".(*)..").should().beFreeOfCycles();
  }
}
