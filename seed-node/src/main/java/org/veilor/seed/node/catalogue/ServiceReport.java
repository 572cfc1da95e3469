package org.veilor.seed.node.catalogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.catalogue.CatalogueHeader;
import org.veilor.seed.gossip.catalogue.CatalogueItem;
import org.veilor.seed.gossip.catalogue.CatalogueView;
import org.veilor.seed.gossip.catalogue.Reading;

/** What is known of the catalogues of a service, one for each origin. */
public record ServiceReport(List<Origin> origins) {
  /** Copies the list. */
  public ServiceReport {
    origins = List.copyOf(origins);
  }

  /**
   * The catalogue of one origin.
   *
   * @param isSelf whether this node is the origin
   * @param newest generation that was heard of, which may be on its way; -1 if none was
   * @param collection the root of the collection of the same files
   * @param problem why the newest is not here
   */
  public record Origin(
      EndpointId id,
      boolean isSelf,
      long newest,
      Optional<Here> here,
      Optional<Hash> collection,
      @Nullable String problem) {}

  /** A catalogue that is here. */
  public static final class Here {
    private final CatalogueView view;

    Here(CatalogueView view) {
      this.view = view;
    }

    /** The hash that names it. */
    public Hash root() {
      return view.rootHash();
    }

    /** Its figures. */
    public CatalogueHeader header() {
      return view.header();
    }

    /**
     * Visits its entries.
     *
     * @return why it ended early, or null
     */
    public @Nullable String forEach(Consumer<CatalogueItem> consumer) {
      return switch (view.forEach(consumer)) {
        case Reading.Done<Long> _ -> null;
        case Reading.Missing<Long>(Hash blob) -> "page " + blob + " is damaged or gone";
        case Reading.Refused<Long> refused -> refused.fault().sentence();
      };
    }
  }

  static ServiceReport of(KeptTopic topic, EndpointId self) {
    List<Origin> origins = new ArrayList<>();
    OwnCatalogue own = topic.own();
    if (own != null) {
      Optional<Here> here = own.view().map(Here::new);
      long generation = here.map(each -> each.header().generation()).orElse(-1L);
      origins.add(new Origin(self, true, generation, here, own.collection(), null));
    }
    topic
        .followed()
        .forEach((id, each) ->
            origins.add(
                new Origin(
                    id,
                    false,
                    each.newest().map(ServiceReport::generation).orElse(-1L),
                    each.view().map(Here::new),
                    Optional.empty(),
                    each.problem)));
    return new ServiceReport(origins);
  }

  private static long generation(Announcement said) {
    return KeptTopic.claim(said).generation();
  }
}
