package org.veilor.seed.node.membership;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.store.Audience;

/**
 * From whom a blob may be fetched, and to whom it may be given then.
 *
 * <p>Whoever gives us a blob may do so because we are a member of a group, so what comes from it is
 * for that group. What somebody merely says about a hash widens nothing: a stranger who knows the
 * hash of a group's blob could announce it in a public service, and have it from us. Therefore the
 * sources of one blob are all of one kind: those that give it to anybody, or members of one group.
 * Where that cannot be told apart, the blob is fetched and kept for this machine alone.
 */
final class Sourcing {
  private static final Audience NOBODY = new Audience(false, Set.of(), false);
  private static final Audience EVERYBODY = new Audience(true, Set.of(), false);

  private Sourcing() {}

  /**
   * Somebody who may have the blob.
   *
   * @param isPublic whether it said so in a public service, so that it gives it to anybody
   * @param groups marks of the groups in which it said so
   * @param shared marks of the groups in which both it and we are known to be
   */
  record Source(EndpointId id, boolean isPublic, Set<Hash> groups, Set<Hash> shared) {
    /** Whether it does not give us more than it gives to anybody. */
    boolean isOpen() {
      return isPublic || shared.isEmpty();
    }

    /** Whether what it gives us is for this group, or for everybody. */
    boolean isWithin(Hash group) {
      return isOpen() || groups.contains(group) || Set.of(group).containsAll(shared);
    }
  }

  /** What is to be done. */
  record Choice(Audience audience, Set<EndpointId> sources) {}

  /**
   * Chooses.
   *
   * @param known what is known of the blob from an earlier try, or was claimed for it
   */
  static Choice choose(@Nullable Audience known, List<Source> sources) {
    if (known != null && known.isClaimed()) {
      return all(known, sources);
    }
    Set<Hash> said = new TreeSet<>();
    sources.forEach(source -> said.addAll(source.groups()));
    if (known == null || known.everybody()) {
      return said.isEmpty() ? withoutGroup(sources) : within(said.iterator().next(), sources);
    }
    Hash before = known.services().size() == 1 ? known.services().iterator().next() : null;
    return before != null && (said.isEmpty() || said.contains(before))
        ? within(before, sources)
        : all(NOBODY, sources);
  }

  private static Choice within(Hash group, List<Source> sources) {
    Set<EndpointId> allowed =
        sources.stream()
            .filter(source -> source.isWithin(group))
            .map(Source::id)
            .collect(Collectors.toSet());
    return new Choice(new Audience(false, Set.of(group), false), allowed);
  }

  private static Choice withoutGroup(List<Source> sources) {
    Set<EndpointId> open = new HashSet<>();
    Set<Set<Hash>> others = new HashSet<>();
    for (Source source : sources) {
      if (source.isOpen()) {
        open.add(source.id());
      } else {
        others.add(source.shared());
      }
    }
    boolean isAnnounced = sources.stream().anyMatch(Source::isPublic);
    if (others.isEmpty() || isAnnounced) {
      return new Choice(EVERYBODY, open);
    }
    Set<Hash> only = others.iterator().next();
    return others.size() == 1 && only.size() == 1
        ? within(only.iterator().next(), sources)
        : all(NOBODY, sources);
  }

  private static Choice all(Audience audience, List<Source> sources) {
    return new Choice(audience, sources.stream().map(Source::id).collect(Collectors.toSet()));
  }
}
