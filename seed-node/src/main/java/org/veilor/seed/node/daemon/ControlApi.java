package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.control.ControlHandler;
import org.veilor.seed.node.control.ControlRequest;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.seeding.Adder;
import org.veilor.seed.node.seeding.Adder.Added;
import org.veilor.seed.node.seeding.SeedStore;
import org.veilor.seed.store.BlobRecord;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.CollectionRecord;
import org.veilor.seed.store.PathRecord;

/** The routes of the control API; {@code docs/control-api.md} describes them. */
final class ControlApi implements ControlHandler {
  private static final ObjectMapper JSON = new ObjectMapper();

  private interface Route {
    void handle(ControlRequest request, ControlAnswer answer) throws ControlException, IOException;
  }

  private final Node node;
  private final PolicyRoutes policy;
  private final Map<String, Route> routes = new HashMap<>();

  ControlApi(Node node) {
    this.node = node;
    PinRoutes pins = new PinRoutes(node.pins(), node.store(), node.denials());
    policy = new PolicyRoutes(node.policy());
    routes.put("POST /add", this::add);
    routes.put("GET /ticket", this::ticket);
    routes.put("GET /ls", this::list);
    routes.put("GET /status", (request, answer) -> answer.json(StatusJson.of(node)));
    routes.put(
        "GET /peers",
        (request, answer) ->
            PeerListing.list(node.endpoint().links(), node.downloader().scores(), answer));
    routes.put("GET /why", this::why);
    routes.put("POST /pin", pins::pin);
    routes.put("POST /unpin", pins::unpin);
    routes.put("POST /deny", policy::deny);
    routes.put(
        "POST /allow",
        (request, answer) -> {
          policy.allow(request, answer);
          node.catalogues().compareAll();
        });
    ServiceRoutes services = new ServiceRoutes(node);
    routes.put("POST /invite", services::invite);
    routes.put("POST /join", services::join);
    routes.put("POST /leave", services::leave);
    CatalogueRoutes catalogues = new CatalogueRoutes(node);
    routes.put("GET /catalogue", catalogues::catalogue);
    routes.put("GET /catalogue/entries", catalogues::entries);
    routes.put("POST /forget", catalogues::forget);
    routes.put("POST /resume", this::resume);
    routes.put("POST /scan", this::scan);
    routes.put("POST /reload", this::reload);
    routes.put("POST /shutdown", this::shutdown);
  }

  @Override
  public void handle(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    Route route = routes.get(request.method() + " " + request.path());
    if (route == null) {
      throw new ControlException(
          Kind.NOT_FOUND,
          "there is no " + request.method() + " " + request.path() + "; see docs/control-api.md");
    }
    try {
      route.handle(request, answer);
    } catch (SeedStore.SeedStoreException | UncheckedIOException e) {
      throw new ControlException(Kind.FAILED, "the store failed: " + e.getMessage());
    }
  }

  private void add(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    JsonNode paths = request.body().path("paths");
    if (!paths.isArray() || paths.isEmpty()) {
      throw new ControlException(Kind.USAGE, "\"paths\" must be a list of absolute paths");
    }
    boolean raw = request.body().path("raw").asBoolean(false);
    boolean collection = request.body().path("collection").asBoolean(false);
    if (raw && collection) {
      throw new ControlException(Kind.USAGE, "\"raw\" and \"collection\" exclude each other");
    }
    LineStream stream = new LineStream(answer);
    Tickets tickets = node.tickets();
    for (JsonNode text : paths) {
      Path path = absolute(text.asText());
      AtomicReference<@Nullable IOException> gone = new AtomicReference<>();
      if (raw && java.nio.file.Files.isDirectory(path)) {
        Added failed =
            node.seeder()
                .adder()
                .addEach(path, stream, each -> tellOrNote(stream, each, tickets, gone));
        if (failed != null) {
          stream.tell(describe(failed, tickets));
        }
      } else {
        tellOrNote(stream, node.seeder().adder().add(path, collection, stream), tickets, gone);
      }
      IOException cause = gone.get();
      if (cause != null) {
        throw cause;
      }
    }
  }

  private void tellOrNote(
      LineStream stream,
      Added added,
      Tickets tickets,
      AtomicReference<@Nullable IOException> gone) {
    try {
      stream.tell(describe(added, tickets));
    } catch (IOException e) {
      gone.compareAndSet(null, e);
    }
  }

  private ObjectNode describe(Added added, Tickets tickets) {
    ObjectNode line = JSON.createObjectNode();
    return switch (added) {
      case Added.File(Path path, Hash hash, long _) when node.denials().denied(hash) != null ->
          told(line, "refused", path, "it is given to nobody: " + node.denials().denied(hash));
      case Added.File(Path path, Hash hash, long size) ->
          item(line.put("event", "added"), path, HashAndFormat.raw(hash), 1, size, tickets);
      case Added.Folder(Path path, Hash root, int files, long size) ->
          item(
              line.put("event", "added"),
              path,
              HashAndFormat.hashSequence(root),
              files,
              size,
              tickets);
      case Added.Refused(Path path, String why) -> told(line, "refused", path, why);
      case Added.Absent(Path path) -> told(line, "absent", path, "no such file or folder");
      case Added.Failed(Path path, String why) -> told(line, "failed", path, why);
    };
  }

