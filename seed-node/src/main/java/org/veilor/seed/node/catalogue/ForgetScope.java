package org.veilor.seed.node.catalogue;

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
    EndpointId origin = why == null ? null : policy.forgottenBy(hash);
    return origin == null || !isSeededOtherwise(hash, origin) ? why : null;
  }

  /** Why a file of a service is not to be had, or null. */
  public @Nullable String denied(Hash hash, String service) {
    String why = policy.denied(hash);
    EndpointId origin = why == null ? null : policy.forgottenBy(hash);
    return origin == null || binds(origin, service) ? why : null;
  }

  private boolean isSeededOtherwise(Hash hash, EndpointId origin) {
    return store.files(hash).stream().anyMatch(file -> !binds(origin, file.service()));
  }

  private boolean binds(EndpointId origin, String service) {
    Invite invite = memberships.named(service);
    return origin.equals(self) || (invite != null && invite.origins().contains(origin));
  }
}
