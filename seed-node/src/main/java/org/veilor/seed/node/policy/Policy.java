package org.veilor.seed.node.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;

/**
 * The blobs that this node neither serves nor fetches: because its operator denied them, or because
 * an origin of a service had them forgotten. The operator can take back the former only.
 *
 * <p>Any thread. What is said is on the disk before it counts.
 */
public final class Policy implements Denials, AutoCloseable {
  /** Blobs that can be denied at once. */
  public static final int MAX_ENTRIES = 1_000_000;

  private static final Comparator<PolicyEntry.Forget> BY_END =
      Comparator.comparingLong(PolicyEntry.Forget::untilMillis);

  private static final String NOT_DENIED = "it is not denied";
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd").withZone(ZoneOffset.UTC);

  /** Origins that can have the same blob forgotten; what ends first goes. */
  static final int MAX_FORGETS_OF_BLOB = 32;

  /**
   * All may hold: a denial ends by the operator, each origin's forgetting by time. No origin's word
   * replaces that of another, which may be an origin of other services.
   */
  private record Denial(
      PolicyEntry.@Nullable Deny deny, Map<EndpointId, PolicyEntry.Forget> forgets) {
    static final Denial NONE = new Denial(null, Map.of());
  }

  private final PolicyJournal journal;
  private final LongSupplier nowMillis;
  private final Map<Hash, Denial> denials = new HashMap<>();
  private final List<Consumer<Hash>> listeners = new CopyOnWriteArrayList<>();

  private Policy(PolicyJournal journal, LongSupplier nowMillis) {
    this.journal = journal;
    this.nowMillis = nowMillis;
  }

  /**
   * Reads what is in force.
   *
   * @param nowMillis the time, in milliseconds since 1970
   * @throws IOException with a sentence that names the file and the cure
   */
  public static Policy open(Path state, LongSupplier nowMillis) throws IOException {
    PolicyJournal.Opened opened = PolicyJournal.open(state);
    Policy policy = new Policy(opened.journal(), nowMillis);
    opened.entries().forEach(policy::take);
    boolean complete = false;
    try {
      policy.dropHistory();
      complete = true;
      return policy;
    } finally {
      if (!complete) {
        policy.close();
      }
    }
  }

  private void dropHistory() throws IOException {
    long now = nowMillis.getAsLong();
    dropExpired(now);
    if (journal.isMostlyHistory(denials.size())) {
      journal.rewrite(live());
    }
  }

  private void dropExpired(long now) {
    denials.replaceAll((hash, denial) -> inForce(denial, now));
    denials.values().removeIf(denial -> reason(denial, now) == null);
  }

  private static Denial inForce(Denial denial, long now) {
    boolean isAll = denial.forgets.values().stream().allMatch(forget -> forget.untilMillis() > now);
    return isAll ? denial : new Denial(denial.deny, forgetsInForce(denial, now));
  }

  private static Map<EndpointId, PolicyEntry.Forget> forgetsInForce(Denial denial, long now) {
    Map<EndpointId, PolicyEntry.Forget> left = new HashMap<>(denial.forgets);
    left.values().removeIf(forget -> forget.untilMillis() <= now);
    return Map.copyOf(left);
  }

  private List<PolicyEntry> live() {
    List<PolicyEntry> entries = new ArrayList<>();
    for (Denial denial : denials.values()) {
      if (denial.deny != null) {
        entries.add(denial.deny);
      }
      entries.addAll(denial.forgets.values());
    }
    return entries;
  }

  private void take(PolicyEntry entry) {
    Denial before = denials.getOrDefault(entry.hash(), Denial.NONE);
    Denial after =
        switch (entry) {
          case PolicyEntry.Deny deny -> new Denial(deny, before.forgets);
          case PolicyEntry.Allow _ -> new Denial(null, before.forgets);
          case PolicyEntry.Forget forget -> new Denial(before.deny, with(before.forgets, forget));
        };
    if (after.deny == null && after.forgets.isEmpty()) {
      denials.remove(entry.hash());
    } else {
      denials.put(entry.hash(), after);
    }
  }

  private static Map<EndpointId, PolicyEntry.Forget> with(
      Map<EndpointId, PolicyEntry.Forget> known, PolicyEntry.Forget fresh) {
    Map<EndpointId, PolicyEntry.Forget> all = new HashMap<>(known);
    all.merge(
        fresh.origin(), fresh, (old, next) -> old.untilMillis() > next.untilMillis() ? old : next);
    if (all.size() > MAX_FORGETS_OF_BLOB) {
      all.remove(Collections.min(all.values(), BY_END).origin());
    }
    return Map.copyOf(all);
  }

