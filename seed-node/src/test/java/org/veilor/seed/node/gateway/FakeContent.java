package org.veilor.seed.node.gateway;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.store.Sha256;

/** What tests put behind a gateway; counts what is open. */
final class FakeContent implements GatewayContent {
  final Map<Hash, Supplier<Found>> atHand = new ConcurrentHashMap<>();
  final Map<Hash, Function<Boolean, Found>> blobs = new ConcurrentHashMap<>();
  final Map<String, Function<Boolean, Found>> paths = new ConcurrentHashMap<>();
  final AtomicInteger leases = new AtomicInteger();
  final AtomicInteger asked = new AtomicInteger();
  volatile @Nullable CompletableFuture<Found> late;

  @Override
  public @Nullable Found atHand(Hash hash) {
    Supplier<Found> found = atHand.get(hash);
    return found == null ? null : found.get();
  }

  @Override
  public CompletionStage<Found> blob(Hash hash, boolean headOnly) {
    asked.incrementAndGet();
    CompletableFuture<Found> waiting = late;
    return waiting != null
        ? waiting
        : CompletableFuture.completedFuture(
            blobs.getOrDefault(hash, _ -> new Found.Missing()).apply(headOnly));
  }

  @Override
  public CompletionStage<Found> path(String service, String path, boolean headOnly) {
    asked.incrementAndGet();
    if (!service.equals("media")) {
      return CompletableFuture.completedFuture(new Found.UnknownService());
    }
    return CompletableFuture.completedFuture(
        paths.getOrDefault(path, _ -> new Found.Missing()).apply(headOnly));
  }

  /** A file with a lease that is counted. */
  Found.LocalFile file(Path file, long sizeBytes, Hash hash, @Nullable Sha256 sha256) {
    leases.incrementAndGet();
    return new Found.LocalFile(file, sizeBytes, hash, sha256, leases::decrementAndGet);
  }
}
