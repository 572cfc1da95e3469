package org.veilor.seed.store.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.store.file.FileOutput;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

final class CommitQueueTest {
  @TempDir Path folder;
  private MetaStore meta;
  private CommitQueue queue;
  private final AtomicInteger groups = new AtomicInteger();
  private final List<MetaException> damage = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    meta = MetaStore.openOrRebuild(folder.resolve("db"), "now").store();
    OutboardFiles outboards = OutboardFiles.open(folder.resolve("outboards"), FileOutput.REAL);
    queue =
        new CommitQueue(
            meta,
            outboards,
            new CommitQueue.Owner() {
              @Override
              public void betweenGroups() {
                groups.incrementAndGet();
              }

              @Override
              public void damaged(MetaException cause) {
                damage.add(cause);
              }
            });
    queue.start();
  }

  @AfterEach
  void close() {
    queue.close();
    meta.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private CompletableFuture<Void> put(String key, Runnable afterCommit) {
    return queue.submit(
        (transaction, _) -> {
          transaction.put(Family.META, bytes(key), bytes(key));
          return afterCommit;
        },
        true);
  }

  @Test
  void changesThatWaitShareOneCommit() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    CompletableFuture<Void> first =
        queue.submit(
            (_, _) -> {
              try {
                hold.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return () -> {};
            },
            false);
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      others.add(put("key" + i, () -> {}));
    }
    hold.countDown();
    first.join();
    others.forEach(CompletableFuture::join);
    queue.close();
    assertThat(groups.get()).isLessThanOrEqualTo(4);
    assertThat(meta.get(Family.META, bytes("key99"))).isEqualTo(bytes("key99"));
  }

  @Test
  void aChangeThatFailsDoesNotTakeOthersWithIt() throws Exception {
    CompletableFuture<Void> good = put("good", () -> {});
    CompletableFuture<Void> bad =
        queue.submit(
            (transaction, _) -> {
              transaction.put(Family.META, bytes("bad"), bytes("bad"));
              throw new IOException("no");
            },
            true);
    CompletableFuture<Void> mistaken =
        queue.submit(
            (_, _) -> {
              throw new IllegalStateException("a mistake");
            },
            true);
    CompletableFuture<Void> after = put("after", () -> {});
    good.join();
    after.join();
    assertThatThrownBy(bad::join).hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(mistaken::join).hasCauseInstanceOf(IllegalStateException.class);
    assertThat(meta.get(Family.META, bytes("bad"))).isNull();
    assertThat(meta.get(Family.META, bytes("good"))).isNotNull();
    assertThat(damage).isEmpty();
  }

  @Test
  void aCommitThatFailsAcknowledgesNothing() throws Exception {
    List<String> told = new ArrayList<>();
    CompletableFuture<Void> change =
        queue.submit(
            (transaction, unsynced) -> {
              transaction.put(Family.META, bytes("half"), bytes("half"));
              unsynced.add(folder.resolve("no such folder"));
              return () -> told.add("committed");
            },
            true);
    assertThatThrownBy(change::join).hasCauseInstanceOf(IOException.class);
    assertThat(told).isEmpty();
    assertThat(meta.get(Family.META, bytes("half"))).isNull();
  }

  @Test
  void damageIsPassedOn() {
    CompletableFuture<Void> change =
        queue.submit(
            (_, _) -> {
              throw new MetaException(MetaException.Kind.DAMAGED, "a row");
            },
            true);
    assertThatThrownBy(change::join).hasCauseInstanceOf(MetaException.class);
    assertThat(damage).hasSize(1);
  }

  @Test
  void anErrorEndsTheCommitterButLeavesNobodyWaiting() {
    CompletableFuture<Void> fatal =
        queue.submit(
            (_, _) -> {
              throw new AssertionError("thrown on purpose");
            },
            true);
    assertThatThrownBy(fatal::join).hasCauseInstanceOf(MetaException.class);
    assertThatThrownBy(() -> put("after", () -> {}).join()).hasCauseInstanceOf(MetaException.class);
  }

  @Test
  void closingCommitsWhatWaits() throws Exception {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      all.add(put("key" + i, () -> {}));
    }
    queue.close();
    assertThat(all).allSatisfy(future -> assertThat(future).isCompleted());
    assertThat(meta.get(Family.META, bytes("key599"))).isNotNull();
    assertThatThrownBy(() -> put("late", () -> {}).join()).hasCauseInstanceOf(MetaException.class);
    queue.close();
  }
}
