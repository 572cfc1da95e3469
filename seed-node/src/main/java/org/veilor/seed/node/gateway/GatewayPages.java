package org.veilor.seed.node.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the pages of the gateway show. Asked on virtual threads, so that it may block. */
public interface GatewayPages {
  /** What the page {@code /} shows. */
  StatusView status();

  /** Adds the node's own figures to {@code /metrics}; the gateway's stand there already. */
  void metrics(PrometheusText text);

  /** Why the node is not ready, as one sentence; null where it is. */
  @Nullable String notReady();

  /** What {@code /s/{service}/} shows. */
  Listing service(String name);

  /**
   * A page of tables.
   *
   * @param title of the page
   * @param summary one sentence below it
   */
  record StatusView(String title, String summary, List<Section> sections) {
    /** Copies the list. */
    public StatusView {
      sections = List.copyOf(sections);
    }
  }

  /** One table of two columns. */
  record Section(String heading, List<Row> rows) {
    /** Copies the list. */
    public Section {
      rows = List.copyOf(rows);
    }
  }

  /** What, and how it is. */
  record Row(String name, String value) {}

  /** The files of a service. */
  sealed interface Listing {
    /**
     * Those with clear names.
     *
     * @param more whether there are more than these
     */
    record Names(List<Entry> entries, boolean more) implements Listing {
      /** Copies the list. */
      public Names {
        entries = List.copyOf(entries);
      }
    }

    /** The names of this service are nobody's business: 404. */
    record Hidden() implements Listing {}

    /** There is no such service here: 404. */
    record Unknown() implements Listing {}
  }

  /**
   * One file.
   *
   * @param path below the service, as {@link GatewayContent#path} takes it
   * @param hash in hex
   */
  record Entry(String path, long sizeBytes, String hash) {}
}
