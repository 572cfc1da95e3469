package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.catalogue.Catalogues;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.gateway.Route;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.PathRecord;

/** Says what the gateway makes of an address, as {@link Explainer} does for what it leads to. */
final class UrlExplainer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlobStore store;
  private final Explainer explainer;
  private final Catalogues catalogues;
  private final List<ServiceSettings> services;

  UrlExplainer(Node node) {
    this.store = node.store();
    this.explainer = new Explainer(node);
    this.catalogues = node.catalogues();
    this.services = Services.real(node.config().services());
  }

  ObjectNode url(String url) throws ControlException {
    return switch (Route.parse(url)) {
      case Route.Blob(var hash) -> explainer.hash(hash).put("url", url);
      case Route.ServicePath(String service, String path, var _) -> path(service, path, url);
      case Route.Bad(String reason) ->
          throw new ControlException(Kind.USAGE, "the gateway answers 400: " + reason);
      case Route.ServiceIndex _,
          Route.Moved _,
          Route.Status _,
          Route.Metrics _,
          Route.Live _,
          Route.Ready _,
          Route.Unknown _ ->
          throw new ControlException(
              Kind.USAGE, "'" + url + "' is neither /blobs/HASH nor /s/SERVICE/PATH");
    };
  }

  /** What is known of a blob that the catalogue of an origin has under the path, or null. */
  private @Nullable ObjectNode listed(String name, String path, String url) {
    Catalogues.Listed listed = catalogues.find(name, path).orElse(null);
    return listed == null
        ? null
        : explainer
            .hash(listed.hash())
            .put("url", url)
            .put("service", name)
            .put("origin", listed.origin().id().toString());
  }

  private ObjectNode path(String name, String path, String url) {
    for (ServiceSettings service : services) {
      if (service.name().equals(name)) {
        PathRecord row = ServicePaths.published(store, service, path);
        if (row != null) {
          return explainer.path(row.path()).put("url", url);
        }
        ObjectNode listed = listed(name, path, url);
        if (listed != null) {
          return listed;
        }
        Path file = service.directory().resolve(path).normalize();
        boolean isHere =
            file.startsWith(service.directory()) && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        String then =
            service.upstream() == null
                ? "the gateway answers 404: the service has no upstream"
                : "the gateway asks the service itself, " + service.upstream();
        if (isHere) {
          ObjectNode answer = explainer.path(file).put("url", url);
          return answer.put("why", answer.path("why").asText() + "; " + then);
        }
        return JSON.createObjectNode()
            .put("url", url)
            .put("service", name)
            .put("state", "absent")
            .put("seeded", false)
            .put("why", "there is no such file in " + service.directory() + "; " + then);
      }
    }
    ObjectNode listed = listed(name, path, url);
    if (listed != null) {
      return listed;
    }
    return JSON.createObjectNode()
        .put("url", url)
        .put("state", "unknown")
        .put("seeded", false)
        .put("why", "there is no service '" + name + "'; the gateway answers 404");
  }
}
