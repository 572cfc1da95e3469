package org.veilor.seed.node.catalogue;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.node.announce.Memberships;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.node.policy.Policy;
import org.veilor.seed.store.BlobStore;

/**
 * What is denied here: all that the operator denied, and what an origin had forgotten, unless this
 * node seeds the same bytes from a folder that the origin has nothing to say about: one of a
 * service of which it is no origin, or what was given to {@code add}. Else whoever is an origin of
 * one service could take down the files of any other by naming their hashes.
 *
 * <p>Any origin of a service speaks for all of it: what one of two has forgotten, the other does
 * not serve either, whoever published it. Each origin's word holds by itself until its own end.
 *
 * <p>What this node itself had forgotten is denied in any case.
 */
public final class ForgetScope implements Denials {
  private final Policy policy;
  private final BlobStore store;
  private final Memberships memberships;
  private final EndpointId self;

  /** Looks into the store at each question about a blob that was to be forgotten. */
  public ForgetScope(Policy policy, BlobStore store, Memberships memberships, EndpointId self) {
    this.policy = policy;
    this.store = store;
    this.memberships = memberships;
    this.self = self;
  }

  @Override
  public @Nullable String denied(Hash hash) {
    String why = policy.denied(hash);
    Set<EndpointId> origins = why == null ? Set.of() : policy.forgottenBy(hash);
    return origins.isEmpty() || !isSeededOtherwise(hash, origins) ? why : null;
  }

  /** Why a file of a service is not to be had, or null. */
  public @Nullable String denied(Hash hash, String service) {
    String why = policy.denied(hash);
    Set<EndpointId> origins = why == null ? Set.of() : policy.forgottenBy(hash);
    return origins.isEmpty() || bindsAny(origins, service) ? why : null;
  }

  private boolean isSeededOtherwise(Hash hash, Set<EndpointId> origins) {
    return store.files(hash).stream().anyMatch(file -> !bindsAny(origins, file.service()));
  }

  private boolean bindsAny(Set<EndpointId> origins, String service) {
    return origins.stream().anyMatch(origin -> binds(origin, service));
  }

  private boolean binds(EndpointId origin, String service) {
    Invite invite = memberships.named(service);
    return origin.equals(self) || (invite != null && invite.origins().contains(origin));
  }
}
