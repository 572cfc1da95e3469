package org.veilor.seed.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.Samples.SERVICE;
import static org.veilor.seed.store.Samples.assertServed;
import static org.veilor.seed.store.Samples.there;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Hash;

/** A process that imports, overwrites and removes is killed at random moments, again and again. */
final class KilledTest {
  private static final int KILLS = 20;
  private static final int MOST_LINES = 60;
  private static final int LONGEST_OPENING_MILLIS = 200;

  @TempDir Path folder;

  /** Paths and hashes as the killed processes acknowledged them. */
  private final Map<Path, Hash> acknowledged = new HashMap<>();

  /** Paths with an operation that was begun but not acknowledged: both states are right. */
  private final Set<Path> uncertain = new HashSet<>();

  private void note(@Nullable String line) throws Exception {
    String[] words = there(line).split(" ", -1);
    switch (words[0]) {
      case "BEGIN" -> uncertain.add(Path.of(words[1]));
      case "STORED" -> {
        acknowledged.put(Path.of(words[1]), Hash.parse(words[2]));
        uncertain.remove(Path.of(words[1]));
      }
      case "REMOVED" -> {
        acknowledged.remove(Path.of(words[1]));
        uncertain.remove(Path.of(words[1]));
      }
      default -> assertThat(words[0]).as(line).isIn("OPENING", "OPEN", "SLF4J(W):");
    }
  }

  @Test
  void nothingAcknowledgedIsLost() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Path state = folder.resolve("state");
    Path media = Files.createDirectories(folder.resolve("media"));
    Path library = ChildJvm.unpackLibrary(folder.resolve("native"));
    int seen = 0;
    for (int i = 0; i < KILLS; i++) {
      String childSeed = Long.toString(random.nextLong());
      try (ChildJvm child =
          ChildJvm.start(
              library, List.of(), Importer.class, state.toString(), media.toString(), childSeed)) {
        // Every other process dies while it opens the store, the others while they work.
        int linesToWaitFor = i % 2 == 0 ? 1 : 2 + random.nextInt(MOST_LINES);
        for (int lines = 0; lines < linesToWaitFor; lines++) {
          note(child.nextLine());
          seen++;
        }
        Thread.sleep(random.nextInt(i % 2 == 0 ? LONGEST_OPENING_MILLIS : 10));
        child.kill();
        for (String line : child.remainingLines()) {
          note(line);
          seen++;
        }
      }
      assertAllThere(state, "seed " + seed + ", kill " + i);
    }
    assertThat(seen).as("operations before the kills, seed %d", seed).isGreaterThan(10 * KILLS);
  }

  private void assertAllThere(Path state, String when) throws Exception {
    try (BlobStore store = BlobStore.open(state, StoreOptions.defaults())) {
      assertThat(store.stats().rebuilt()).as(when).isNull();
      Set<Hash> served = new HashSet<>();
      for (Map.Entry<Path, Hash> entry : acknowledged.entrySet()) {
        Path path = entry.getKey();
        if (uncertain.contains(path)) {
          continue;
        }
        PathRecord record = store.path(path);
        assertThat(record).as("%s: %s", when, path).isNotNull();
        assertThat(there(record).hash()).as(when).isEqualTo(entry.getValue());
        assertThat(store.importFile(SERVICE, path))
            .as(when)
            .isEqualTo(new ImportOutcome.Unchanged(there(record)));
        if (served.add(entry.getValue())) {
          assertServed(store, entry.getValue(), Files.readAllBytes(path));
        }
      }
      store.forEachPath(
          null,
          record ->
              assertThat(
                      acknowledged.containsKey(record.path()) || uncertain.contains(record.path()))
                  .as("%s: %s came back", when, record.path())
                  .isTrue());
    }
  }

  /** The process that is killed. Each line it prints is a promise. */
  static final class Importer {
    private static final int PATHS = 40;
    private static final int THREADS = 4;
    private static final int LARGE = 4_400_000;

    private Importer() {}

    /** Runs until it is killed; arguments: state folder, folder of files, seed. */
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws Exception {
      Path media = Path.of(arguments[1]);
      Random random = new Random(Long.parseLong(arguments[2]));
      System.out.println("OPENING");
      BlobStore store = BlobStore.open(Path.of(arguments[0]), StoreOptions.defaults());
      System.out.println("OPEN");
      for (int t = 0; t < THREADS; t++) {
        int mine = t;
        Random own = new Random(random.nextLong());
        Thread.ofPlatform().start(() -> work(store, media, mine, own));
      }
    }

    private static void work(BlobStore store, Path media, int thread, Random random) {
      try {
        while (true) {
          workOnce(
              store,
              media.resolve("file" + (random.nextInt(PATHS / THREADS) * THREADS + thread)),
              random);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void workOnce(BlobStore store, Path file, Random random) throws IOException {
      say("BEGIN " + file);
      if (random.nextInt(5) == 0) {
        store.removePath(SERVICE, file, "test");
        Files.deleteIfExists(file);
        say("REMOVED " + file);
        return;
      }
      byte[] content = new byte[random.nextInt(8) == 0 ? LARGE : random.nextInt(40_000)];
      random.nextBytes(content);
      Files.write(file, content);
      if (store.importFile(SERVICE, file) instanceof ImportOutcome.Stored stored) {
        say("STORED " + file + " " + stored.record().hash());
      }
    }

    @SuppressWarnings("SystemOut") // what the parent reads
    private static void say(String line) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
