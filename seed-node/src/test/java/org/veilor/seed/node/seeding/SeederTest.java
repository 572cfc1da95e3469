package org.veilor.seed.node.seeding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.node.admission.ContentSample;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.SeedingSettings;
import org.veilor.seed.node.config.SeedingSettings.Watch;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.store.FileIdentity;
import org.veilor.seed.store.PathRecord;

/** The whole seeder on real folders, with short times. */
class SeederTest {
  private static final Duration SETTLE = Duration.ofMillis(80);
  private static final Duration SETTLE_OPEN = Duration.ofMillis(300);

  @TempDir Path temp;
  private Path folder = Path.of("");
  private final MemorySeedStore store = new MemorySeedStore();
  private final Obstacles obstacles = new Obstacles();
  private @Nullable Seeder seeder;

  /** A file system in which some paths cannot be read, as for a user without rights. */
  private static final class Obstacles implements FileView {
    final Set<Path> unreadable = ConcurrentHashMap.newKeySet();

    /** Files that were looked into. */
    final AtomicInteger samples = new AtomicInteger();

    /** What mounting again adds to the numbers of devices. */
    volatile long deviceShift;

    volatile @Nullable Path slow;

    @Override
    public FileFacts facts(Path path) throws IOException {
      FileFacts facts = FileFacts.of(path);
      FileIdentity is = facts.identity();
      return new FileFacts(
          facts.kind(),
          facts.links(),
          new FileIdentity(
              is.device() + deviceShift,
              is.inode(),
              is.sizeBytes(),
              is.modifiedNanos(),
              is.changedNanos()));
    }

    @Override
    public DirectoryStream<Path> list(Path folder) throws IOException {
      check(folder);
      if (folder.equals(slow)) {
        slow = null; // only once
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      }
      return REAL.list(folder);
    }

    @Override
    public ContentSample sample(Path file) throws IOException {
      samples.incrementAndGet();
      check(file);
      return REAL.sample(file);
    }

