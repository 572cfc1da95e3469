package org.veilor.seed.node.membership;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.Members;
import org.veilor.seed.gossip.service.Members.Member;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceLimits;
import org.veilor.seed.gossip.service.ServiceName;

/**
 * The groups that this node is in, and who is known to be in them, also after a restart.
 *
 * <p>Services have a <i>mark</i>, a hash of realm and name, which stays when the secret is changed:
 * the blobs of a service are still its blobs then, and only who may have them is another one.
 *
 * <p>Any thread.
 */
public final class Groups implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Groups.class);

  /**
   * A group as it is now.
   *
   * @param named endpoints that the invite names, who are therefore expected to be in it
   */
  private record Group(ServiceKey.Group key, TopicId topic, Set<EndpointId> named) {}

  private final Supplier<List<Invite>> invites;
  private final LongSupplier nowMillis;
  private final MemberFile file;
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("seed-members").factory());

  /** Guarded by itself. */
  private final Members members;

  private volatile Map<Hash, Group> groups = Map.of();
  private volatile boolean hasBeenInGroups;
  private boolean isWriteDue;

  private Groups(Path state, Supplier<List<Invite>> invites, LongSupplier nowMillis) {
    this.invites = invites;
    this.nowMillis = nowMillis;
    this.file = new MemberFile(state);
    this.members = new Members(ServiceLimits.MAX_MEMBERS, file.read());
    this.hasBeenInGroups = file.exists();
  }

  /**
   * Reads who was a member before.
   *
   * @param invites of the services that the node is in, at any time
   * @param nowMillis since 1970
   */
  public static Groups open(Path state, Supplier<List<Invite>> invites, LongSupplier nowMillis) {
    Groups opened = new Groups(state, invites, nowMillis);
    opened.refresh();
    return opened;
  }

  /** What stands for a service in the records of blobs: the same for every secret. */
  public static Hash mark(ServiceName name) {
    return new ServiceKey.Public(name).topic().value();
  }

  /** The node has joined or left a service, or changed its secret. */
  public void refresh() {
    Map<Hash, Group> fresh = new HashMap<>();
    Set<TopicId> topics = new HashSet<>();
    for (Invite invite : invites.get()) {
      if (invite.service() instanceof ServiceKey.Group key) {
        Set<EndpointId> named = new HashSet<>(invite.origins());
        invite.bootstrap().stream().map(EndpointAddr::id).forEach(named::add);
        fresh.put(mark(key.name()), new Group(key, key.topic(), Set.copyOf(named)));
        topics.add(key.topic());
      }
    }
    groups = Map.copyOf(fresh);
    synchronized (members) {
      for (Member member : members.members(nowMillis.getAsLong())) {
        if (!topics.contains(member.group())) {
          members.forget(member.group());
        }
      }
    }
    if (hasBeenInGroups || !fresh.isEmpty()) {
      hasBeenInGroups = true;
      write();
    }
  }

  /** Whether the node is, or was, in any group: then it may hold what is not for everybody. */
  public boolean hasBeenInGroups() {
    return hasBeenInGroups;
  }

  /** The groups that the node is in. */
  public List<ServiceKey.Group> all() {
    return groups.values().stream().map(Group::key).toList();
  }

  /**
   * An endpoint has proved that it is in a group of ours. Who did so within the hour is not written
   * down again: announcements come by the second.
   *
   * @param atMillis when it did; what is known to be newer stays
   */
  public void proved(ServiceKey service, EndpointId endpoint, long atMillis) {
    Group group = groups.get(mark(service.name()));
    if (group == null || !group.key().equals(service)) {
      return;
    }
    synchronized (members) {
      long now = nowMillis.getAsLong();
      long known = members.provedAtMillis(group.topic(), endpoint);
      // A clock that was set back leaves times of the future, which must not stay.
      boolean isFresh = known <= now && atMillis - known < MembershipLimits.RENEW_MILLIS;
      if ((known >= 0 && isFresh) || now - atMillis >= ServiceLimits.MEMBERSHIP_MILLIS) {
        return;
      }
      members.proved(group.topic(), endpoint, Math.min(now, atMillis));
    }
    writeSoon();
  }

  /** Whether an endpoint may have the blobs of a service. */
  public boolean isMember(Hash mark, EndpointId endpoint) {
    Group group = groups.get(mark);
    if (group == null) {
      return false;
    }
    synchronized (members) {
      return members.isMember(group.topic(), endpoint, nowMillis.getAsLong());
    }
  }

  /** The marks of the groups in which both this node and the other one are known to be. */
  public Set<Hash> shared(EndpointId endpoint) {
    Set<Hash> shared = new HashSet<>();
    for (Hash mark : groups.keySet()) {
      if (isMember(mark, endpoint)) {
        shared.add(mark);
      }
    }
    return shared;
  }

  /** The groups in which an endpoint is expected, so that they may be proved to it. */
  public List<ServiceKey.Group> expected(EndpointId endpoint) {
    return groups.entrySet().stream()
        .filter(
            each -> each.getValue().named().contains(endpoint) || isMember(each.getKey(), endpoint))
        .map(each -> each.getValue().key())
        .limit(ServiceLimits.MAX_GROUPS)
        .toList();
  }

  /** The mark of a service's group, or null if the node is in no such group. */
  public @Nullable Hash markOf(ServiceKey service) {
    return service instanceof ServiceKey.Group group ? mark(group.name()) : null;
  }

  /** How many members are known, of all groups. */
  public int size() {
    synchronized (members) {
      return members.members(nowMillis.getAsLong()).size();
    }
  }

  private void writeSoon() {
    synchronized (this) {
      if (isWriteDue) {
        return;
      }
      isWriteDue = true;
    }
    try {
      var _ = writer.schedule(this::write, MembershipLimits.WRITE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the node closes; who was a member is written down already");
    }
  }

  private synchronized void write() {
    isWriteDue = false;
    List<Member> all;
    synchronized (members) {
      all = members.members(nowMillis.getAsLong());
    }
    try {
      file.write(all);
    } catch (IOException e) {
      LOG.error("the members of groups cannot be written down: {}", e.getMessage());
    }
  }

  /** Writes down what is known. */
  @Override
  public void close() {
    writer.shutdownNow();
    if (hasBeenInGroups) {
      write();
    }
  }
}
