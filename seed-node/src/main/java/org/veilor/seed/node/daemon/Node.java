package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.announce.Announcer;
import org.veilor.seed.node.announce.Memberships;
import org.veilor.seed.node.catalogue.CatalogueBlobs;
import org.veilor.seed.node.catalogue.Catalogues;
import org.veilor.seed.node.catalogue.DownloadedBlobs;
import org.veilor.seed.node.catalogue.ForgetScope;
import org.veilor.seed.node.catalogue.ServiceReport;
import org.veilor.seed.node.catalogue.Speaker;
import org.veilor.seed.node.catalogue.StoredFiles;
import org.veilor.seed.node.config.Addresses;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigChange;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.SeedingSettings.Digests;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.control.ControlServer;
import org.veilor.seed.node.download.BlobKeeper;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadSettings;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.download.HttpOrigin;
import org.veilor.seed.node.gateway.GatewayServer;
import org.veilor.seed.node.gateway.GatewaySettings;
import org.veilor.seed.node.membership.BlobAudiences;
import org.veilor.seed.node.membership.BlobSources;
import org.veilor.seed.node.membership.Groups;
import org.veilor.seed.node.policy.Denials;
import org.veilor.seed.node.policy.Policy;
import org.veilor.seed.node.seeding.FileView;
import org.veilor.seed.node.seeding.Seeder;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreException;
import org.veilor.seed.store.StoreOptions;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.Removal;
import org.veilor.seed.store.file.IdentityFile;

