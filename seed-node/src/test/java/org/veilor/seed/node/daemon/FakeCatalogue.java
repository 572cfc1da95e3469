package org.veilor.seed.node.daemon;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.catalogue.ServiceReport;

/** What others' catalogues have, for tests. */
final class FakeCatalogue implements ServiceCatalogue {
  final Map<String, Hash> listed = new ConcurrentHashMap<>();
  final Map<Hash, Long> sizes = new ConcurrentHashMap<>();

  @Override
  public @Nullable Listed find(String service, String path) {
    Hash hash = listed.get(path);
    return hash == null ? null : new Listed(hash, sizes.getOrDefault(hash, -1L));
  }

  @Override
  public boolean isMember(String service) {
    return service.equals("joined");
  }

  @Override
  public List<ServiceReport.Here> here(String service) {
    return List.of();
  }
}
