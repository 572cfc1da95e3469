package org.veilor.seed.node.daemon;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.announce.AnnouncedProviders.Claim;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.download.BlobProviders;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.membership.BlobSources;
import org.veilor.seed.node.membership.BlobSources.Candidate;
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
  private final BlobSources sources;

  KnownProviders(
      BlobStore store,
      EndpointId self,
      Supplier<Config.Cache> settings,
      Denials denials,
      AnnouncedProviders announced,
      BlobSources sources) {
    this.sources = sources;
    this.announced = announced;
    this.denials = denials;
    this.store = store;
    this.self = self;
    this.settings = settings;
  }

  /** Those of whom the blob may be taken; it is for their kind alone from now on. */
  @Override
  public List<Provider> find(Hash hash) {
    return sources.choose(hash, candidates(hash)).stream().map(Provider::of).toList();
  }

  /** Everybody who may have it. */
  List<Provider> known(Hash hash) {
    return candidates(hash).stream().map(each -> Provider.of(each.addr())).toList();
  }

  /** Those who announced it lately, the latest word first. */
  List<Claim> announced(Hash hash) {
    return announced.claims(hash, System.currentTimeMillis());
  }

  /** Those of whom a part of a collection may be taken: who has the root. */
  List<Provider> findPart(Hash root, Hash part) {
    List<Provider> found = find(root);
    sources.chooseLike(root, part);
    return found;
  }

  private List<Candidate> candidates(Hash hash) {
    Map<EndpointId, Candidate> found = new LinkedHashMap<>();
    List<Claim> claims = announced.claims(hash, System.currentTimeMillis());
    for (BlobTicket ticket : store.tickets(hash)) {
      add(found, ticket.addr(), Set.of());
    }
    claims.forEach(claim -> add(found, claim.addr(), claim.services()));
    settings.get().peers().forEach(peer -> add(found, peer, Set.of()));
    return List.copyOf(found.values());
  }

  @Override
  public @Nullable String refused(Hash hash) {
    return denials.denied(hash);
  }

  private void add(Map<EndpointId, Candidate> found, EndpointAddr addr, Set<ServiceKey> saidIn) {
    if (addr.id().equals(self)) {
      return;
    }
    Candidate before = found.get(addr.id());
    if (before == null || before.saidIn().isEmpty()) {
      found.put(addr.id(), new Candidate(before == null ? addr : before.addr(), saidIn));
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
    return !settings.get().origins().isEmpty() || !candidates(hash).isEmpty();
  }
}
