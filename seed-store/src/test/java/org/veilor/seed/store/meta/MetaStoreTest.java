package org.veilor.seed.store.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetaStoreTest {
  @TempDir Path folder;
  private MetaStore meta;

  @BeforeEach
  void open() throws MetaException {
    meta = MetaStore.openOrRebuild(folder.resolve("db"), "now").store();
  }

  @AfterEach
  void close() {
    meta.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> scan(String prefix, int most) throws MetaException {
    List<String> seen = new ArrayList<>();
    meta.scan(
        Family.PATH,
        bytes(prefix),
        (key, value) -> {
          assertThat(value).isEqualTo(key);
          seen.add(new String(key, StandardCharsets.UTF_8));
          return seen.size() < most;
        });
    return seen;
  }

  @Test
  void scansGoOverManyPagesInOrder() throws MetaException {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 3 * MetaLimits.SCAN_PAGE_ROWS; i++) {
      String key = "a/%05d".formatted(i);
      expected.add(key);
      meta.putUnsynced(Family.PATH, bytes(key), bytes(key));
      meta.putUnsynced(Family.COLLECTION, bytes(key), bytes("another family"));
    }
    meta.putUnsynced(Family.PATH, bytes("a"), bytes("a"));
    meta.putUnsynced(Family.PATH, bytes("a0"), bytes("a0"));
    assertThat(scan("a/", Integer.MAX_VALUE)).isEqualTo(expected);
    assertThat(scan("a/", 300)).isEqualTo(expected.subList(0, 300));
    assertThat(scan("b", 1)).isEmpty();
    assertThat(scan("", 1)).containsExactly("a");
  }

  @Test
  void aVisitorMayWrite() throws MetaException {
    for (int i = 0; i < 2 * MetaLimits.SCAN_PAGE_ROWS; i++) {
      byte[] key = bytes("%05d".formatted(i));
      meta.putUnsynced(Family.PATH, key, key);
    }
    meta.scan(
        Family.PATH,
        new byte[0],
        (key, value) -> {
          meta.deleteUnsynced(Family.PATH, key);
          return true;
        });
    assertThat(scan("", 1)).isEmpty();
  }

  @Test
  void aTransactionReadsItsOwnWrites() throws MetaException {
    meta.putUnsynced(Family.HOLDER, bytes("x/old"), new byte[0]);
    try (MetaTransaction transaction = meta.begin()) {
      assertThat(transaction.isEmpty()).isTrue();
      assertThat(transaction.hasPrefix(Family.HOLDER, bytes("x/"))).isTrue();
      transaction.delete(Family.HOLDER, bytes("x/old"));
      assertThat(transaction.hasPrefix(Family.HOLDER, bytes("x/"))).isFalse();
      transaction.put(Family.HOLDER, bytes("x/new"), bytes("value"));
      assertThat(transaction.hasPrefix(Family.HOLDER, bytes("x/"))).isTrue();
      assertThat(transaction.get(Family.HOLDER, bytes("x/new"))).isEqualTo(bytes("value"));
      assertThat(meta.get(Family.HOLDER, bytes("x/new"))).isNull();
      transaction.commit(true);
    }
    assertThat(meta.get(Family.HOLDER, bytes("x/new"))).isEqualTo(bytes("value"));
    assertThat(meta.get(Family.HOLDER, bytes("x/old"))).isNull();
  }

  @Test
  void oneChangeIsTakenBackAloneAndNothingIsKeptWithoutCommit() throws MetaException {
    try (MetaTransaction transaction = meta.begin()) {
      transaction.mark();
      transaction.put(Family.META, bytes("first"), bytes("1"));
      transaction.mark();
      transaction.put(Family.META, bytes("second"), bytes("2"));
      transaction.delete(Family.META, bytes("first"));
      transaction.takeBack();
      transaction.mark();
      transaction.put(Family.META, bytes("third"), bytes("3"));
      assertThat(transaction.get(Family.META, bytes("first"))).isEqualTo(bytes("1"));
      transaction.commit(false);
    }
    try (MetaTransaction transaction = meta.begin()) {
      transaction.put(Family.META, bytes("fourth"), bytes("4"));
    }
    assertThat(meta.get(Family.META, bytes("first"))).isEqualTo(bytes("1"));
    assertThat(meta.get(Family.META, bytes("second"))).isNull();
    assertThat(meta.get(Family.META, bytes("third"))).isEqualTo(bytes("3"));
    assertThat(meta.get(Family.META, bytes("fourth"))).isNull();
  }

  @Test
  void afterClosingEveryCallSaysSo() {
    meta.close();
    meta.close();
    assertThatThrownBy(() -> meta.get(Family.META, bytes("x")))
        .isInstanceOfSatisfying(
            MetaException.class, e -> assertThat(e.kind()).isEqualTo(MetaException.Kind.CLOSED));
    assertThatThrownBy(() -> scan("", 1)).isInstanceOf(MetaException.class);
  }

  @Test
  void rebuildingKeepsTheOldFilesAside() throws MetaException {
    meta.putUnsynced(Family.META, bytes("x"), bytes("1"));
    meta.rebuildEmpty("then");
    meta.rebuildEmpty("then");
    assertThat(meta.get(Family.META, bytes("x"))).isNull();
    assertThat(folder.resolve("db.damaged-then")).isDirectory();
    assertThat(folder.resolve("db.damaged-then-2")).isDirectory();
  }
}