/**
 * The daemon. Started in this order: store (with the lock on the state), endpoint, seeder, control
 * API; stopped in the opposite one, so that nobody uses what is closed. What failed to start is
 * undone.
 */
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  /** So long what the gateway is answering may take when the daemon stops. */
  private static final Duration GATEWAY_DRAIN = Duration.ofSeconds(10);

  /** An HTTP origin that sends nothing for so long is given up. */
  private static final Duration ORIGIN_SILENCE = Duration.ofSeconds(30);

  /** An answer of an HTTP origin that takes longer is given up. */
  private static final Duration ORIGIN_TOTAL = Duration.ofHours(6);

  private final NodeOptions options;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final BlobStore store;
  private final ExposedBlobs exposed;
  private final PeerEndpoint endpoint;
  private final BlobCache cache;
  private final Policy policy;
  private final Memberships memberships;
  private final Groups groups;
  private final BlobAudiences audiences;
  private final CatalogueBlobs catalogueBlobs = new CatalogueBlobs();
  private final ForgetScope denials;
  private final Catalogues catalogues;
  private final AnnouncedProviders announced = new AnnouncedProviders();
  private final Announcer announcer;
  private final KnownProviders providers;
  private final HttpOrigin origin;
  private final Downloader downloader;
  private final Pins pins;
  private final @Nullable GatewayServer gateway;
  private final Seeder seeder;
  private Config config;
  private boolean closed;

  private Node(NodeOptions options) throws NodeException {
    this.options = options;
    this.config = options.config();
    boolean complete = false;
    try {
      store = openStore(options.state(), config.seeding().sha256() == Digests.ON);
      started.push(store);
      SecretKey key = loadKey();
      policy = openPolicy();
      started.push(policy);
      memberships = openMemberships();
      groups = Groups.open(options.state(), memberships::all, System::currentTimeMillis);
      started.push(groups);
      audiences = new BlobAudiences(store, groups);
      denials = new ForgetScope(policy, store, memberships, key.id());
      cache = openCache();
      started.push(cache);
      exposed = openExposed(key);
      List<ServiceSettings> services = Services.real(config.services());
      exposed.services(services);
      endpoint = openEndpoint(key);
      started.push(endpoint);
      providers =
          new KnownProviders(
              store,
              endpoint.id(),
              () -> config().cache(),
              denials,
              announced,
              new BlobSources(groups, audiences));
      origin = openOrigin();
      started.push(origin);
      downloader =
          new Downloader(
              endpoint.client(), providers, BlobKeeper.of(cache), downloadSettings(config), origin);
      started.push(downloader);
      policy.onDenied(this::drop);
      policy.entries().forEach(entry -> dropIfCached(entry.hash()));
      catalogues = new Catalogues(cataloguing());
      started.push(catalogues);
      policy.onDenied(this::relist);
      announcer = new Announcer(announcing(key));
      started.push(announcer);
      seeder =
          Seeder.start(
              new BlobSeedStore(store, new Announced()),
              config.seeding(),
              services,
              FileView.REAL,
              System::nanoTime);
      started.push(seeder);
      store.onRebuilt(seeder::scanSoon);
      store.onRebuilt(catalogues::compareAll);
      gateway = openGateway();
      if (gateway != null) {
        started.push(gateway);
        started.push(() -> gateway.drain(GATEWAY_DRAIN));
      }
      pins = Pins.start(store, cache, downloader, providers);
      started.push(pins);
      endpoint.topics().setOwnAddress(tickets().address());
      announcer.start();
      started.push(openControl());
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /**
   * Starts a daemon.
   *
   * @throws NodeException where it cannot start; the message names the cure
   */
  public static Node start(NodeOptions options) throws NodeException {
    for (ServiceSettings service : options.config().services()) {
      warn(service);
    }
    if (options.config().services().isEmpty()) {
      LOG.info("no folder is watched; --service NAME=DIR or 'veilor-seed add' gives it something");
    }
    if (options.config().limits().uploadBytesPerSecond() != Quantities.UNLIMITED) {
      LOG.info("uploads are limited by the endpoint, as far as it supports limits.upload");
    }
    return new Node(options);
  }

  private static void warn(ServiceSettings service) {
    if (!Files.isDirectory(service.directory())) {
      LOG.warn(
          "the folder {} of service {} is not there or no folder; make or mount it, it is looked for"
              + " again",
          service.directory(),
          service.name());
    } else if (!Files.isReadable(service.directory())) {
      LOG.warn(
          "the folder {} of service {} may not be read; give this user the right to (see"
              + " 'veilor-seed doctor')",
          service.directory(),
          service.name());
    }
    if (service.exposure() != Exposure.PUBLIC) {
      LOG.info(
          "service {} is not public: its files are given to {}",
          service.name(),
          service.exposure() == Exposure.GROUP
              ? "those alone who are in it by invite"
              : "the gateway alone");
    }
  }

  private static BlobStore openStore(Path state, boolean withSha256) throws NodeException {
    StateFolder.create(state);
    try {
      return BlobStore.open(state, StoreOptions.defaults().withSha256(withSha256));
    } catch (StoreException e) {
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  private SecretKey loadKey() throws NodeException {
    try {
      return SecretKey.of(IdentityFile.loadOrCreate(options.state(), Node::newSecret));
    } catch (StoreException e) {
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  private ExposedBlobs openExposed(SecretKey key) {
    cache.onRemoved((hash, _) -> audiences.evicted(hash));
    audiences.sweep(hash -> cache.blob(hash) != null);
    return new ExposedBlobs(
        new ExposedBlobs.Sources(
            store, catalogueBlobs::open, cache, denials, groups, audiences, key.id()));
  }

  private Memberships openMemberships() throws NodeException {
    try {
      return Memberships.open(options.state());
    } catch (IOException e) {
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  private Catalogues.Context cataloguing() {
    return new Catalogues.Context(
        options.state().resolve(StateFolder.CATALOGUES),
        endpoint.id(),
        () -> tickets().address(),
        new StoredFiles(store, denials, () -> Services.real(config().services())),
        policy,
        catalogueBlobs,
        new Speaking(),
        new DownloadedBlobs(
            downloader, cache, providers, announced, this::ask, System::currentTimeMillis),
        System::currentTimeMillis);
  }

  /** The announcer, which is made later. */
  private final class Speaking implements Speaker {
    @Override
    public CompletableFuture<Announcement> sign(String service, Body body) {
      return announcer.sign(service, body);
    }

    @Override
    public void tell(ServiceKey service, Announcement signed) {
      announcer.tell(service, signed);
    }
  }

  private CompletableFuture<@Nullable Void> ask(Hash hash) {
    return announcer.ask(hash);
  }

  /** A blob that was denied just now is taken from the catalogues of this node. */
  private void relist(Hash hash) {
    store.files(hash).forEach(file -> catalogues.touched(file.service(), file.path()));
  }

  private Announcer.Context announcing(SecretKey key) {
    return new Announcer.Context(
        key,
        endpoint.topics(),
        memberships,
        () -> tickets().address(),
        exposed::sizeOn,
        announced,
        groups,
        catalogues,
        System::currentTimeMillis,
        new SecureRandom());
  }

  /** What others' catalogues have, for the gateway. */
  private final class FoundInCatalogues implements ServiceCatalogue {
    @Override
    public @Nullable Listed find(String service, String path) {
      Catalogues.Listed listed = catalogues.find(service, path).orElse(null);
      if (listed == null) {
        return null;
      }
      announced.put(
          listed.origin(), List.of(listed.hash()), listed.service(), System.currentTimeMillis());
      return new Listed(listed.hash(), listed.sizeBytes());
    }

    @Override
    public boolean isMember(String service) {
      return memberships.named(service) != null;
    }

    @Override
    public List<ServiceReport.Here> here(String service) {
      return catalogues.report(service).stream()
          .flatMap(report -> report.origins().stream())
          .flatMap(origin -> origin.here().stream())
          .toList();
    }
  }

  /** Tells the announcer of the files of services. */
  private final class Announced implements BlobSeedStore.Listener {
    @Override
    public void appeared(String service, Hash hash) {
      announcer.appeared(service, hash);
    }

    @Override
    public void vanished(String service, Hash hash) {
      announcer.vanished(service, hash);
    }

    @Override
    public void touched(String service, Path file) {
      catalogues.touched(service, file);
    }
  }

  private PeerEndpoint openEndpoint(SecretKey key) throws NodeException {
    Path qlog = config.endpoint().qlog();
    if (qlog != null) {
      StateFolder.create(qlog, "qlog", "--qlog");
      LOG.info("a qlog of each connection goes to {}", qlog);
    }
    return options
        .endpoints()
        .open(
            new PeerEndpointFactory.Request(
                key, config.endpoint(), exposed, groups, store::contentChanged, config.limits()));
  }

  private static byte[] newSecret() {
    byte[] secret = new byte[SecretKey.LENGTH];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  private ControlServer openControl() throws NodeException {
    Path socket = options.state().resolve(StateFolder.SOCKET);
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > StateFolder.MAX_SOCKET_PATH_BYTES) {
      throw new NodeException(
          "the path "
              + socket
              + " is longer than the "
              + StateFolder.MAX_SOCKET_PATH_BYTES
              + " bytes that a Unix socket may have; name a shorter --state");
    }
    try {
      return ControlServer.start(socket, new ControlApi(this));
    } catch (IOException e) {
      throw new NodeException(
          "the control socket "
              + socket
              + " cannot be made ("
              + e.getMessage()
              + "); check the rights on the state folder",
          e);
    }
  }

  /** The line that says that the daemon serves. */
  public String readyLine() {
    return "READY endpoint="
        + endpoint.id()
        + " listen="
        + endpoint.listenAddresses().stream()
            .map(Addresses::format)
            .collect(Collectors.joining(","))
        + " gateway="
        + gatewayText();
  }

  /** Where the gateway listens, or {@code off}. */
  String gatewayText() {
    return gateway == null ? "off" : gateway.url();
  }

  private Policy openPolicy() throws NodeException {
    try {
      return Policy.open(options.state(), System::currentTimeMillis);
    } catch (IOException e) {
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  /** A kill may have come between a denial and what follows from it. */
  private void dropIfCached(Hash hash) {
    if (cache.blob(hash) != null || cache.isPinned(hash)) {
      drop(hash);
    }
  }

  /** Nothing of a blob that was denied just now stays here, but files in place. */
  private void drop(Hash hash) {
    Download running = downloader.running(hash);
    if (running != null) {
      running.cancel();
    }
    try {
      cache.unpin(hash);
    } catch (IOException e) {
      LOG.error("the denied blob {} stays pinned: {}", hash, e.getMessage());
    }
    cache.remove(hash, Removal.DENIED);
  }

  private BlobCache openCache() throws NodeException {
    Config.Cache settings = config.cache();
    try {
      return BlobCache.open(
          options.state(), CacheOptions.of(settings.maxSizeBytes(), settings.minFreeBytes()));
    } catch (StoreException e) {
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Its files, whose bytes nobody has verified yet, lie beside the cache and not in it. */
  private HttpOrigin openOrigin() throws NodeException {
    Path folder = options.state().resolve(StateFolder.ORIGIN);
    StateFolder.create(folder);
    return new HttpOrigin(
        folder,
        new HttpOrigin.Limits(config.cache().maxSizeBytes(), ORIGIN_SILENCE, ORIGIN_TOTAL),
        cache::reserveTemporary);
  }

  private static DownloadSettings downloadSettings(Config config) {
    Config.Limits limits = config.limits();
    return DownloadSettings.defaults()
        .withRates(limits.downloadBytesPerSecond(), limits.peerDownloadBytesPerSecond())
        .withGroupRates(
            config.services().stream()
                .filter(service -> service.downloadBytesPerSecond() != Quantities.UNLIMITED)
                .collect(
                    Collectors.toMap(
                        ServiceSettings::name, ServiceSettings::downloadBytesPerSecond)));
  }

  private @Nullable GatewayServer openGateway() throws NodeException {
    if (config.gateway() instanceof Config.GatewayAddress.Off) {
      return null;
    }
    Supplier<List<ServiceSettings>> services = () -> Services.real(config().services());
    ServiceCatalogue listed = new FoundInCatalogues();
    ServiceListings listings = new ServiceListings(store, denials, listed, services);
    try {
      return GatewayServer.start(
          GatewaySettings.of(config.gateway()),
          new NodeContent(store, cache, downloader, providers, listed, announcer::ask, services),
          new NodePages(store, cache, downloader, endpoint, announcer, catalogues, listings));
    } catch (IOException e) {
      throw new NodeException(
          e.getMessage()
              + "; stop the program that uses the address, or choose another or 'off' with"
              + " gateway.listen or --gateway",
          e);
    }
  }

  /** Reads the configuration again and takes over what can be without a restart. */
  public synchronized ConfigChange reload() throws ConfigException {
    Config after = options.reload().read();
    ConfigChange change = ConfigChange.between(config, after);
    // what needs a restart stays as it is, so that the next reload reports it again
    Config.Limits limits = after.limits();
    config =
        new Config(
            config.endpoint(),
            config.gateway(),
            after.cache(),
            new Config.Limits(
                config.limits().uploadBytesPerSecond(),
                config.limits().connections(),
                limits.downloadBytesPerSecond(),
                limits.peerDownloadBytesPerSecond()),
            config.seeding(),
            after.services());
    cache.setLimits(config.cache().maxSizeBytes(), config.cache().minFreeBytes());
    downloader.setSettings(downloadSettings(config));
    change.added().forEach(Node::warn);
    List<ServiceSettings> services = Services.real(after.services());
    exposed.services(services);
    seeder.services(services);
    catalogues.compareAll();
    LOG.info("configuration read again: {}", change.sentence());
    return change;
  }

  /** Asks the daemon to stop; {@link #awaitStop} returns. */
  public void askToStop() {
    stopAsked.countDown();
  }

  /** Waits until somebody asks the daemon to stop. */
  public void awaitStop() throws InterruptedException {
    stopAsked.await();
  }

  @Override
  public void close() {
    synchronized (started) {
      if (closed) {
        return;
      }
      closed = true;
      while (!started.isEmpty()) {
        AutoCloseable part = started.pop();
        try {
          part.close();
        } catch (UncheckedIOException e) {
          LOG.error("{} did not close cleanly", part.getClass().getSimpleName(), e);
        } catch (Exception e) {
          LOG.error("{} did not close", part.getClass().getSimpleName(), e);
        }
      }
    }
  }

  Memberships memberships() {
    return memberships;
  }

  Groups groups() {
    return groups;
  }

  Catalogues catalogues() {
    return catalogues;
  }

  Denials denials() {
    return denials;
  }

  Announcer announcer() {
    return announcer;
  }

  Policy policy() {
    return policy;
  }

  BlobCache cache() {
    return cache;
  }

  Downloader downloader() {
    return downloader;
  }

  Pins pins() {
    return pins;
  }

  KnownProviders providers() {
    return providers;
  }

  BlobStore store() {
    return store;
  }

  Seeder seeder() {
    return seeder;
  }

  PeerEndpoint endpoint() {
    return endpoint;
  }

  ExposedBlobs exposed() {
    return exposed;
  }

  NodeOptions options() {
    return options;
  }

  synchronized Config config() {
    return config;
  }

  Tickets tickets() {
    List<InetSocketAddress> advertise = config().advertise();
    return new Tickets(endpoint, advertise);
  }
}
