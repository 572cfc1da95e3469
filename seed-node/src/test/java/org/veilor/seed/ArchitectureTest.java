package org.veilor.seed;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may know whom (docs/architecture.md §2), over all modules that the daemon is made of.
 *
 * <p>{@code allowEmptyShould} stands where a rule is there before the room it guards: seed-gossip.
 */
final class ArchitectureTest {
  private static final String ROOT = "org.veilor.seed.";
  private static final String[] PROTOCOLS = {
    ROOT + "core..", ROOT + "quic..", ROOT + "blobs..", ROOT + "gossip.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.veilor.seed");

  @ParameterizedTest
  @ValueSource(strings = {"core", "quic", "blobs", "store", "net", "node"})
  void everyRoomIsLookedAt(String room) {
    assertThat(CLASSES.stream().filter(c -> c.getPackageName().startsWith(ROOT + room)))
        .hasSizeGreaterThan(5);
  }

  @ParameterizedTest
  @CsvSource({
    "core,   quic blobs gossip store net node",
    "quic,   blobs gossip store net node",
    "blobs,  quic gossip store net node",
    "gossip, quic blobs store net node",
    "store,  quic blobs gossip net node",
    "net,    blobs gossip store node"
  })
  void roomsDoNotKnowThoseBesideAndAboveThem(String room, String strangers) {
    String[] packages =
        Arrays.stream(strangers.split(" ")).map(s -> ROOT + s + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "org.rocksdb..,                   store",
    "com.github.benmanes.caffeine..,  store",
    "io.netty..,                      net node",
    "org.bouncycastle.tls..,          quic",
    "org.bouncycastle..,              core quic",
    "com.fasterxml.jackson..,         node",
    "picocli..,                       node",
    "com.google.zxing..,              node",
    "ch.qos.logback..,                node",
    "org.slf4j..,                     store net node"
  })
  void aLibraryIsSeenByItsRoomsOnly(String library, String rooms) {
    String[] packages =
        Arrays.stream(rooms.split(" ")).map(s -> ROOT + s + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void protocolsHaveNoSocketsChannelsOrFiles() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOLS)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.nio.channels..", "java.nio.file..", "javax.net.."))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.net\\..*Socket(Impl|Factory)?|java\\.net\\.(URL|URLConnection)")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File|FileInputStream|FileOutputStream|RandomAccessFile)")
        .orShould()
        .callMethod(InetAddress.class, "getByName", String.class)
        .orShould()
        .callMethod(InetAddress.class, "getAllByName", String.class)
        .orShould()
        .callMethod(InetAddress.class, "getLocalHost")
        .check(CLASSES);
  }

  @Test
  void protocolsHaveNoThreadsExecutorsOrLocks() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOLS)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.util.concurrent..").and(not(type(TimeUnit.class))))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(Thread|ThreadLocal|Runtime|Process)|java\\.util\\.Timer")
        .check(CLASSES);
  }

  @Test
  void protocolsAskNobodyForTheTime() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOLS)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.time\\.(Clock|InstantSource|Local.*|Zoned.*)|java\\.util\\.Date")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(CLASSES);
  }

  /**
   * The adapter gives BouncyCastle the caller's RandomSource in the class it asks for. A
   * RandomGenerator may be handed in, and not be looked for.
   */
  @Test
  void protocolsTakeRandomnessFromTheirCaller() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOLS)
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "quic.tls.RandomSourceAdapter")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.util\\.(Random|SplittableRandom|random\\.(?!RandomGenerator$).*|UUID)"
                + "|java\\.security\\.SecureRandom")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(RandomGenerator.class, "getDefault")
        .orShould()
        .callMethod(RandomGenerator.class, "of", String.class)
        .check(CLASSES);
  }

  /** Sockets belong to Netty, in seed-net; the store has files only. */
  @Test
  void theStoreHasFilesAndNoSockets() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "store..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.net\\..*|java\\.nio\\.channels\\..*Socket.*|.*DatagramChannel.*")
        .check(CLASSES);
  }
}
