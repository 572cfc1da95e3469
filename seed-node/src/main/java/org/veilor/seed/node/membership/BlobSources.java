package org.veilor.seed.node.membership;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.store.Audience;

/** Chooses whom a blob is fetched from, and writes down to whom it may be given. Any thread. */
public final class BlobSources {
  /**
   * Somebody who may have a blob.
   *
   * @param saidIn the services in which it said so
   */
  public record Candidate(EndpointAddr addr, Set<ServiceKey> saidIn) {}

  private final Groups groups;
  private final BlobAudiences audiences;

  /** Creates it. */
  public BlobSources(Groups groups, BlobAudiences audiences) {
    this.groups = groups;
    this.audiences = audiences;
  }

  /** Those of whom a download may take the blob; from now on it is for their kind alone. */
  public List<EndpointAddr> choose(Hash blob, List<Candidate> candidates) {
    Sourcing.Choice choice = choice(blob, candidates);
    audiences.keep(blob, choice.audience());
    return candidates.stream()
        .map(Candidate::addr)
        .filter(addr -> choice.sources().contains(addr.id()))
        .toList();
  }

  /** A part of a collection is fetched from those who have its root, and is for the same. */
  public void chooseLike(Hash root, Hash part) {
    Audience known = audiences.known(root);
    if (known != null && audiences.known(part) == null) {
      audiences.keep(part, new Audience(known.everybody(), known.services(), false));
    }
  }

  private Sourcing.Choice choice(Hash blob, List<Candidate> candidates) {
    List<Sourcing.Source> sources = new ArrayList<>();
    for (Candidate candidate : candidates) {
      EndpointId id = candidate.addr().id();
      Set<Hash> in = new HashSet<>();
      boolean isPublic = false;
      for (ServiceKey service : candidate.saidIn()) {
        Hash mark = groups.markOf(service);
        isPublic |= mark == null;
        if (mark != null) {
          in.add(mark);
        }
      }
      sources.add(new Sourcing.Source(id, isPublic, in, groups.shared(id)));
    }
    return Sourcing.choose(audiences.known(blob), sources);
  }
}
