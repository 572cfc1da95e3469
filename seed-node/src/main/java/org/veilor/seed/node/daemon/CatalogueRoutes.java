package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.catalogue.CatalogueHeader;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.node.catalogue.ServiceReport;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.control.ControlRequest;
import org.veilor.seed.store.PathRecord;

/** {@code GET /catalogue}, {@code GET /catalogue/entries} and {@code POST /forget}. */
final class CatalogueRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long DAY_MILLIS = 24 * 3_600_000L;
  private static final int MAX_DAYS = 36_500;
  private static final long FORGET_SECONDS = 60;

  private final Node node;

  CatalogueRoutes(Node node) {
    this.node = node;
  }

  void catalogue(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    ObjectNode line = JSON.createObjectNode().put("service", request.parameter("service"));
    ArrayNode origins = line.putArray("origins");
    for (ServiceReport.Origin origin : report(request).origins()) {
      ObjectNode out = origins.addObject();
      out.put("origin", origin.id().toString()).put("self", origin.isSelf());
      origin.here().ifPresent(here -> describe(here, out));
      if (origin.newest() >= 0) {
        out.put("newest", origin.newest());
      }
      origin
          .collection()
          .ifPresent(root ->
              out.put("collection", root.toString())
                  .put(
                      "ticket",
                      node.tickets()
                          .of(HashAndFormat.hashSequence(root), Tickets.Format.ADDRESSES)));
      if (origin.problem() != null) {
        out.put("problem", origin.problem());
      }
    }
    answer.json(line);
  }

  private static void describe(ServiceReport.Here here, ObjectNode out) {
    CatalogueHeader header = here.header();
    out.put("root", here.root().toString())
        .put("generation", header.generation())
        .put("created", header.createdMillis())
        .put("entries", header.entries())
        .put("bytes", header.totalBytes())
        .put("pages", header.pages().size())
        .put("names", header.names().name().toLowerCase(Locale.ROOT));
  }

  void entries(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    for (ServiceReport.Origin origin : report(request).origins()) {
      if (origin.here().isPresent()) {
        String problem = entries(origin.here().get(), origin.id().toString(), answer);
        if (problem != null) {
          throw new ControlException(Kind.FAILED, "the catalogue cannot be read: " + problem);
        }
      }
    }
    answer.flush();
  }

  private static @Nullable String entries(
      ServiceReport.Here here, String origin, ControlAnswer answer) throws IOException {
    try {
      return here.forEach(item -> entry(item, origin, answer));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void entry(CatalogueItem item, String origin, ControlAnswer answer) {
    ObjectNode line = JSON.createObjectNode().put("origin", origin);
    line.put("key", item.key().toString());
    item.path().ifPresent(path -> line.put("path", path.text()));
    line.put("hash", item.entry().hash().toString())
        .put("size_bytes", item.entry().sizeBytes())
        .put("media_type", item.entry().mediaType())
        .put("modified", item.entry().modifiedMillis());
    try {
      answer.line(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServiceReport report(ControlRequest request) throws ControlException {
    String service = request.parameter("service");
    if (service == null) {
      throw new ControlException(Kind.USAGE, "\"service\" is needed");
    }
    return node.catalogues()
        .report(service)
        .orElseThrow(() ->
            new ControlException(
                Kind.NOT_FOUND,
                "this node is in no service '" + service + "' with others; 'invite' or 'join' it"));
  }

  // ---- forget

  void forget(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    Set<Hash> hashes = PolicyRoutes.hashes(request);
    JsonNode days = request.body().path("days");
    if (!days.canConvertToInt() || days.asInt() < 1 || days.asInt() > MAX_DAYS) {
      throw new ControlException(Kind.USAGE, "\"days\" is a number from 1 to " + MAX_DAYS);
    }
    String service = request.body().path("service").asText("");
    Map<String, List<Hash>> byService =
        service.isEmpty() ? where(hashes) : Map.of(own(service), List.copyOf(hashes));
    long until = System.currentTimeMillis() + days.asInt() * DAY_MILLIS;
    ObjectNode done = JSON.createObjectNode();
    ArrayNode forgotten = done.putArray("forgotten");
    for (Map.Entry<String, List<Hash>> each : byService.entrySet()) {
      await(node.catalogues().forget(each.getKey(), each.getValue(), until));
      for (Hash hash : each.getValue()) {
        forgotten.addObject().put("hash", hash.toString()).put("service", each.getKey());
      }
    }
    answer.json(done.put("until", until));
  }

  private String own(String service) throws ControlException {
    if (!isOwn(service)) {
      throw new ControlException(
          Kind.REFUSED,
          "this node is no origin of '"
              + service
              + "': only an origin has blobs forgotten; 'deny'"
              + " is for this node alone");
    }
    return service;
  }

  private boolean isOwn(String service) {
    Invite invite = node.memberships().named(service);
    return invite != null && invite.origins().contains(node.endpoint().id());
  }

  /** In which services of this node the blobs are. */
  private Map<String, List<Hash>> where(Set<Hash> hashes) throws ControlException {
    Map<String, List<Hash>> byService = new LinkedHashMap<>();
    for (Hash hash : hashes) {
      List<String> services = services(hash);
      if (services.isEmpty()) {
        throw new ControlException(
            Kind.NOT_FOUND,
            hash
                + " is in no folder of a service of which this node is an origin; if it was, name the"
                + " service with --service");
      }
      for (String service : services) {
        byService.computeIfAbsent(service, name -> new ArrayList<>()).add(hash);
      }
    }
    return byService;
  }

  private List<String> services(Hash hash) {
    return node.store().files(hash).stream()
        .map(PathRecord::service)
        .distinct()
        .filter(this::isOwn)
        .toList();
  }

  private static void await(CompletableFuture<@Nullable Void> said)
      throws ControlException, IOException {
    try {
      said.get(FORGET_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new ControlException(Kind.FAILED, "it cannot be had forgotten: " + e.getMessage());
    } catch (TimeoutException e) {
      throw new ControlException(Kind.FAILED, "the node is too busy to say it; try again");
    }
  }
}