  private static ObjectNode told(ObjectNode line, String event, Path path, String why) {
    return line.put("event", event).put("path", path.toString()).put("why", why);
  }

  private static ObjectNode item(
      ObjectNode line, Path path, HashAndFormat content, int files, long size, Tickets tickets) {
    line.put("path", path.toString());
    line.put("hash", content.hash().toString());
    line.put("format", content.equals(HashAndFormat.raw(content.hash())) ? "raw" : "collection");
    line.put("files", files).put("size_bytes", size);
    return line.put("ticket", tickets.of(content, Tickets.Format.ADDRESSES));
  }

  private void ticket(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    Tickets.Format format =
        switch (String.valueOf(request.parameter("format"))) {
          case "id" -> Tickets.Format.ID;
          case "addresses", "null" -> Tickets.Format.ADDRESSES;
          default -> throw new ControlException(Kind.USAGE, "\"format\" is 'id' or 'addresses'");
        };
    boolean collection = Boolean.parseBoolean(request.parameter("collection"));
    String path = request.parameter("path");
    String hash = request.parameter("hash");
    ObjectNode line = JSON.createObjectNode();
    if (hash != null && Boolean.parseBoolean(request.parameter("others"))) {
      answer.json(ticketsOf(parse(hash).hash(), format));
      return;
    }
    HashAndFormat content;
    if (path != null) {
      content = contentOf(absolute(path), collection);
      line.put("path", path);
    } else if (hash != null) {
      refuseDenied(parse(hash).hash());
      content = contentOf(parse(hash));
    } else {
      throw new ControlException(Kind.USAGE, "either \"path\" or \"hash\" is needed");
    }
    refuseDenied(content.hash());
    line.put("hash", content.hash().toString());
    line.put("format", content.equals(HashAndFormat.raw(content.hash())) ? "raw" : "collection");
    answer.json(line.put("ticket", node.tickets().of(content, format)));
  }

  private void refuseDenied(Hash hash) throws ControlException {
    String denied = node.denials().denied(hash);
    if (denied != null) {
      throw new ControlException(Kind.REFUSED, hash + " has no ticket: " + denied);
    }
  }

  /** Tickets of all that are known to have a blob, this node among them if it has it. */
  private ObjectNode ticketsOf(Hash hash, Tickets.Format format) throws ControlException {
    List<BlobTicket> known = node.store().tickets(hash);
    ObjectNode line = JSON.createObjectNode().put("hash", hash.toString());
    ArrayNode tickets = line.putArray("tickets");
    HashAndFormat content = known.isEmpty() ? HashAndFormat.raw(hash) : known.getFirst().content();
    if (node.store().blob(hash) != null) {
      tickets.add(node.tickets().of(contentOf(HashAndFormat.raw(hash)), format));
    } else if (node.cache().completeFile(hash) != null) {
      tickets.add(node.tickets().of(content, format));
    }
    for (Provider provider : node.providers().known(hash)) {
      tickets.add(new BlobTicket(provider.addr(), content).toString());
    }
    return line;
  }

  private HashAndFormat contentOf(Path path, boolean collection) throws ControlException {
    BlobStore store = node.store();
    PathRecord row = store.path(path);
    CollectionRecord stored = store.collection(path);
    if (row != null && !collection) {
      return HashAndFormat.raw(row.hash());
    }
    if (stored != null && stored.service().equals(ConfigReader.ADDED)) {
      return HashAndFormat.hashSequence(stored.hash());
    }
    ServiceSettings service = node.seeder().serviceOf(path);
    String name = row != null ? row.service() : service == null ? null : service.name();
    // Decided by the first look: a file that is seeded while this runs is no folder.
    Adder adder = node.seeder().adder();
    Added.Folder folder =
        name == null
            ? null
            : row == null
                ? adder.collectionOfFolder(name, path)
                : adder.collectionOfFile(name, path);
    if (folder != null) {
      return HashAndFormat.hashSequence(folder.root());
    }
    PathRecord meanwhile = collection ? null : store.path(path);
    if (meanwhile != null) {
      return HashAndFormat.raw(meanwhile.hash());
    }
    String why = new Explainer(node).path(path).path("why").asText();
    throw new ControlException(Kind.NOT_FOUND, path + " has no ticket: " + why);
  }

