package org.veilor.seed.node.announce;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.AnnouncementLimits;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.announcement.TokenBucket;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.node.gossip.TopicNetwork;
import org.veilor.seed.node.membership.Groups;

/**
 * Speaks on the topics of the services that this node is in: says what has appeared and vanished
 * here, asks who holds what is missing, and answers those who ask.
 *
 * <p>All of it happens on one thread; the methods hand over and return. Nothing is announced that
 * {@link Holdings} does not have at that moment.
 */
public final class Announcer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /** New blobs are collected for so long, to share a message. */
  private static final long COLLECT_MILLIS = 100;

  /** Who asks gets the answer of whoever is fastest; all wait for some time up to this. */
  private static final long ANSWER_MILLIS = 200;

  /** Questions wait for answers for so long. */
  static final long ASK_MILLIS = 1_500;

  /** The same question is not asked again so soon. */
  private static final long ASK_AGAIN_MILLIS = 10_000;

  /** What origins said is passed on in portions of {@link ServiceTopic#PORTION}, so far apart. */
  private static final long PASS_MILLIS = 100;

  /** Messages with questions are so far apart. */
  private static final long ASK_APART_MILLIS = 150;

  /** What was heard and said is written down so often, and at the end. */
  private static final long REMEMBER_MILLIS = 60_000;

  /** The last task gets so long at the end. */
  private static final long CLOSE_MILLIS = 2_000;

  /** So long former neighbours have to answer before the next few are asked. */
  private static final long ASK_FORMER_MILLIS = 3_000;

  /** Questions about blobs of which nobody said in which service they are: all topics hear them. */
  static final int UNKNOWN_AT_ONCE = 1_000;

  static final int UNKNOWN_PER_SECOND = 100;

  /** An operator waits so long for figures. */
  private static final long STATUS_MILLIS = 1_000;

  /** Questions that are remembered and waited for. */
  private static final int MAX_QUESTIONS = 10_000;

  /** What an announcer needs of its node. */
  public record Context(
      SecretKey key,
      TopicNetwork network,
      Memberships memberships,
      Supplier<EndpointAddr> own,
      Holdings holdings,
      AnnouncedProviders providers,
      Groups groups,
      OriginListener origins,
      LongSupplier nowMillis,
      RandomGenerator random) {}

  /** A question that is waited for. */
  private record Question(long askedMillis, CompletableFuture<@Nullable Void> answered) {}

  private final Context context;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("seed-announcer").factory());

  private final Inbox inbox = new Inbox();

  /** The rest belongs to the thread. */
  private final Map<String, ServiceTopic> topics = new TreeMap<>();

  private final Map<String, Set<Hash>> fresh = new HashMap<>();

  /** What is to be asked, and the groups to ask; none if that is for all topics. */
  private final Map<Hash, Set<ServiceName>> asking = new LinkedHashMap<>();

  private final TokenBucket unknown;
  private long askedMillis;
  private final LinkedHashMap<Hash, Question> questions = new LinkedHashMap<>();
  private volatile Map<String, TopicStatus> lastStatus = Map.of();

  /** An announcer that is in no topic before {@link #start}. */
  public Announcer(Context context) {
    this.context = context;
    unknown = new TokenBucket(UNKNOWN_AT_ONCE, UNKNOWN_PER_SECOND, context.nowMillis().getAsLong());
  }

  /** Enters the topics of all services that the node is in. */
  public void start() {
    execute(() -> context.memberships().all().forEach(invite -> enter(invite, memory(invite))));
    later(this::rememberOften, REMEMBER_MILLIS);
  }

  /** The node has become a member, or has a newer invite. */
  public void joined(Invite invite) {
    execute(() -> {
      ServiceTopic before = topics.get(invite.service().name().name());
      if (before != null) {
        remember(before);
      }
      leaveTopic(invite.service().name().name());
      enter(
          invite,
          before != null && before.id().equals(invite.service().topic())
              ? before.memory()
              : memory(invite));
    });
  }

  /** The node is no member any more. */
  public void left(String name) {
    execute(() -> {
      ServiceTopic topic = topics.get(name);
      leaveTopic(name);
      if (topic != null) {
        context.origins().whenKept(context.memberships().topicFile(topic.id())::delete);
        topic.peers().delete();
      }
    });
  }

  private TopicFile.Memory memory(Invite invite) {
    return context.memberships().topicFile(invite.service().topic()).read();
  }

  private void enter(Invite invite, TopicFile.Memory memory) {
    ServiceTopic topic =
        new ServiceTopic(
            invite,
            memory,
            context.memberships().knownPeers(invite.service().topic()),
            context.nowMillis().getAsLong(),
            this::heard);
    topics.put(invite.service().name().name(), topic);
    context.origins().entered(invite);
    List<EndpointAddr> contacts = new ArrayList<>(invite.bootstrap());
    contacts.addAll(topic.peers().next());
    join(topic, contacts);
  }

  private void join(ServiceTopic topic, List<EndpointAddr> contacts) {
    context.network().join(topic.id(), contacts, event -> take(topic, event));
    later(() -> askFormer(topic), ASK_FORMER_MILLIS);
  }

  /** Asks some more neighbours of a former life, if nobody has answered. */
  private void askFormer(ServiceTopic topic) {
    if (topics.get(topic.name()) == topic && !topic.hasNeighbors()) {
      List<EndpointAddr> next = topic.peers().next();
      if (!next.isEmpty()) {
        join(topic, next);
      }
    }
  }

  /** On the network's thread. */
  private void take(ServiceTopic topic, GossipOutput.Event event) {
    if (!(event instanceof GossipOutput.Received message)) {
      execute(() -> on(topic, event));
    } else if (inbox.take(message.deliveredFrom(), message.content().length)) {
      execute(() -> {
        inbox.done(message.deliveredFrom(), message.content().length);
        on(topic, event);
      });
    } else {
      topic.overloaded();
    }
  }

  private void on(ServiceTopic topic, GossipOutput.Event event) {
    topic.on(event, context.nowMillis().getAsLong());
    if (event instanceof GossipOutput.NeighborUp && topics.get(topic.name()) == topic) {
      // Neighbours come in groups; those of the same moment are told once.
      if (topic.willPass()) {
        later(() -> pass(topic), PASS_MILLIS);
      }
      long soon = topic.peers().planMillis(context.nowMillis().getAsLong());
      if (soon >= 0) {
        later(() -> rememberPeers(topic), soon);
      }
    }
  }

  private void rememberPeers(ServiceTopic topic) {
    var _ =
        context
            .network()
            .knownPeers(topic.id())
            .thenAccept(known -> execute(() -> rememberPeers(topic, known)));
  }

  private void rememberPeers(ServiceTopic topic, List<EndpointAddr> known) {
    if (topics.get(topic.name()) == topic) {
      topic.peers().update(known, context.nowMillis().getAsLong());
    }
  }

  /** Tells the neighbours what origins said, a little at a time: others count how fast. */
  private void pass(ServiceTopic topic) {
    if (topics.get(topic.name()) != topic) {
      return;
    }
    List<byte[]> next = topic.nextToPass(() -> context.origins().kept(topic.invite()));
    next.forEach(said -> context.network().broadcastNeighbors(topic.id(), said));
    if (topic.isPassing()) {
      later(() -> pass(topic), PASS_MILLIS);
    }
  }

  private void leaveTopic(String name) {
    ServiceTopic topic = topics.remove(name);
    if (topic != null) {
      context.origins().left(topic.invite());
      var _ = context.network().leave(topic.id());
    }
  }

  private void rememberOften() {
    topics.values().forEach(this::remember);
    later(this::rememberOften, REMEMBER_MILLIS);
  }

  /**
   * Writes down what was heard, but not before it is kept: what a kill in between takes has to be
   * heard again, and not to be dropped as a replay.
   */
  private void remember(ServiceTopic topic) {
    TopicFile.Memory memory = topic.memoryIfChanged();
    if (memory != null) {
      TopicFile file = context.memberships().topicFile(topic.id());
      context.origins().whenKept(() -> file.write(memory));
    }
  }

  /** A file of a service has become a blob that can be had here. */
  public void appeared(String service, Hash hash) {
    execute(() -> {
      if (topics.containsKey(service)) {
        if (fresh.isEmpty()) {
          later(this::tellFresh, COLLECT_MILLIS);
        }
        fresh.computeIfAbsent(service, name -> new LinkedHashSet<>()).add(hash);
      }
    });
  }

  private void tellFresh() {
    Map<String, Set<Hash>> told = new HashMap<>(fresh);
    fresh.clear();
    told.forEach((service, hashes) -> provide(service, fewOf(service, hashes)));
  }

  private void provide(String service, Collection<Hash> hashes) {
    ServiceTopic topic = topics.get(service);
    if (topic == null) {
      return;
    }
    for (Body.Provide body : ServiceTopic.provides(context.own().get(), blobs(topic, hashes))) {
      say(topic, body);
    }
  }

  /** Many at once, as a scan finds them, are left to the catalogue. */
  private Collection<Hash> fewOf(String service, Collection<Hash> hashes) {
    ServiceTopic topic = topics.get(service);
    if (topic == null || !context.origins().lists(topic.invite())) {
      return hashes;
    }
    return hashes.stream()
        .limit(topic.provideBudget(context.nowMillis().getAsLong(), hashes.size()))
        .toList();
  }

  private Map<Hash, Long> blobs(ServiceTopic topic, Collection<Hash> hashes) {
    Map<Hash, Long> blobs = new LinkedHashMap<>();
    for (Hash hash : hashes) {
      context.holdings().sizeOf(topic.service(), hash).ifPresent(size -> blobs.put(hash, size));
    }
    return blobs;
  }

  /** A file of a service has gone; said only if its blob has gone with it. */
  public void vanished(String service, Hash hash) {
    execute(() -> {
      ServiceTopic topic = topics.get(service);
      if (topic != null && context.holdings().sizeOf(topic.service(), hash).isEmpty()) {
        say(topic, new Body.Withdraw(List.of(hash)));
      }
    });
  }

  /**
   * Asks who holds a blob: in the groups in which somebody said so, and nowhere else, because who
   * is in no group is not to hear which blobs it has; else in all topics, and of such blobs only so
   * many a second.
   *
   * @return completed when somebody says so, or when nobody did for a while; at once where nobody
   *     can be asked, or was a moment ago
   */
  public CompletableFuture<@Nullable Void> ask(Hash hash) {
    CompletableFuture<@Nullable Void> answered = new CompletableFuture<>();
    execute(() -> {
      long now = context.nowMillis().getAsLong();
      questions.values().removeIf(old -> now - old.askedMillis() >= ASK_AGAIN_MILLIS);
      Question known = questions.get(hash);
      boolean isAlone = topics.values().stream().noneMatch(ServiceTopic::hasNeighbors);
      if (known != null) {
        var _ = known.answered().thenRun(() -> answered.complete(null));
      } else if (isAlone || questions.size() >= MAX_QUESTIONS) {
        answered.complete(null);
      } else {
        ask(hash, answered, now);
      }
    });
    return answered;
  }

  private void ask(Hash hash, CompletableFuture<@Nullable Void> answered, long now) {
    List<AnnouncedProviders.Claim> claims = context.providers().claims(hash, now);
    if (claims.isEmpty()) {
      if (unknown.isEmpty(now)) {
        answered.complete(null);
        return;
      }
      unknown.take();
    }
    questions.put(hash, new Question(now, answered));
    if (asking.isEmpty()) {
      later(this::tellQuestions, Math.max(0, askedMillis + ASK_APART_MILLIS - now));
    }
    asking.put(hash, groups(claims));
    later(() -> answered.complete(null), ASK_MILLIS);
  }

  /** Names of the groups in which somebody said that it holds the blob; a secret may be new. */
  private static Set<ServiceName> groups(List<AnnouncedProviders.Claim> claims) {
    Set<ServiceName> groups = new HashSet<>();
    for (AnnouncedProviders.Claim claim : claims) {
      for (ServiceKey service : claim.services()) {
        if (service instanceof ServiceKey.Group(ServiceName name, ServiceSecret _)) {
          groups.add(name);
        }
      }
    }
    return groups;
  }

  /** Many questions at once share messages: others count how many come. */
  private void tellQuestions() {
    Map<Hash, Set<ServiceName>> told = new LinkedHashMap<>(asking);
    asking.clear();
    askedMillis = context.nowMillis().getAsLong();
    for (ServiceTopic topic : topics.values()) {
      List<Hash> hashes = new ArrayList<>(told.keySet());
      hashes.removeIf(hash -> isForOthers(topic, told.getOrDefault(hash, Set.of())));
      for (int from = 0; from < hashes.size(); from += AnnouncementLimits.MAX_HASHES) {
        int to = Math.min(hashes.size(), from + AnnouncementLimits.MAX_HASHES);
        say(topic, new Body.Query(hashes.subList(from, to)));
      }
    }
  }

  private static boolean isForOthers(ServiceTopic topic, Set<ServiceName> groups) {
    return !groups.isEmpty()
        && !(topic.service() instanceof ServiceKey.Group(ServiceName name, ServiceSecret _)
            && groups.contains(name));
  }

  /**
   * Signs what is to be said in a service, so that it can be kept before anybody is told: see
   * {@link #tell}.
   *
   * @return fails with IllegalStateException if the node is not in the service
   */
  public CompletableFuture<Announcement> sign(String service, Body body) {
    CompletableFuture<Announcement> answer = new CompletableFuture<>();
    execute(() -> {
      ServiceTopic topic = topics.get(service);
      if (topic == null) {
        answer.completeExceptionally(new IllegalStateException("not in the service " + service));
      } else {
        answer.complete(topic.sign(context.key(), context.nowMillis().getAsLong(), body));
      }
    });
    return answer;
  }

  /** Says what was signed for this service, if the node is still in it. */
  public void tell(ServiceKey service, Announcement signed) {
    execute(() -> {
      ServiceTopic topic = topics.get(service.name().name());
      if (topic != null && topic.service().equals(service)) {
        context.network().broadcast(topic.id(), signed.encode());
      }
    });
  }

  private void say(ServiceTopic topic, Body body) {
    Announcement said = topic.sign(context.key(), context.nowMillis().getAsLong(), body);
    context.network().broadcast(topic.id(), said.encode());
  }

  /** Somebody said something that is to be believed. */
  private void heard(ServiceTopic topic, Announcement said) {
    if (said.issuer().equals(context.key().id()) && !(said.body() instanceof Body.Forget)) {
      return; // but what an earlier life had forgotten counts, should it not have kept it
    }
    context.groups().proved(topic.service(), said.issuer(), said.issuedAtMillis());
    switch (said.body()) {
      case Body.Provide(EndpointAddr addr, List<Body.Blob> blobs) -> {
        List<Hash> hashes = blobs.stream().map(blob -> blob.content().hash()).toList();
        context.providers().put(addr, hashes, topic.service(), context.nowMillis().getAsLong());
        for (Hash hash : hashes) {
          topic.answeredByOthers(hash);
          Question question = questions.get(hash);
          if (question != null) {
            question.answered().complete(null);
          }
        }
      }
      case Body.Withdraw(List<Hash> hashes) -> context.providers().remove(said.issuer(), hashes);
      case Body.Query(List<Hash> hashes) -> answerLater(topic, hashes);
      case Body.Catalogue _, Body.Forget _ -> context.origins().heard(topic.invite(), said);
    }
  }

  /** Answers for what is here after a moment, unless others were faster. */
  private void answerLater(ServiceTopic topic, List<Hash> asked) {
    List<Hash> here = new ArrayList<>(asked);
    here.removeIf(hash -> context.holdings().sizeOf(topic.service(), hash).isEmpty());
    if (here.isEmpty()) {
      return;
    }
    topic.willAnswer(here);
    later(
        () -> {
          if (topics.get(topic.name()) == topic) {
            provide(topic.name(), topic.takeUnanswered(here));
          }
        },
        context.random().nextLong(ANSWER_MILLIS));
  }

  /** The figures of the services, by name, when what was to be done before is done. */
  public CompletableFuture<Map<String, TopicStatus>> status() {
    CompletableFuture<Map<String, TopicStatus>> answer = new CompletableFuture<>();
    execute(() -> {
      Map<String, TopicStatus> status = new TreeMap<>();
      topics.forEach((name, topic) -> status.put(name, topic.status()));
      lastStatus = Collections.unmodifiableMap(status);
      answer.complete(lastStatus);
    });
    return answer;
  }

  /** The same for somebody who waits: in a flood, after a second, those of the time before. */
  public Map<String, TopicStatus> statusSoon() {
    return status().completeOnTimeout(lastStatus, STATUS_MILLIS, MILLISECONDS).join();
  }

  private void execute(Runnable task) {
    try {
      thread.execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("the node closes; something came too late to be announced");
    }
  }

  private void later(Runnable task, long millis) {
    try {
      var _ = thread.schedule(() -> run(task), millis, MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the node closes; something came too late to be announced");
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("an announcement failed on a mistake of this program", e);
    }
  }

  private void lastPeers(ServiceTopic topic) {
    List<EndpointAddr> known =
        context
            .network()
            .knownPeers(topic.id())
            .completeOnTimeout(List.of(), CLOSE_MILLIS, MILLISECONDS)
            .join();
    topic.peers().update(known, context.nowMillis().getAsLong());
  }

  /** Has written down what was heard and said, and who was there; the listener closes later. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (thread.awaitTermination(CLOSE_MILLIS, MILLISECONDS)) {
        topics.values().forEach(this::remember);
        topics.values().stream().filter(each -> each.peers().isDue()).forEach(this::lastPeers);
      } else {
        LOG.warn("the announcer is busy; what it heard last is not written down");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