  /** Has somebody told of each hash that is denied from now on, after it is. */
  public void onDenied(Consumer<Hash> listener) {
    listeners.add(listener);
  }

  @Override
  public @Nullable String denied(Hash hash) {
    Denial denial;
    synchronized (this) {
      denial = denials.get(hash);
    }
    return denial == null ? null : reason(denial, nowMillis.getAsLong());
  }

  private static @Nullable String reason(Denial denial, long now) {
    PolicyEntry.Deny deny = denial.deny;
    if (deny != null) {
      String day = DAY.format(Instant.ofEpochMilli(deny.atMillis()));
      return "the operator denied it on "
          + day
          + (deny.reason().isEmpty() ? "" : ": " + deny.reason());
    }
    if (denial.forgets.isEmpty()) {
      return null;
    }
    PolicyEntry.Forget forget = Collections.max(denial.forgets.values(), BY_END);
    if (forget.untilMillis() > now) {
      return "its origin "
          + forget.origin().shortText()
          + " had it forgotten on "
          + DAY.format(Instant.ofEpochMilli(forget.atMillis()));
    }
    return null;
  }

  /** Whether a blob is forgotten already at least until then, because this origin said so. */
  public synchronized boolean isForgotten(Hash hash, EndpointId origin, long untilMillis) {
    Denial denial = denials.get(hash);
    PolicyEntry.Forget forget = denial == null ? null : denial.forgets.get(origin);
    return forget != null && forget.untilMillis() >= untilMillis;
  }

  /** The origins that have a blob forgotten now; none if the operator denies it as well. */
  public Set<EndpointId> forgottenBy(Hash hash) {
    Denial denial;
    synchronized (this) {
      denial = denials.get(hash);
    }
    return denial == null || denial.deny != null
        ? Set.of()
        : inForce(denial, nowMillis.getAsLong()).forgets.keySet();
  }

  /**
   * Denies blobs.
   *
   * @throws IOException if that cannot be written down; none is denied then
   */
  public void deny(Collection<Hash> hashes, String reason) throws IOException {
    long now = nowMillis.getAsLong();
    add(hashes.stream().map(hash -> new PolicyEntry.Deny(hash, now, reason)).toList());
  }

  /**
   * Carries out what an origin said; the caller has checked that it is one.
   *
   * @throws IOException if that cannot be written down; none is forgotten then
   */
  public void forget(Collection<PolicyEntry.Forget> entries) throws IOException {
    add(entries);
  }

  private void add(Collection<? extends PolicyEntry> entries) throws IOException {
    synchronized (this) {
      if (denials.size() + entries.size() > MAX_ENTRIES) {
        throw new IOException("more than " + MAX_ENTRIES + " blobs cannot be denied");
      }
      journal.append(entries);
      entries.forEach(this::take);
    }
    for (PolicyEntry entry : entries) {
      listeners.forEach(listener -> listener.accept(entry.hash()));
    }
  }

  /**
   * Takes denials of the operator back.
   *
   * @return for each hash null, or why it is still denied or was not
   * @throws IOException if that cannot be written down; nothing has changed then
   */
  public synchronized Map<Hash, @Nullable String> allow(Collection<Hash> hashes)
      throws IOException {
    long now = nowMillis.getAsLong();
    List<PolicyEntry.Allow> taken = new ArrayList<>();
    for (Hash hash : hashes) {
      Denial denial = denials.get(hash);
      if (denial != null && denial.deny != null) {
        taken.add(new PolicyEntry.Allow(hash, now));
      }
    }
    journal.append(taken);
    Map<Hash, @Nullable String> outcomes = new LinkedHashMap<>();
    hashes.forEach(hash -> outcomes.put(hash, denials.containsKey(hash) ? null : NOT_DENIED));
    taken.forEach(this::take);
    outcomes.replaceAll((hash, why) -> {
      Denial rest = denials.get(hash);
      return rest == null ? why : reason(rest, now);
    });
    return outcomes;
  }

  /** What is in force, in no particular order. */
  public synchronized List<PolicyEntry> entries() {
    long now = nowMillis.getAsLong();
    dropExpired(now);
    return live();
  }

  /** How many blobs are denied. */
  public synchronized int size() {
    return denials.size();
  }

  @Override
  public synchronized void close() throws IOException {
    journal.close();
  }
}