  private HashAndFormat contentOf(HashAndFormat asked) throws ControlException {
    AtomicReference<HashAndFormat> found = new AtomicReference<>(asked);
    BlobRecord blob = node.store().blob(asked.hash());
    if (blob == null && node.cache().completeFile(asked.hash()) != null) {
      List<BlobTicket> known = node.store().tickets(asked.hash());
      return known.isEmpty() ? asked : known.getFirst().content();
    }
    if (blob == null && !asked.hash().equals(Hash.EMPTY_BLOB)) {
      throw new ControlException(
          Kind.NOT_FOUND,
          asked.hash()
              + " is neither seeded nor cached here; 'veilor-seed ls' and 'veilor-seed ls --cached'"
              + " list what is");
    }
    node.store()
        .forEachCollection(
            null,
            each -> {
              if (each.hash().equals(asked.hash())) {
                found.set(HashAndFormat.hashSequence(asked.hash()));
              }
            });
    return found.get();
  }

  private void list(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    if (Boolean.parseBoolean(request.parameter("cached"))) {
      new CacheListing(node.cache()).list(answer);
      return;
    }
    if (Boolean.parseBoolean(request.parameter("denied"))) {
      policy.list(answer);
      return;
    }
    String service = request.parameter("service");
    if (service != null
        && !service.equals(ConfigReader.ADDED)
        && node.config().services().stream().noneMatch(s -> s.name().equals(service))) {
      throw new ControlException(
          Kind.NOT_FOUND, "there is no service '" + service + "'; 'veilor-seed status' lists them");
    }
    try {
      node.store()
          .forEachCollection(
              service,
              each ->
                  listed(
                      answer,
                      JSON.createObjectNode()
                          .put("service", each.service())
                          .put("path", each.folder().toString())
                          .put("hash", each.hash().toString())
                          .put("format", "collection")
                          .put("files", each.files())
                          .put("size_bytes", each.sizeBytes())
                          .put("seeded_at", each.storedAtMillis())));
      node.store()
          .forEachPath(
              service,
              each ->
                  listed(
                      answer,
                      JSON.createObjectNode()
                          .put("service", each.service())
                          .put("path", each.path().toString())
                          .put("hash", each.hash().toString())
                          .put("format", "raw")
                          .put("files", 1)
                          .put("size_bytes", each.identity().sizeBytes())
                          .put("seeded_at", each.seededAtMillis())));
    } catch (ClientGoneException e) {
      throw e.cause;
    }
  }

  /** The reader of a list has gone; leaves the store's iteration. */
  private static final class ClientGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient IOException cause;

    ClientGoneException(IOException cause) {
      super(cause);
      this.cause = cause;
    }
  }

  private static void listed(ControlAnswer answer, ObjectNode line) {
    try {
      answer.line(line);
    } catch (IOException e) {
      throw new ClientGoneException(e);
    }
  }

  private void why(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    Explainer explainer = new Explainer(node);
    String url = request.parameter("url");
    String path = request.parameter("path");
    String hash = request.parameter("hash");
    if (path != null) {
      answer.json(explainer.path(absolute(path)));
    } else if (hash != null) {
      answer.json(explainer.hash(parse(hash).hash()));
    } else if (url != null) {
      answer.json(new UrlExplainer(node).url(url));
    } else {
      throw new ControlException(Kind.USAGE, "\"path\", \"hash\" or \"url\" is needed");
    }
  }

  private void resume(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    String service = request.parameter("service");
    if (service == null) {
      throw new ControlException(Kind.USAGE, "\"service\" is needed");
    }
    String done = node.seeder().resume(service);
    if (done == null) {
      throw new ControlException(
          Kind.NOT_FOUND, "there is no service '" + service + "'; 'veilor-seed status' lists them");
    }
    answer.json(JSON.createObjectNode().put("done", done));
  }

  private void scan(ControlRequest request, ControlAnswer answer) throws IOException {
    node.seeder().scanNow();
    answer.json(JSON.createObjectNode().put("done", "every service is scanned now"));
  }

  private void reload(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    try {
      answer.json(JSON.createObjectNode().put("done", node.reload().sentence()));
    } catch (ConfigException e) {
      throw new ControlException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private void shutdown(ControlRequest request, ControlAnswer answer) throws IOException {
    answer.json(JSON.createObjectNode().put("done", "the daemon stops"));
    node.askToStop();
  }

  private static Path absolute(String text) throws ControlException {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return Services.real(path.normalize());
      }
    } catch (InvalidPathException e) {
      throw new ControlException(Kind.USAGE, "'" + text + "' is not a path: " + e.getReason());
    }
    throw new ControlException(Kind.USAGE, "'" + text + "' must be an absolute path");
  }

  private static HashAndFormat parse(String text) throws ControlException {
    try {
      return text.length() == 52 ? HashAndFormat.raw(Hash.parse(text)) : HashAndFormat.parse(text);
    } catch (MalformedException e) {
      throw new ControlException(
          Kind.USAGE, "'" + text + "' is not a hash of 64 hex or 52 base32 characters");
    }
  }
}
