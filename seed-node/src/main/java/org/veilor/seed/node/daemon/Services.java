package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.node.config.ServiceSettings;

/**
 * The services with their real folders: the operator may name a folder through symbolic links,
 * while everything below works on real paths and follows none.
 */
final class Services {
  private static final Logger LOG = LoggerFactory.getLogger(Services.class);

  private Services() {}

  /** The same services on real folders; a folder that is not there keeps its name. */
  static List<ServiceSettings> real(List<ServiceSettings> services) {
    List<ServiceSettings> result = new ArrayList<>();
    for (ServiceSettings service : services) {
      ServiceSettings resolved =
          new ServiceSettings(
              service.name(),
              service.realm(),
              service.preset(),
              resolve(service.directory()),
              service.exposure(),
              service.names(),
              service.upstream(),
              service.downloadBytesPerSecond());
      boolean clash =
          result.stream()
              .anyMatch(other ->
                  other.directory().startsWith(resolved.directory())
                      || resolved.directory().startsWith(other.directory()));
      if (clash) {
        LOG.error(
            "service {} is left out: its folder {} lies in that of another service by way of a"
                + " symbolic link",
            service.name(),
            resolved.directory());
      } else {
        result.add(resolved);
      }
    }
    return result;
  }

  /** The name of a service for others; one without a realm is this endpoint's own. */
  static ServiceName name(ServiceSettings service, EndpointId self) {
    String realm = service.realm().isEmpty() ? self.toString() : service.realm();
    return new ServiceName(realm, service.name());
  }

  /** A path with real folders; a link to a file, at its end, is left as it is. */
  static Path real(Path path) {
    if (Files.isDirectory(path)) {
      return resolve(path);
    }
    Path parent = path.getParent();
    Path name = path.getFileName();
    return parent == null || name == null ? path : resolve(parent).resolve(name);
  }

  private static Path resolve(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      LOG.debug("{} is not there yet", folder, e);
      return folder;
    }
  }
}
