package org.veilor.seed.node.catalogue;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.AnnouncementLimits;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.catalogue.CatalogueClaim;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.Reading;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.announce.OriginListener;
import org.veilor.seed.node.policy.Policy;
import org.veilor.seed.node.policy.PolicyEntry;

/**
 * The catalogues and Forgets of all services that this node is in: builds those of its own
 * services, keeps and fetches those of others, passes both on, and finds paths in them.
 *
 * <p>What changes happens on one thread; fetching and nothing else on virtual threads beside it.
 */
public final class Catalogues implements OriginListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Catalogues.class);

  /**
   * What it needs of its node.
   *
   * @param state folder for what is kept
   * @param speaker says something in a service
   * @param source where blobs come from that an announcement leads to
   */
  public record Context(
      Path state,
      EndpointId self,
      Supplier<EndpointAddr> own,
      ServiceFiles files,
      Policy policy,
      CatalogueBlobs blobs,
      Speaker speaker,
      BlobSource source,
      LongSupplier nowMillis) {}

  /** What a path stands for, and who says so where. */
  public record Listed(Hash hash, long sizeBytes, EndpointAddr origin, ServiceKey service) {}

  private final Context context;
  private final Map<String, KeptTopic> topics = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("seed-catalogue").factory());
  private final ExecutorService fetches =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("seed-catalogue-", 0).factory());
  private final LongAdder fetched = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Semaphore fetching = new Semaphore(KeepingLimits.FETCHES_AT_ONCE);

  /** Keeps nothing before a service is entered. */
  public Catalogues(Context context) {
    this.context = context;
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    later(this::sweep, KeepingLimits.SWEEP_MILLIS);
    later(this::compareDaily, KeepingLimits.COMPARE_MILLIS);
  }

  private long now() {
    return context.nowMillis().getAsLong();
  }

  // ---- what the announcer tells

  @Override
  public void entered(Invite invite) {
    KeptTopic topic;
    try {
      topic =
          KeptTopic.open(folder(invite.service().topic()), invite, context.self(), context.files());
    } catch (IOException e) {
      LOG.error(
          "{}: what is known of the catalogue cannot be read, and is not used: {}",
          invite.service().name().name(),
          e.getMessage());
      return;
    }
    topic.refreshKept(now());
    topics.put(topic.name(), topic);
    context.blobs().put(invite.service(), topic.pages());
    execute(() -> begin(topic));
  }

  private void begin(KeptTopic topic) {
    OwnCatalogue own = topic.own();
    if (own != null) {
      topic.words().newest(context.self()).ifPresent(said -> own.resume(KeptTopic.claim(said)));
      buildSoon(topic);
    }
    topic.followed().values().forEach(here -> fetchIfNewer(topic, here));
    carryOut(topic);
  }

  /** What was to be forgotten is, whatever became of the journal of the policy. */
  private void carryOut(KeptTopic topic) {
    try {
      for (Announcement said : topic.words().forgets(now())) {
        forget(said);
      }
    } catch (IOException e) {
      LOG.error("{}: not all is forgotten that was to be: {}", topic.name(), e.getMessage());
    }
  }

  @Override
  public void left(Invite invite) {
    KeptTopic topic = topics.remove(invite.service().name().name());
    if (topic != null) {
      topic.isOver = true;
      context.blobs().remove(invite.service());
    }
  }

  /** Deletes what is kept of a topic that this node is not in any more, in a moment. */
  public void delete(TopicId topic) {
    later(() -> deleteIfLeft(topic), KeepingLimits.COLLECT_MILLIS);
  }

  private void deleteIfLeft(TopicId topic) {
    if (topics.values().stream().anyMatch(each -> each.service().topic().equals(topic))) {
      return; // joined again meanwhile
    }
    try {
      KeptTopic.delete(folder(topic));
    } catch (IOException e) {
      LOG.warn("what was kept of a service cannot be deleted: {}", e.getMessage());
    }
  }

  private Path folder(TopicId topic) {
    return context.state().resolve(topic.toString());
  }

  @Override
  public boolean lists(Invite invite) {
    KeptTopic topic = topics.get(invite.service().name().name());
    return topic != null
        && topic.own() != null
        && context.files().names(topic.service()).isPresent();
  }

  @Override
  public List<byte[]> kept(Invite invite) {
    KeptTopic topic = topics.get(invite.service().name().name());
    return topic == null ? List.of() : topic.kept();
  }

  @Override
  public void heard(Invite invite, Announcement said) {
    KeptTopic topic = topics.get(invite.service().name().name());
    if (topic != null) {
      execute(() -> heard(topic, said));
    }
  }

  private void heard(KeptTopic topic, Announcement said) {
    try {
      switch (said.body()) {
        case Body.Catalogue _ -> {
          KeptTopic.Followed here = topic.followed().get(said.issuer());
          if (here != null && topic.keepNewest(here, said, now())) {
            if (here.view().isEmpty()) {
              fetchIfNewer(topic, here);
            } else {
              later(() -> fetchIfNewer(topic, here), spreadMillis(said));
            }
          }
        }
        case Body.Forget _ -> {
          if (topic.words().keepForget(said)) {
            topic.refreshKept(now());
            forget(said);
          }
        }
        case Body.Provide _, Body.Withdraw _, Body.Query _ -> {}
      }
    } catch (IOException e) {
      LOG.error("{}: what an origin said cannot be kept: {}", topic.name(), e.getMessage());
    }
  }

  /** All members hear of a change at once; its origin would have to serve all at once. */
  private long spreadMillis(Announcement said) {
    return Math.floorMod(
        Objects.hash(context.self(), KeptTopic.claim(said).root()), KeepingLimits.SPREAD_MILLIS);
  }

  private void forget(Announcement said) throws IOException {
    context.policy().forget(fresh(said));
  }

  /** What the policy does not have yet of a Forget. */
  private List<PolicyEntry.Forget> fresh(Announcement said) {
    if (!(said.body() instanceof Body.Forget(List<Hash> hashes, long until))) {
      return List.of();
    }
    return hashes.stream()
        .filter(hash -> !context.policy().isForgotten(hash, said.issuer(), until))
        .map(hash -> new PolicyEntry.Forget(hash, said.issuedAtMillis(), said.issuer(), until))
        .toList();
  }

  @Override
  public void whenKept(Runnable task) {
    execute(task); // behind all that was heard
  }

  // ---- catalogues of others

  private void fetchIfNewer(KeptTopic topic, KeptTopic.Followed here) {
    Optional<Announcement> newest = here.newest();
    if (newest.isEmpty() || here.isFetching || topic.isOver) {
      return;
    }
    CatalogueClaim claim = KeptTopic.claim(newest.get());
    CatalogueView before = here.view().orElse(null);
    if (before != null && before.rootHash().equals(claim.root())) {
      return;
    }
    here.isFetching = true;
    fetches.execute(() -> {
      CatalogueFetch.Outcome outcome = fetch(topic, newest.get(), before);
      execute(() -> fetched(topic, newest.get(), here, outcome));
    });
  }

  private CatalogueFetch.Outcome fetch(
      KeptTopic topic, Announcement said, @Nullable CatalogueView before) {
    try {
      fetching.acquire();
    } catch (InterruptedException _) {
      return new CatalogueFetch.Outcome.Failed("the node closes");
    }
    try {
      EndpointAddr issuer = ((Body.Catalogue) said.body()).addr();
      CatalogueClaim claim = KeptTopic.claim(said);
      BlobSource.Session session = context.source().of(topic.service(), claim.root(), issuer);
      return CatalogueFetch.run(topic.service(), claim, before, topic.pages(), session);
    } catch (RuntimeException e) {
      LOG.error("{}: a catalogue failed on a mistake of this program", topic.name(), e);
      return new CatalogueFetch.Outcome.Failed(String.valueOf(e.getMessage()));
    } finally {
      fetching.release();
    }
  }

  private void fetched(
      KeptTopic topic, Announcement said, KeptTopic.Followed here, CatalogueFetch.Outcome outcome) {
    here.isFetching = false;
    boolean isNewest = here.newest().filter(said::equals).isPresent();
    switch (outcome) {
      case CatalogueFetch.Outcome.Here(CatalogueView view) -> {
        fetched.increment();
        topic.use(here, said, view);
        LOG.debug("{}: catalogue {} is here", topic.name(), view.header().generation());
      }
      case CatalogueFetch.Outcome.Refused(String why) -> {
        refused.increment();
        here.problem = why;
        LOG.warn(
            "{}: the catalogue of origin {} is refused, the one before goes on to hold: {}",
            topic.name(),
            said.issuer().shortText(),
            why);
      }
      case CatalogueFetch.Outcome.Failed(String why) -> {
        failed.increment();
        here.problem = why;
        here.failures++;
        LOG.debug("{}: a catalogue cannot be had now: {}", topic.name(), why);
        if (isNewest) {
          long wait = KeepingLimits.RETRY_MILLIS << Math.min(here.failures, 10);
          later(() -> fetchIfNewer(topic, here), Math.min(wait, KeepingLimits.MOST_RETRY_MILLIS));
        }
      }
    }
    if (!isNewest) {
      fetchIfNewer(topic, here);
    }
  }

  // ---- catalogues of this node

  /** A file of a service may have come, changed or gone. */
  public void touched(String service, Path file) {
    withOwn(
        service,
        (topic, own) -> {
          own.touch(file);
          buildSoon(topic);
        });
  }

  /** Which files may be had has changed altogether. */
  public void compareAll() {
    for (String service : topics.keySet()) {
      withOwn(
          service,
          (topic, own) -> {
            own.touchAll();
            buildSoon(topic);
          });
    }
  }

  private void compareDaily() {
    compareAll();
    later(this::compareDaily, KeepingLimits.COMPARE_MILLIS);
  }

  private interface OwnAction {
    void run(KeptTopic topic, OwnCatalogue own);
  }

  private void withOwn(String service, OwnAction action) {
    KeptTopic topic = topics.get(service);
    OwnCatalogue own = topic == null ? null : topic.own();
    if (topic != null && own != null) {
      execute(() -> action.run(topic, own));
    }
  }

  private void buildSoon(KeptTopic topic) {
    if (!topic.isBuildDue) {
      topic.isBuildDue = true;
      later(
          () -> build(topic),
          Math.max(KeepingLimits.COLLECT_MILLIS, topic.nextBuildMillis - now()));
    }
  }

  private void build(KeptTopic topic) {
    topic.isBuildDue = false;
    OwnCatalogue own = topic.own();
    if (topic.isOver || own == null) {
      return;
    }
    long start = now();
    Optional<CatalogueClaim> built;
    try {
      built = own.build(start);
    } catch (UncheckedIOException e) {
      LOG.error("{}: the catalogue cannot be built: {}", topic.name(), e.getMessage());
      topic.nextBuildMillis = now() + KeepingLimits.MOST_BETWEEN_MILLIS;
      buildSoon(topic);
      return;
    }
    long rest = Math.max(0, now() - start) * KeepingLimits.REST_FACTOR;
    topic.nextBuildMillis =
        now() + Math.clamp(rest, KeepingLimits.BETWEEN_MILLIS, KeepingLimits.MOST_BETWEEN_MILLIS);
    built.or(() -> unsaid(topic, own)).ifPresent(claim -> announce(topic, claim));
  }

  /** Nothing changed but where this node is, or the last catalogue could not be announced. */
  private Optional<CatalogueClaim> unsaid(KeptTopic topic, OwnCatalogue own) {
    Body said = topic.words().newest(context.self()).map(Announcement::body).orElse(null);
    return own.claim().filter(claim -> !claim.toBody(context.own().get()).equals(said));
  }

  private void announce(KeptTopic topic, CatalogueClaim claim) {
    var _ =
        context
            .speaker()
            .sign(topic.name(), claim.toBody(context.own().get()))
            .whenComplete((signed, problem) -> {
              if (signed == null) {
                LOG.debug("{}: a catalogue is not announced", topic.name(), problem);
              } else {
                execute(() -> announce(topic, signed));
              }
            });
  }

  /** Kept first: whatever others hear is what the next life goes on from. */
  private void announce(KeptTopic topic, Announcement signed) {
    try {
      if (topic.words().keepNewest(signed)) {
        topic.refreshKept(now());
        context.speaker().tell(topic.service(), signed);
      } else {
        LOG.error("{}: the clock went back; the catalogue counts for nobody", topic.name());
      }
    } catch (IOException e) {
      LOG.error(
          "{}: the catalogue cannot be kept, and is announced later: {}",
          topic.name(),
          e.getMessage());
      topic.nextBuildMillis = now() + KeepingLimits.MOST_BETWEEN_MILLIS;
      buildSoon(topic);
    }
  }

  // ---- forgetting

  /**
   * Has every node of a service forget blobs; this one first. Of up to {@link
   * AnnouncementLimits#MAX_HASHES} blobs all are forgotten or none, whenever the node is killed.
   *
   * @return completed when it is kept and in force here, and is being said; fails with IOException
   *     if it cannot be kept, with IllegalStateException if this node is no origin of the service
   */
  public CompletableFuture<@Nullable Void> forget(
      String service, List<Hash> hashes, long untilMillis) {
    KeptTopic topic = topics.get(service);
    if (topic == null || topic.own() == null) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("this node is no origin of " + service));
    }
    List<CompletableFuture<Announcement>> signed = new ArrayList<>();
    for (int from = 0; from < hashes.size(); from += AnnouncementLimits.MAX_HASHES) {
      int to = Math.min(hashes.size(), from + AnnouncementLimits.MAX_HASHES);
      Body forget = new Body.Forget(hashes.subList(from, to), untilMillis);
      signed.add(context.speaker().sign(service, forget));
    }
    return CompletableFuture.allOf(signed.toArray(CompletableFuture[]::new))
        .thenCompose(_ -> forget(topic, signed.stream().map(CompletableFuture::join).toList()));
  }

  /**
   * The signed word is what the next life goes by, so it is kept first. That it is in force here
   * before others hear of it makes this node the first that forgets.
   */
  private CompletableFuture<@Nullable Void> forget(KeptTopic topic, List<Announcement> signed) {
    CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    execute(() -> {
      try {
        for (Announcement forget : signed) {
          topic.words().keepForget(forget);
        }
        context.policy().forget(signed.stream().flatMap(each -> fresh(each).stream()).toList());
        topic.refreshKept(now());
        signed.forEach(forget -> context.speaker().tell(topic.service(), forget));
        done.complete(null);
      } catch (IOException e) {
        takeBack(topic, signed);
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  private static void takeBack(KeptTopic topic, List<Announcement> forgets) {
    try {
      for (Announcement forget : forgets) {
        topic.words().drop(forget);
      }
    } catch (IOException e) {
      LOG.error("{}: what cannot be forgotten now may be later: {}", topic.name(), e.getMessage());
    }
  }

  // ---- looking

  /**
   * What stands under a path in the catalogue of another origin; reads a page. The path counts as
   * it is, and then what is behind its first segment.
   */
  public Optional<Listed> find(String service, String text) {
    KeptTopic topic = topics.get(service);
    if (topic == null) {
      return Optional.empty();
    }
    try {
      CataloguePath path = CataloguePath.parse(text);
      return find(topic, path).or(() -> path.belowFirstSegment().flatMap(b -> find(topic, b)));
    } catch (MalformedException _) {
      return Optional.empty();
    }
  }

  private Optional<Listed> find(KeptTopic topic, CataloguePath path) {
    for (Map.Entry<EndpointId, KeptTopic.Followed> each : topic.followed().entrySet()) {
      Optional<CatalogueView> view = each.getValue().view();
      CatalogueItem item = view.isEmpty() ? null : item(topic, view.get(), path);
      if (item != null) {
        return Optional.of(
            new Listed(
                item.entry().hash(),
                item.entry().sizeBytes(),
                addr(each.getKey(), each.getValue()),
                topic.service()));
      }
    }
    return Optional.empty();
  }

  private static EndpointAddr addr(EndpointId origin, KeptTopic.Followed here) {
    return here.newest().isPresent() && here.newest().get().body() instanceof Body.Catalogue said
        ? said.addr()
        : EndpointAddr.of(origin);
  }

  private @Nullable CatalogueItem item(KeptTopic topic, CatalogueView view, CataloguePath path) {
    return switch (view.find(path)) {
      case Reading.Done<Optional<CatalogueItem>>(Optional<CatalogueItem> item) -> item.orElse(null);
      case Reading.Missing<Optional<CatalogueItem>>(Hash page) -> {
        LOG.warn("{}: page {} of the catalogue is damaged, it is fetched anew", topic.name(), page);
        execute(() -> again(topic, view, page));
        yield null;
      }
      case Reading.Refused<Optional<CatalogueItem>> refused -> {
        LOG.warn("{}: {}", topic.name(), refused.fault().sentence());
        yield null;
      }
    };
  }

  private void again(KeptTopic topic, CatalogueView view, Hash page) {
    topic.pages().drop(page);
    for (KeptTopic.Followed here : topic.followed().values()) {
      if (here.view().filter(view::equals).isPresent() && !here.isFetching) {
        here.lose();
        fetchIfNewer(topic, here);
      }
    }
  }

  /** What is known of a service; empty if this node is not in it. */
  public Optional<ServiceReport> report(String service) {
    KeptTopic topic = topics.get(service);
    return topic == null ? Optional.empty() : Optional.of(ServiceReport.of(topic, context.self()));
  }

  /** What became of the catalogues of others. */
  public Map<String, Long> counters() {
    return Map.of("fetched", fetched.sum(), "refused", refused.sum(), "failed", failed.sum());
  }

  private void sweep() {
    topics.values().forEach(topic -> topic.sweep(now()));
    later(this::sweep, KeepingLimits.SWEEP_MILLIS);
  }

  private void execute(Runnable task) {
    try {
      thread.execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("the node closes; something came too late for the catalogues");
    }
  }

  private void later(Runnable task, long millis) {
    try {
      var _ = thread.schedule(() -> run(task), millis, MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the node closes; something came too late for the catalogues");
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (UncheckedIOException e) {
      LOG.error("a catalogue cannot be read or written: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a catalogue failed on a mistake of this program", e);
    }
  }

  /** Waits for what is being written; what waits is looked at again by the next life. */
  @Override
  public void close() {
    fetches.shutdownNow();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(KeepingLimits.CLOSE_MILLIS, MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
