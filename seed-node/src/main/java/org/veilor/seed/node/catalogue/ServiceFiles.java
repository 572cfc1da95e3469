package org.veilor.seed.node.catalogue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.veilor.seed.gossip.catalogue.CatalogueEntry;
import org.veilor.seed.gossip.catalogue.CataloguePath;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.ServiceKey;

/** The files of this node's services that a catalogue may list: those that peers may have. */
public interface ServiceFiles {
  /** A file as a catalogue has it. */
  record Listed(CataloguePath path, CatalogueEntry entry) {}

  /**
   * Whether a service's catalogue shows paths; empty if it has no folder here, is local, or is a
   * group while the key is that of a public service.
   */
  Optional<Names> names(ServiceKey service);

  /** About how many files a service has. */
  long count(String service);

  /** Visits all files of a service that may be listed, in any order. */
  void forEach(String service, Consumer<Listed> consumer);

  /** Under which path a file of a service would be listed; empty if it never is. */
  Optional<CataloguePath> pathOf(String service, Path file);

  /** What is listed for a file; empty if it is not there or not to be had. */
  Optional<CatalogueEntry> entry(String service, Path file);
}
