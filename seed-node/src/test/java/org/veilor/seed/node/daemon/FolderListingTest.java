package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.gateway.GatewayPages.Entry;
import org.veilor.seed.node.gateway.GatewayPages.File;
import org.veilor.seed.node.gateway.GatewayPages.Folder;
import org.veilor.seed.node.gateway.GatewayPages.Listing;

/** Pages of folders, compared with sorting all. */
final class FolderListingTest {
  private static final List<String> SEGMENTS =
      List.of(
          "a", "a-b", "a0", "b", "<b>", "50%", "\u00e4", "\uff5e", "\ud83c\udf08", "\ud7ff", "c c");

  private static int byBytes(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Listing page(List<String> paths, String folder, String after, int limit) {
    FolderListing page = new FolderListing(folder, after, limit);
    paths.forEach(path -> page.add(path, path.length(), hash(path)));
    return page.page();
  }

  private static List<String> expected(List<String> paths, String folder) {
    String above = folder.isEmpty() ? "" : folder + "/";
    Set<String> names = new TreeSet<>(FolderListingTest::byBytes);
    for (String path : paths) {
      if (path.startsWith(above)) {
        String rest = path.substring(above.length());
        int slash = rest.indexOf('/');
        names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
      }
    }
    return List.copyOf(names);
  }

  @Test
  void allPagesTogetherAreTheFolder() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Set<String> all = new TreeSet<>();
      for (int i = 0; i < 60; i++) {
        List<String> segments = new ArrayList<>();
        for (int depth = 0; depth <= random.nextInt(3); depth++) {
          segments.add(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
        }
        all.add(String.join("/", segments));
      }
      List<String> paths = new ArrayList<>(all);
      Collections.shuffle(paths, random);
      for (String folder : List.of("", "a", "\u00e4/b")) {
        List<String> expected = expected(paths, folder);
        List<String> read = new ArrayList<>();
        int limit = 1 + random.nextInt(7);
        String after = "";
        boolean more = true;
        while (more) {
          if (!(page(paths, folder, after, limit) instanceof Listing.Names page)) {
            assertThat(expected).as("seed %d", seed).isEmpty();
            break;
          }
          page.entries().forEach(entry -> read.add(entry.name()));
          assertThat(page.entries().size()).as("seed %d", seed).isLessThanOrEqualTo(limit);
          more = page.more();
          after = more ? read.getLast() : after;
        }
        assertThat(read).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  @Test
  void ofTwoUnderOnePathTheFirstCounts() {
    FolderListing page = new FolderListing("f", "", 10);
    page.add("f/a", 1, hash("first"));
    page.add("f/a", 2, hash("second"));
    page.add("f/a/b", 3, hash("below"));
    page.add("fa", 4, hash("beside"));
    List<Entry> expected = List.of(new File("a", 1, hash("first").toString()), new Folder("a/"));
    assertThat(page.page()).isEqualTo(new Listing.Names(expected, false));
    assertThat(new FolderListing("g", "", 10).page()).isEqualTo(new Listing.NoFolder());
    assertThat(new FolderListing("", "", 10).page()).isEqualTo(new Listing.Names(List.of(), false));
  }
}
