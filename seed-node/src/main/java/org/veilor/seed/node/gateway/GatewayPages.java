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

  /**
   * What {@code /s/{service}/{folder}/} shows.
   *
   * @param folder like a path, empty for all of the service
   * @param after only names behind this one, in the order of their UTF-8, are listed
   * @param limit of names
   */
  Listing list(String service, String folder, String after, int limit);

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

  /** What a folder of a service holds. */
  sealed interface Listing {
    /**
     * Those with clear names.
     *
     * @param entries by ascending name
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

    /** The service has no file in such a folder: 404. */
    record NoFolder() implements Listing {}

    /** Others look at lists just now: 503. */
    record Busy() implements Listing {}

    /**
     * It cannot be told: 502.
     *
     * @param why one sentence for the client
     */
    record Unreadable(String why) implements Listing {}
  }

  /** A file or folder in a folder. */
  sealed interface Entry {
    /** Its name in the folder; a folder's ends with a slash. */
    String name();
  }

  /**
   * A file.
   *
   * @param hash in hex
   */
  record File(String name, long sizeBytes, String hash) implements Entry {}

  /** A folder with at least one file at any depth. */
  record Folder(String name) implements Entry {}
}
