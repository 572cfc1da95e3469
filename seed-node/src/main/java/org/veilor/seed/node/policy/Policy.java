package org.veilor.seed.node.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private static final String NOT_DENIED = "it is not denied";
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd").withZone(ZoneOffset.UTC);

  /** Both may hold: a denial ends by the operator, forgetting by time. */
  private record Denial(PolicyEntry.@Nullable Deny deny, PolicyEntry.@Nullable Forget forget) {}

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
    denials.values().removeIf(denial -> reason(denial, now) == null);
    if (journal.isMostlyHistory(denials.size())) {
      journal.rewrite(live());
    }
  }

  private List<PolicyEntry> live() {
    List<PolicyEntry> entries = new ArrayList<>();
    for (Denial denial : denials.values()) {
      if (denial.deny != null) {
        entries.add(denial.deny);
      }
      if (denial.forget != null) {
        entries.add(denial.forget);
      }
    }
    return entries;
  }

  private void take(PolicyEntry entry) {
    Denial before = denials.getOrDefault(entry.hash(), new Denial(null, null));
    Denial after =
        switch (entry) {
          case PolicyEntry.Deny deny -> new Denial(deny, before.forget);
          case PolicyEntry.Allow _ -> new Denial(null, before.forget);
          case PolicyEntry.Forget forget -> new Denial(before.deny, later(before.forget, forget));
        };
    if (after.deny == null && after.forget == null) {
      denials.remove(entry.hash());
    } else {
      denials.put(entry.hash(), after);
    }
  }

  private static PolicyEntry.Forget later(
      PolicyEntry.@Nullable Forget known, PolicyEntry.Forget fresh) {
    return known != null && known.untilMillis() > fresh.untilMillis() ? known : fresh;
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
    PolicyEntry.Forget forget = denial.forget;
    if (forget != null && forget.untilMillis() > now) {
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
    PolicyEntry.Forget forget = denial == null ? null : denial.forget;
    return forget != null && forget.origin().equals(origin) && forget.untilMillis() >= untilMillis;
  }

  /** The origin that has a blob forgotten; null if none has, or the operator denies it as well. */
  public synchronized @Nullable EndpointId forgottenBy(Hash hash) {
    Denial denial = denials.get(hash);
    PolicyEntry.Forget forget = denial == null ? null : denial.forget;
    return denial == null || denial.deny != null || forget == null ? null : forget.origin();
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
    denials.values().removeIf(denial -> reason(denial, now) == null);
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
