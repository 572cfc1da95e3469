package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.Preset;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.membership.BlobAudiences;
import org.veilor.seed.node.membership.Groups;
import org.veilor.seed.store.Audience;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.CollectionEntry;
import org.veilor.seed.store.StoreOptions;

/** Who may have which blob, and what is said of it where. */
final class ExposedBlobsTest {
  private static final EndpointId SELF = id("self");
  private static final EndpointId MEMBER = id("member");
  private static final EndpointId OTHER = id("a member of the other group");
  private static final EndpointId STRANGER = id("stranger");
  private static final ServiceKey.Group RED = group("red");
  private static final ServiceKey.Group BLUE = group("blue");
  private static final ServiceKey.Public OPEN =
      new ServiceKey.Public(new ServiceName("x.veilor", "open"));

  @TempDir Path temp;
  private final Map<Hash, MemoryBlob> cached = new HashMap<>();
  private final Map<Hash, ServiceKey> pages = new HashMap<>();
  private final List<Invite> invites = new ArrayList<>();
  private BlobStore store;
  private Groups groups;
  private BlobAudiences audiences;
  private ExposedBlobs exposed;

  private static Hash hash(String text) {
    return Blake3Hasher.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EndpointId id(String name) {
    return SecretKey.of(hash(name).toBytes()).id();
  }

  private static ServiceKey.Group group(String name) {
    return new ServiceKey.Group(
        new ServiceName("x.veilor", name), ServiceSecret.of(hash("secret " + name).toBytes()));
  }

  private ServiceSettings service(String name, Exposure exposure) throws IOException {
    return new ServiceSettings(
        name,
        "x.veilor",
        Preset.MEDIA,
        Files.createDirectories(temp.resolve(name)),
        exposure,
        Names.HIDDEN,
        null,
        Quantities.UNLIMITED);
  }

  @BeforeEach
  void open() throws Exception {
    store = BlobStore.open(temp.resolve("state"), StoreOptions.defaults());
    invites.add(new Invite(RED, List.of(SELF), List.of()));
    invites.add(new Invite(BLUE, List.of(SELF), List.of()));
    groups = Groups.open(temp.resolve("state"), () -> invites, System::currentTimeMillis);
    groups.proved(RED, MEMBER, System.currentTimeMillis());
    groups.proved(BLUE, OTHER, System.currentTimeMillis());
    audiences = new BlobAudiences(store, groups);
    exposed =
        new ExposedBlobs(
            new ExposedBlobs.Sources(
                store,
                this::listed,
                this::cached,
                ExposedBlobsTest::denied,
                groups,
                audiences,
                SELF));
    exposed.services(
        List.of(
            service("red", Exposure.GROUP),
            service("blue", Exposure.GROUP),
            service("open", Exposure.PUBLIC),
            service("own", Exposure.LOCAL)));
  }

  /** A page of the catalogue of a service. */
  private BlobLookup listed(Hash hash, Predicate<ServiceKey> audience) {
    ServiceKey of = pages.get(hash);
    return of != null && audience.test(of)
        ? new BlobLookup.Found(MemoryBlob.of(new byte[0]))
        : new BlobLookup.Missing();
  }

  private BlobLookup cached(Hash hash) {
    MemoryBlob blob = cached.get(hash);
    return blob == null ? new BlobLookup.Missing() : new BlobLookup.Found(blob);
  }

  private static @Nullable String denied(Hash hash) {
    return null;
  }

  @AfterEach
  void close() {
    groups.close();
    store.close();
  }

  /** A file with this text in folders of services. */
  private Hash file(String text, String... services) throws IOException {
    for (String service : services) {
      Path file = Files.writeString(temp.resolve(service).resolve(text), text);
      assertThat(store.importFile(service, file)).isNotNull();
    }
    return hash(text);
  }

  /** A blob that was fetched. */
  private Hash fetched(String text, @Nullable Audience audience) {
    MemoryBlob blob = MemoryBlob.of(text.getBytes(StandardCharsets.UTF_8));
    cached.put(blob.hash(), blob);
    if (audience != null) {
      store.keepAudience(blob.hash(), audience);
    }
    return blob.hash();
  }

  private boolean gets(EndpointId peer, Hash hash) throws IOException {
    BlobLookup lookup = exposed.forPeer(peer).open(hash);
    if (lookup instanceof BlobLookup.Found found) {
      found.reader().close();
      return true;
    }
    assertThat(lookup).isEqualTo(new BlobLookup.Missing());
    return false;
  }

  private List<EndpointId> getters(Hash hash) throws IOException {
    List<EndpointId> getters = new ArrayList<>();
    for (EndpointId each : List.of(STRANGER, MEMBER, OTHER)) {
      if (gets(each, hash)) {
        getters.add(each);
      }
    }
    return getters;
  }

  private List<ServiceKey> topics(Hash hash) {
    List<ServiceKey> topics = new ArrayList<>();
    for (ServiceKey each : List.of(OPEN, RED, BLUE)) {
      if (exposed.sizeOn(each, hash).isPresent()) {
        topics.add(each);
      }
    }
    return topics;
  }

  @Test
  void aFileIsForThoseOfItsServices() throws IOException {
    Hash red = file("of red", "red");
    Hash both = file("of red and blue", "red", "blue");
    Hash open = file("of all", "open");
    Hash mixed = file("of red and all", "red", "open");
    Hash own = file("of this machine", "own");
    assertThat(getters(red)).containsExactly(MEMBER);
    assertThat(getters(both)).containsExactly(MEMBER, OTHER);
    assertThat(getters(open)).containsExactly(STRANGER, MEMBER, OTHER);
    assertThat(getters(mixed)).containsExactly(STRANGER, MEMBER, OTHER);
    assertThat(getters(own)).isEmpty();
    // On a group's topic is said what is the group's, on a public one what everybody may have.
    assertThat(topics(red)).containsExactly(RED);
    assertThat(topics(both)).containsExactly(RED, BLUE);
    assertThat(topics(open)).containsExactly(OPEN);
    assertThat(topics(mixed)).containsExactly(OPEN, RED);
    assertThat(topics(own)).isEmpty();
  }

  @Test
  void aCatalogueIsForThoseOfItsService() throws IOException {
    Hash red = Blake3Hasher.hash(new byte[] {1});
    Hash open = Blake3Hasher.hash(new byte[] {2});
    pages.put(red, RED);
    pages.put(open, OPEN);
    assertThat(getters(red)).containsExactly(MEMBER);
    assertThat(topics(red)).containsExactly(RED);
    assertThat(getters(open)).containsExactly(STRANGER, MEMBER, OTHER);
    assertThat(topics(open)).containsExactly(OPEN);
  }

  @Test
  void whatWasFetchedIsForThoseForWhomItCame() throws IOException {
    Hash mark = Groups.mark(RED.name());
    assertThat(getters(fetched("a", new Audience(true, Set.of(), false))))
        .containsExactly(STRANGER, MEMBER, OTHER);
    Hash red = fetched("b", new Audience(false, Set.of(mark), false));
    assertThat(getters(red)).containsExactly(MEMBER);
    assertThat(topics(red)).containsExactly(RED);
    Hash nobodys = fetched("c", new Audience(false, Set.of(), false));
    assertThat(getters(nobodys)).isEmpty();
    Hash unknown = fetched("d", null);
    assertThat(getters(unknown)).isEmpty();
    assertThat(topics(unknown)).isEmpty();
    // What is here as a file of red, too, is fetched for blue as well.
    Hash twice = file("e", "red");
    fetched("e", new Audience(false, Set.of(Groups.mark(BLUE.name())), false));
    assertThat(getters(twice)).containsExactly(MEMBER, OTHER);
  }

  @Test
  void aCollectionIsForThoseOfItsFolderAndItsNames() throws Exception {
    Hash file = file("of red", "red");
    HashAndFormat root =
        store.storeCollection(
            "red", temp.resolve("red"), List.of(new CollectionEntry("of red", file)));
    Hash names = Objects.requireNonNull(store.collection(temp.resolve("red"))).metadataHash();
    assertThat(getters(root.hash())).containsExactly(MEMBER);
    assertThat(getters(names)).containsExactly(MEMBER);
    assertThat(topics(root.hash())).containsExactly(RED);
    // What the operator added shows the names of both groups: it is for nobody who is in one.
    HashAndFormat added =
        store.storeCollection("added", temp, List.of(new CollectionEntry("red/of red", file)));
    assertThat(getters(added.hash())).isEmpty();
  }
}
