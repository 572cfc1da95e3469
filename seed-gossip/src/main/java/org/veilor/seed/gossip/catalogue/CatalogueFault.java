package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.gossip.service.ServiceName;

/** How an origin's catalogue is not what it has to be. Pages and entries count from 0. */
public sealed interface CatalogueFault {
  /** One sentence for people. */
  String sentence();

  /** The blobs that a catalogue consists of. */
  enum Part {
    /** The hash sequence. */
    ROOT,
    /** Its child 0. */
    HEADER,
    /** One of its other children. */
    PAGE;

    private String words() {
      return switch (this) {
        case ROOT -> "root";
        case HEADER -> "header";
        case PAGE -> "page";
      };
    }
  }

  /** Numbers that are said in one place and found in another. */
  enum Figure {
    /** Generation: announcement and header. */
    GENERATION("generation"),
    /** Entries: announcement and header. */
    ANNOUNCED_ENTRIES("announced number of entries"),
    /** Bytes of all blobs: announcement and header. */
    ANNOUNCED_BYTES("announced bytes"),
    /** Entries: header, and the sum over what it says of the pages. */
    ENTRIES("number of entries"),
    /** Pages: header and root. */
    PAGES("number of pages"),
    /** Entries of a page: header and page. */
    PAGE_ENTRIES("number of entries of a page"),
    /** Bytes of all blobs: header, and the sum over all entries. */
    BYTES("bytes of all blobs");

    private final String words;

    Figure(String words) {
      this.words = words;
    }
  }

  /** A blob, or what it claims to hold, exceeds a limit. */
  record TooLarge(Part part, long limit) implements CatalogueFault {
    @Override
    public String sentence() {
      return "the " + part.words() + " of the catalogue exceeds " + limit;
    }
  }

  /** A blob does not have its form. */
  record Malformed(Part part, String reason) implements CatalogueFault {
    @Override
    public String sentence() {
      return "the " + part.words() + " of the catalogue is malformed: " + reason;
    }
  }

  /** The header begins with a version that is not ours. */
  record UnknownVersion(int version) implements CatalogueFault {
    @Override
    public String sentence() {
      return "the catalogue has version "
          + version
          + ", this program reads "
          + CatalogueLimits.VERSION;
    }
  }

  /** The catalogue is that of another realm or name. */
  record OtherService(ServiceName found) implements CatalogueFault {
    @Override
    public String sentence() {
      return "the catalogue is that of " + found;
    }
  }

  /** The catalogue is that of another topic, perhaps of the service before its secret changed. */
  record OtherTopic() implements CatalogueFault {
    @Override
    public String sentence() {
      return "the catalogue is that of another topic";
    }
  }

  /** Two numbers differ that must be equal. */
  record FiguresDiffer(Figure figure, long claimed, long found) implements CatalogueFault {
    @Override
    public String sentence() {
      return "the " + figure.words + " is given as " + claimed + " and is " + found;
    }
  }

  /** An entry has a smaller key than the one before it. */
  record OutOfOrder(int page, int entry) implements CatalogueFault {
    @Override
    public String sentence() {
      return "entry " + entry + " of page " + page + " of the catalogue is out of order";
    }
  }

  /** An entry has the key of the one before it. */
  record DuplicateKey(int page, int entry) implements CatalogueFault {
    @Override
    public String sentence() {
      return "entry " + entry + " of page " + page + " of the catalogue occurs twice";
    }
  }

  /** An entry's key belongs into another page. */
  record ForeignKey(int page, int entry) implements CatalogueFault {
    @Override
    public String sentence() {
      return "entry " + entry + " of page " + page + " of the catalogue belongs into another page";
    }
  }
}
