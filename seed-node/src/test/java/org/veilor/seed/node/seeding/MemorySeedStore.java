package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.FileIdentity;
import org.veilor.seed.store.ImportOutcome;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ProgressListener;
import org.veilor.seed.store.Refusal;
import org.veilor.seed.store.ServiceTotals;
import org.veilor.seed.store.Sha256;

/** A store in memory, with the rules of the real one. */
final class MemorySeedStore implements SeedStore {
  final Map<Path, PathRecord> rows = new ConcurrentHashMap<>();
  final Map<Path, Refusal> refusals = new ConcurrentHashMap<>();
  final Map<Path, List<NamedHash>> collections = new ConcurrentHashMap<>();
  final AtomicInteger reads = new AtomicInteger();
  private final List<Consumer<Path>> listeners = new CopyOnWriteArrayList<>();
  volatile @Nullable String failure;

  @Override
  public CompletableFuture<ImportOutcome> importLater(
      String service, Path file, ProgressListener progress) {
    return CompletableFuture.completedFuture(importNow(service, file, progress));
  }

  private ImportOutcome importNow(String service, Path file, ProgressListener progress) {
    String broken = failure;
    if (broken != null) {
      return new ImportOutcome.StoreFailure(file, broken);
    }
    try {
      FileIdentity before = FileIdentity.of(file);
      PathRecord row = rows.get(file);
      if (row != null && row.identity().equals(before)) {
        return new ImportOutcome.Unchanged(row);
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return new ImportOutcome.Rejected(file, "not a regular file");
      }
      reads.incrementAndGet();
      byte[] content = Files.readAllBytes(file);
      progress.bytesRead(content.length, before.sizeBytes());
      if (!FileIdentity.of(file).equals(before)) {
        return new ImportOutcome.ChangedWhileReading(file);
      }
      Sha256 sha256 = Sha256.of(MessageDigest.getInstance("SHA-256").digest(content));
      PathRecord fresh =
          new PathRecord(service, file, before, Blake3Hasher.hash(content), sha256, 0);
      rows.put(file, fresh);
      refusals.remove(file);
      return new ImportOutcome.Stored(fresh);
    } catch (IOException e) {
      return new ImportOutcome.Unreadable(file, Reasons.of(e));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public ServiceTotals totals(String service) {
    List<PathRecord> own =
        rows.values().stream().filter(row -> row.service().equals(service)).toList();
    return new ServiceTotals(
        own.size(), own.stream().mapToLong(row -> row.identity().sizeBytes()).sum());
  }

  @Override
  public @Nullable PathRecord path(Path file) {
    return rows.get(file);
  }

  @Override
  public void forEachPath(String service, Path folder, Consumer<PathRecord> consumer) {
    for (PathRecord row : rows.values()) {
      boolean isBelow = row.path().startsWith(folder) && !row.path().equals(folder);
      if (row.service().equals(service) && isBelow) {
        consumer.accept(row);
      }
    }
  }

  @Override
  public void removePath(String service, Path file, String why) {
    rows.remove(file);
    recordRefusal(service, file, why);
  }

  @Override
  public void recordRefusal(String service, Path file, String why) {
    refusals.put(file, new Refusal(service, file, why, 0));
  }

  @Override
  public @Nullable Refusal refusal(Path file) {
    return refusals.get(file);
  }

  @Override
  public Hash storeCollection(String service, Path folder, List<NamedHash> entries) {
    collections.put(folder, entries);
    return new Collection(
            entries.stream().map(e -> new Collection.Entry(e.name(), e.hash())).toList())
        .hash();
  }

  @Override
  public void onContentChanged(Consumer<Path> listener) {
    listeners.add(listener);
  }

  /** What the real store does when serving finds that a file changed. */
  void contentChanged(Path file) {
    rows.remove(file);
    listeners.forEach(listener -> listener.accept(file));
  }
}