    private void check(Path path) throws IOException {
      if (unreadable.contains(path)) {
        throw new AccessDeniedException(path.toString());
      }
    }
  }

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(temp.toRealPath().resolve("media"));
  }

  @AfterEach
  void stop() {
    if (seeder != null) {
      seeder.close();
    }
  }

  private Seeder start(Watch watch, Duration scanInterval) {
    return start(new SeedingSettings(SETTLE, SETTLE_OPEN, scanInterval, 2, watch));
  }

  private Seeder start(SeedingSettings settings) {
    Seeder started =
        Seeder.start(
            store,
            settings,
            List.of(ServiceSettings.of("media", folder)),
            obstacles,
            System::nanoTime);
    seeder = started;
    await("the first scan", () -> started.status().isSettled());
    return started;
  }

  private Seeder start() {
    return start(Watch.AUTO, Duration.ofHours(1));
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for: " + what).isLessThan(end);
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void awaitSeeded(Path file) {
    await(
        file + " is seeded",
        () -> {
          var row = store.path(file);
          return row != null && Files.exists(file) && row.hash().equals(hash(file));
        });
  }

  private static org.veilor.seed.core.hash.Hash hash(Path file) {
    try {
      return Blake3Hasher.hash(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static SeederStatus.Service media(Seeder seeder) {
    return seeder.status().services().getFirst();
  }

  @Test
  void seedsWhatIsThereAtTheStartAndReadsNothingTwice() throws Exception {
    for (int i = 0; i < 200; i++) {
      TestMedia.write(folder.resolve("a" + i % 7).resolve("p" + i), i);
    }
    Files.writeString(folder.resolve("notes"), "just text");
    Seeder first = start();
    await("200 files", () -> store.rows.size() == 200 && first.status().isSettled());
    assertThat(media(first).files()).isEqualTo(200);
    assertThat(store.refusals.get(folder.resolve("notes"))).isNotNull();
    int reads = store.reads.get();
    first.close();
    start();
    await("the text is refused again", () -> media(Objects.requireNonNull(seeder)).pending() == 0);
    assertThat(store.reads.get()).isEqualTo(reads);
    assertThat(store.rows).hasSize(200);
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "PORTABLE"})
  void seesFilesThatAreWrittenRenamedOverwrittenAndDeleted(Watch watch) throws Exception {
    Seeder running = start(watch, Duration.ofHours(1));
    assertThat(running.status().watcher())
        .isEqualTo(watch == Watch.AUTO ? "inotify" : "watch service of the JDK");
    Path written = TestMedia.write(folder.resolve("written"), 1);
    awaitSeeded(written);
    Path outside = TestMedia.write(temp.resolve("outside"), 2);
    Path renamed = Files.move(outside, folder.resolve("renamed"));
    awaitSeeded(renamed);
    Path temporary = TestMedia.write(folder.resolve("x.part"), 3);
    Path published = Files.move(temporary, folder.resolve("x"));
    awaitSeeded(published);
    TestMedia.write(written, 4);
    awaitSeeded(written);
    Path other = TestMedia.write(temp.resolve("other"), 5);
    Files.move(other, written, StandardCopyOption.REPLACE_EXISTING);
    awaitSeeded(written);
    Files.delete(renamed);
    await("the deleted file is dropped", () -> store.path(renamed) == null);
    assertThat(store.rows).containsOnlyKeys(written, published);
    await("the count follows", () -> media(running).files() == 2);
  }

  @Test
  void aFileWrittenSlowlyIsNotHashedBeforeItIsClosed() throws Exception {
    Duration settleOpen = Duration.ofMillis(1500);
    start(new SeedingSettings(SETTLE, settleOpen, Duration.ofHours(1), 2, Watch.AUTO));
    Path file = folder.resolve("slow");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(TestMedia.png(1, 100));
      for (int i = 0; i < 12; i++) {
        Thread.sleep(settleOpen.toMillis() / 8);
        out.write(i);
        out.flush();
      }
      assertThat(store.reads.get()).isZero();
    }
    awaitSeeded(file);
    assertThat(store.reads.get()).isEqualTo(1);
  }

  @Test
  void aFileThatStaysOpenButQuietIsSeededAfterTheLongTime() throws Exception {
    start();
    Path file = folder.resolve("open");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(TestMedia.png(1, 100));
      out.flush();
      awaitSeeded(file);
    }
  }

  @Test
  void aHardLinkPublishesAFile() throws Exception {
    // nobody closes it, so that only the rule for links can make this fast
    Duration minute = Duration.ofMinutes(1);
    start(new SeedingSettings(SETTLE, minute, Duration.ofHours(1), 2, Watch.AUTO));
    Path staged = TestMedia.write(temp.resolve("staged"), 1);
    awaitSeeded(Files.createLink(folder.resolve("linked"), staged));
  }

  @Test
  void newFoldersAreFollowedHoweverFastTheyCome() throws Exception {
    Seeder running = start();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Path deep = folder.resolve("d" + i).resolve("aa").resolve("bb").resolve("cc");
      Files.createDirectories(deep);
      files.add(TestMedia.write(deep.resolve("f"), i));
    }
    Path moved = temp.resolve("moved");
    TestMedia.write(moved.resolve("in").resolve("g"), 99);
    Files.move(moved, folder.resolve("moved"));
    files.add(folder.resolve("moved").resolve("in").resolve("g"));
    files.forEach(this::awaitSeeded);
    assertThat(running.status().watches()).isEqualTo(1 + 60 * 4 + 2);
    Path later = TestMedia.write(folder.resolve("moved").resolve("in").resolve("later"), 7);
    awaitSeeded(later);
  }

  /** The old names are believed to be gone before the new ones are seen; still nothing is lost. */
  @Test
  void aRenamedFolderThatIsListedLateIsNotTakenForLost() throws Exception {
    Seeder running = start();
    for (int i = 0; i < 40; i++) {
      TestMedia.write(folder.resolve("old").resolve("f" + i), i);
    }
    await("40 files", () -> store.rows.size() == 40 && running.status().isSettled());
    obstacles.slow = folder.resolve("new");
    Files.move(folder.resolve("old"), folder.resolve("new"));
    await("the brake", () -> media(running).paused() != null);
    await(
        "all under the new name",
        () ->
            store.rows.size() == 40
                && store.rows.keySet().stream().allMatch(p -> p.startsWith(folder.resolve("new"))));
    assertThat(media(running).paused()).isNull();
  }

  @Test
  void aFolderRenamedInsideKeepsItsFilesUnderTheNewName() throws Exception {
    Seeder running = start();
    for (int i = 0; i < 40; i++) {
      TestMedia.write(folder.resolve("old").resolve("f" + i), i);
    }
    await("40 files", () -> store.rows.size() == 40 && running.status().isSettled());
    Files.move(folder.resolve("old"), folder.resolve("new"));
    await(
        "all under the new name",
        () ->
            store.rows.size() == 40
                && store.rows.keySet().stream().allMatch(p -> p.startsWith(folder.resolve("new"))));
    assertThat(media(running).paused()).isNull();
    awaitSeeded(TestMedia.write(folder.resolve("new").resolve("more"), 77));
  }

  @Test
  void aBurstOfFiveThousandFilesLosesNone() throws Exception {
    Seeder running = start();
    for (int i = 0; i < 5_000; i++) {
      TestMedia.write(folder.resolve("b" + i % 10).resolve("f" + i), i);
    }
    await("5,000 files", () -> store.rows.size() == 5_000);
    await("nothing left", () -> running.status().isSettled());
    assertThat(media(running).files()).isEqualTo(5_000);
  }

  @Test
  void linksSpecialFilesTemporaryFilesAndDatabasesAreLeftOut() throws Exception {
    Path secret = TestMedia.write(temp.resolve("secret"), 1);
    Path secretFolder = temp.resolve("secrets");
    TestMedia.write(secretFolder.resolve("s"), 2);
    Files.createSymbolicLink(folder.resolve("link"), secret);
    Files.createSymbolicLink(folder.resolve("linked-folder"), secretFolder);
    new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor();
    TestMedia.write(folder.resolve("x.tmp"), 3);
    TestMedia.write(folder.resolve(".hidden"), 4);
    TestMedia.write(folder.resolve(".git").resolve("x"), 5);
    Files.writeString(folder.resolve("photo.png"), "SQLite format 3\u0000");
    Path database = Files.createDirectories(folder.resolve("db"));
    Files.writeString(database.resolve("PG_VERSION"), "16");
    TestMedia.write(database.resolve("picture"), 6);
    Path good = TestMedia.write(folder.resolve("good"), 7);
    Seeder running = start();
    awaitSeeded(good);
    Files.createSymbolicLink(folder.resolve("link2"), secret);
    Path last = TestMedia.write(folder.resolve("last"), 8);
    awaitSeeded(last);
    await("all is settled", () -> running.status().isSettled());
    assertThat(store.rows).containsOnlyKeys(good, last);
    assertThat(media(running).alert()).contains("is the data of PostgreSQL");
  }

  @Test
  void aFileThatCannotBeReadIsTriedAgainAndSaysWhy() throws Exception {
    Path file = folder.resolve("private");
    obstacles.unreadable.add(file);
    TestMedia.write(file, 1);
    Seeder running = start2();
    await("it waits", () -> running.state(file) instanceof PathState.Waiting);
    assertThat(running.state(file))
        .isInstanceOfSatisfying(
            PathState.Waiting.class,
            waiting -> assertThat(waiting.why()).isEqualTo("it cannot be read: permission denied"));
    assertThat(running.status().lastError()).contains("permission denied");
    obstacles.unreadable.clear();
    awaitSeeded(file);
  }

  /** Starts without waiting for the first scan to come to rest. */
  private Seeder start2() {
    SeedingSettings settings =
        new SeedingSettings(SETTLE, SETTLE_OPEN, Duration.ofHours(1), 2, Watch.AUTO);
    Seeder started =
        Seeder.start(
            store,
            settings,
            List.of(ServiceSettings.of("media", folder)),
            obstacles,
            System::nanoTime);
    seeder = started;
    return started;
  }

  @Test
  void aFullDiskIsToldAndTriedAgain() throws Exception {
    store.failure = "the disk is full";
    Path file = TestMedia.write(folder.resolve("f"), 1);
    Seeder running = start2();
    await("the error shows", () -> running.status().lastError() != null);
    assertThat(running.status().lastError()).contains("it cannot be stored: the disk is full");
    store.failure = null;
    awaitSeeded(file);
  }

  @Test
  void whatServingFoundChangedIsHashedAgain() throws Exception {
    Path file = TestMedia.write(folder.resolve("f"), 1);
    start();
    awaitSeeded(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(50);
    }
    store.contentChanged(file);
    awaitSeeded(file);
  }

  @Test
  void theBrakeKeepsAnEmptiedFolderUntilTheOperatorSaysSo() throws Exception {
    for (int i = 0; i < 50; i++) {
      TestMedia.write(folder.resolve("f" + i), i);
    }
    Seeder running = start();
    await("50 files", () -> store.rows.size() == 50 && running.status().isSettled());
    for (int i = 0; i < 50; i++) {
      Files.delete(folder.resolve("f" + i));
    }
    await("the brake", () -> media(running).paused() != null);
    assertThat(media(running).paused()).contains("vanished").contains("veilor-seed resume media");
    assertThat(store.rows).hasSizeGreaterThanOrEqualTo(40);
    assertThat(running.resume("nobody")).isNull();
    assertThat(running.resume("media")).contains("what vanished from it is forgotten");
    await("the rows go", store.rows::isEmpty);
    await("it goes on", () -> media(running).paused() == null);
    for (int i = 0; i < 30; i++) {
      awaitSeeded(TestMedia.write(folder.resolve("new" + i), i));
    }
    for (int i = 0; i < 30; i++) {
      Files.delete(folder.resolve("new" + i));
    }
    await("the brake is on again", () -> media(running).paused() != null);
  }

  @Test
  void aFewDeletionsDoNotTripTheBrake() throws Exception {
    for (int i = 0; i < 50; i++) {
      TestMedia.write(folder.resolve("f" + i), i);
    }
    Seeder running = start();
    await("50 files", () -> store.rows.size() == 50 && running.status().isSettled());
    for (int i = 0; i < 10; i++) {
      Files.delete(folder.resolve("f" + i));
    }
    await("ten less", () -> store.rows.size() == 40);
    assertThat(media(running).paused()).isNull();
  }

  @Test
  void aFolderThatIsUnmountedPausesAndComesBack() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestMedia.write(folder.resolve("f" + i), i);
    }
    Seeder running = start();
    await("20 files", () -> store.rows.size() == 20 && running.status().isSettled());
    int reads = store.reads.get();
    Path away = temp.resolve("away");
    Files.move(folder, away);
    await("the pause", () -> media(running).paused() != null);
    assertThat(media(running).paused()).contains("no such file or folder");
    Files.createDirectory(folder);
    running.scanNow();
    await(
        "still paused: empty", () -> String.valueOf(media(running).paused()).contains("is empty"));
    assertThat(store.rows).hasSize(20);
    Files.delete(folder);
    Files.move(away, folder);
    running.scanNow();
    await("it goes on", () -> media(running).paused() == null);
    assertThat(store.rows).hasSize(20);
    assertThat(store.reads.get()).isEqualTo(reads);
  }

  @Test
  void anotherNumberOfTheDeviceIsNoChange() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestMedia.write(folder.resolve("f" + i), i);
    }
    Path named = TestMedia.write(temp.toRealPath().resolve("named"), 99);
    Seeder first = start();
    await("20 files", () -> store.rows.size() == 20 && first.status().isSettled());
    assertThat(first.adder().add(named, false, SILENT)).isInstanceOf(Adder.Added.File.class);
    assertThat(first.status().hashed()).isEqualTo(20);
    int samples = obstacles.samples.get();
    obstacles.deviceShift = 7;
    first.scanNow();
    first.close();
    Seeder second = start();
    assertThat(second.adder().add(named, false, SILENT)).isInstanceOf(Adder.Added.File.class);
    assertThat(second.status().hashed()).isZero();
    assertThat(obstacles.samples).as("not even looked into").hasValue(samples);
    assertThat(media(second).paused()).isNull();
  }

  private static final Adder.Listener SILENT =
      new Adder.Listener() {
        @Override
        public void progress(long files, long total, long bytes, long totalBytes) {}

        @Override
        public void skipped(Path path, String why) {}
      };

  @Test
  void anotherFolderOverItPausesHoweverManyFilesItBrings() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestMedia.write(folder.resolve("f" + i), i);
    }
    Path other = temp.toRealPath().resolve("other");
    for (int i = 0; i < 30; i++) {
      TestMedia.write(other.resolve("g" + i), 100 + i);
    }
    Seeder running = start();
    await("20 files", () -> store.rows.size() == 20 && running.status().isSettled());
    Map<Path, PathRecord> before = Map.copyOf(store.rows);
    Path away = temp.toRealPath().resolve("away");
    Files.move(folder, away);
    Files.move(other, folder);
    running.scanNow();
    await("the pause", () -> String.valueOf(media(running).paused()).contains("20 of 20"));
    assertThat(store.rows).containsKey(folder.resolve("f7"));
    Files.move(folder, other);
    Files.move(away, folder);
    running.scanNow();
    await("it goes on", () -> media(running).paused() == null && running.status().isSettled());
    assertThat(store.rows).isEqualTo(before);
    assertThat(running.status().hashed()).as("nothing of the other folder").isEqualTo(20);
  }

  @Test
  void filesRenamedWhileNobodyLookedDoNotTripTheBrake() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestMedia.write(folder.resolve("old").resolve("f" + i), i);
    }
    Seeder first = start();
    await("20 files", () -> store.rows.size() == 20 && first.status().isSettled());
    first.close();
    Files.move(folder.resolve("old"), folder.resolve("new"));
    Seeder second = start2();
    await(
        "all under the new name",
        () ->
            store.rows.size() == 20
                && store.rows.keySet().stream().allMatch(p -> p.startsWith(folder.resolve("new"))));
    assertThat(media(second).paused()).isNull();
  }

  @Test
  void anUnreadableRootPauses() throws Exception {
    Path file = TestMedia.write(folder.resolve("f"), 1);
    Seeder running = start(Watch.AUTO, Duration.ofSeconds(1));
    awaitSeeded(file);
    obstacles.unreadable.add(folder);
    running.scanNow();
    await("the pause", () -> media(running).paused() != null);
    assertThat(media(running).paused()).contains("cannot be listed: permission denied");
    assertThat(store.rows).hasSize(1);
  }

  @Test
  void withoutAnyWatcherTheScanSeesEverything() throws Exception {
    Seeder running = start(Watch.OFF, Duration.ofSeconds(1));
    assertThat(running.status().watcher()).isEqualTo("off");
    Path file = TestMedia.write(folder.resolve("f"), 1);
    awaitSeeded(file);
    Files.delete(file);
    TestMedia.write(folder.resolve("g"), 2);
    await("two observations", () -> store.path(file) == null);
  }

  @Test
  void servicesComeAndGo() throws Exception {
    Path other = Files.createDirectories(temp.toRealPath().resolve("other"));
    Path file = TestMedia.write(other.resolve("f"), 1);
    Seeder running = start();
    assertThat(running.serviceOf(file)).isNull();
    ServiceSettings added = ServiceSettings.of("other", other);
    running.services(List.of(ServiceSettings.of("media", folder), added));
    awaitSeeded(file);
    assertThat(running.serviceOf(file)).isEqualTo(added);
    running.services(List.of(added));
    Path ignored = TestMedia.write(folder.resolve("ignored"), 2);
    Path seen = TestMedia.write(other.resolve("seen"), 3);
    awaitSeeded(seen);
    assertThat(store.path(ignored)).isNull();
  }

  @Test
  void addsFilesAndFoldersAsSendmeDoes() throws Exception {
    Seeder running = start();
    Path album = temp.toRealPath().resolve("album");
    TestMedia.write(album.resolve("b.png"), 1);
    TestMedia.write(album.resolve("sub").resolve("a.png"), 2);
    Files.writeString(album.resolve("note.txt"), "text is fine when it is named");
    Files.writeString(album.resolve("x.sqlite"), "no");
    Files.createSymbolicLink(album.resolve("link"), album.resolve("b.png"));
    List<Path> skipped = new ArrayList<>();
    Adder.Listener listener =
        new Adder.Listener() {
          @Override
          public void progress(long files, long total, long bytes, long totalBytes) {
            assertThat(bytes).isLessThanOrEqualTo(totalBytes);
          }

          @Override
          public void skipped(Path path, String why) {
            skipped.add(path);
          }
        };
    Adder.Added added = running.adder().add(album, false, listener);
    assertThat(added).isInstanceOf(Adder.Added.Folder.class);
    assertThat(((Adder.Added.Folder) added).files()).isEqualTo(3);
    assertThat(store.collections.get(album))
        .extracting(SeedStore.NamedHash::name)
        .containsExactly("album/b.png", "album/note.txt", "album/sub/a.png");
    assertThat(skipped).containsExactlyInAnyOrder(album.resolve("x.sqlite"), album.resolve("link"));

    Path file = album.resolve("note.txt");
    assertThat(running.adder().add(file, false, listener))
        .isEqualTo(new Adder.Added.File(file, hash(file), Files.size(file)));
    assertThat(running.adder().add(album.resolve("x.sqlite"), false, listener))
        .isInstanceOf(Adder.Added.Refused.class);
    assertThat(running.adder().add(album.resolve("none"), false, listener))
        .isInstanceOf(Adder.Added.Absent.class);
    assertThat(Objects.requireNonNull(store.rows.get(file)).service())
        .isEqualTo(ConfigReader.ADDED);
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void aCollectionOfAServiceHoldsWhatIsSeededNow() throws Exception {
    Path a = TestMedia.write(folder.resolve("x").resolve("a"), 1);
    TestMedia.write(folder.resolve("y").resolve("b"), 2);
    Seeder running = start();
    await("2 files", () -> store.rows.size() == 2);
    Adder.Added.Folder made = running.adder().collectionOfFolder("media", folder.resolve("x"));
    assertThat(made).isNotNull();
    assertThat(store.collections.get(folder.resolve("x")))
        .containsExactly(new SeedStore.NamedHash("x/a", hash(a)));
    assertThat(running.adder().collectionOfFolder("media", folder.resolve("z"))).isNull();
    assertThat(running.adder().collectionOfFolder("media", a)).as("a file is no folder").isNull();
    assertThat(store.collections).doesNotContainKey(a);
    assertThat(running.adder().collectionOfFile("media", a)).isNotNull();
    assertThat(running.adder().collectionOfFile("media", folder.resolve("x"))).isNull();
  }
}
