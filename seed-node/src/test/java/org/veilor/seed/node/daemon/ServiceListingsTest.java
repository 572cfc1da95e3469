package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.Preset;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.gateway.GatewayPages.Entry;
import org.veilor.seed.node.gateway.GatewayPages.File;
import org.veilor.seed.node.gateway.GatewayPages.Folder;
import org.veilor.seed.node.gateway.GatewayPages.Listing;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreOptions;

/** Which names of the files that are here are shown. */
final class ServiceListingsTest {
  @TempDir Path temp;
  private Path folder;
  private BlobStore store;
  private ServiceListings listings;
  private final Map<Hash, String> denied = new ConcurrentHashMap<>();

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectories(temp.toRealPath().resolve("clear"));
    store = BlobStore.open(temp.resolve("state"), StoreOptions.defaults());
    List<ServiceSettings> services =
        List.of(
            service("clear", Exposure.PUBLIC, Names.CLEAR),
            service("local", Exposure.LOCAL, Names.CLEAR),
            service("hidden", Exposure.GROUP, Names.HIDDEN));
    listings = new ServiceListings(store, denied::get, new FakeCatalogue(), () -> services);
  }

  private ServiceSettings service(String name, Exposure exposure, Names names) {
    Path directory = folder.resolveSibling(name);
    return new ServiceSettings(
        name, "", Preset.MEDIA, directory, exposure, names, null, Quantities.UNLIMITED);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private File file(String service, String path, String name) throws Exception {
    Path file = folder.resolveSibling(service).resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, path);
    assertThat(store.importFile(service, file)).isNotNull();
    return new File(name, Files.size(file), Blake3Hasher.hash(Files.readAllBytes(file)).toString());
  }

  private List<Entry> entries(String service, String path) {
    Listing.Names page = (Listing.Names) listings.list(service, path, "", 1_000);
    assertThat(page.more()).isFalse();
    return page.entries();
  }

  @Test
  void clearNamesAreListedAndNothingElse() throws Exception {
    File percent = file("clear", "50%41.png", "50%41.png");
    File script = file("clear", "<script>.png", "<script>.png");
    File deep = file("clear", "a b/c/d.png", "d.png");
    File local = file("local", "l.png", "l.png");
    file("hidden", "h.png", "h.png");
    // No address of the gateway names these.
    file("clear", "new\nline.png", "");
    file("clear", "back\\slash.png", "");
    assertThat(entries("clear", "")).containsExactly(percent, script, new Folder("a b/"));
    assertThat(entries("clear", "a b")).containsExactly(new Folder("c/"));
    assertThat(entries("clear", "a b/c")).containsExactly(deep);
    assertThat(entries("local", "")).containsExactly(local);
    assertThat(listings.list("clear", "a", "", 10)).isEqualTo(new Listing.NoFolder());
    assertThat(listings.list("clear", "", "50%41.png", 1))
        .isEqualTo(new Listing.Names(List.of(script), true));
    assertThat(listings.list("hidden", "", "", 10)).isEqualTo(new Listing.Hidden());
    assertThat(listings.list("joined", "", "", 10))
        .as("no catalogue yet")
        .isEqualTo(new Listing.Hidden());
    assertThat(listings.list("none", "", "", 10)).isEqualTo(new Listing.Unknown());
    denied.put(Hash.parse(script.hash()), "forgotten");
    assertThat(entries("clear", "")).containsExactly(percent, new Folder("a b/"));
  }
}
