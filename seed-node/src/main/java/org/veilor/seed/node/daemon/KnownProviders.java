package org.veilor.seed.node.daemon;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.download.BlobProviders;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.store.BlobStore;

/**
 * Who may have a blob: the endpoints of tickets that were given for it, those that announced it on
 * the topic of a service, then the configured peers; and the configured HTTP origins. Never this
 * node itself.
 */
final class KnownProviders implements BlobProviders {
  private final BlobStore store;
  private final EndpointId self;
  private final Supplier<Config.Cache> settings;
  private final Denials denials;
  private final AnnouncedProviders announced;

  KnownProviders(
      BlobStore store,
      EndpointId self,
      Supplier<Config.Cache> settings,
      Denials denials,
      AnnouncedProviders announced) {
    this.announced = announced;
    this.denials = denials;
    this.store = store;
    this.self = self;
    this.settings = settings;
  }

  @Override
  public List<Provider> find(Hash hash) {
    Map<EndpointId, Provider> found = new LinkedHashMap<>();
    for (BlobTicket ticket : store.tickets(hash)) {
      add(found, ticket.addr());
    }
    announced.find(hash, System.currentTimeMillis()).forEach(addr -> add(found, addr));
    settings.get().peers().forEach(peer -> add(found, peer));
    return List.copyOf(found.values());
  }

  @Override
  public @Nullable String refused(Hash hash) {
    return denials.denied(hash);
  }

  private void add(Map<EndpointId, Provider> found, EndpointAddr addr) {
    if (!addr.id().equals(self)) {
      found.putIfAbsent(addr.id(), Provider.of(addr));
    }
  }

  /** Where an HTTP server may have it. */
  List<URI> origins(Hash hash) {
    List<URI> uris = new ArrayList<>();
    for (URI origin : settings.get().origins()) {
      uris.add(origin.resolve(hash.toString()));
    }
    return uris;
  }

  /** Whether there is anybody to ask. */
  boolean mayFind(Hash hash) {
    return !settings.get().origins().isEmpty() || !find(hash).isEmpty();
  }
}
