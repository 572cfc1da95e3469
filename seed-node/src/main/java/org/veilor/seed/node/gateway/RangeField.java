package org.veilor.seed.node.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Range field (RFC 9110 section 14). Ranges that overlap or touch are joined and the rest is
 * put in order, as section 15.3.7.2 allows, so that no byte is sent twice.
 */
final class RangeField {
  /** What is to be sent. */
  sealed interface Selection {
    /** Everything: there is no Range, or none that must be understood. */
    record Whole() implements Selection {}

    /** Some parts: at least one, none empty, in order, apart from each other. */
    record Parts(List<ByteRange> ranges) implements Selection {
      /** Copies the list. */
      public Parts {
        ranges = List.copyOf(ranges);
      }
    }

    /** No range lies inside the representation, or there are too many: 416. */
    record Unsatisfiable(String reason) implements Selection {}
  }

  private static final Selection WHOLE = new Selection.Whole();

  private RangeField() {}

  /**
   * Reads the fields of a request.
   *
   * @param values every line of the field
   * @param sizeBytes size of the representation
   */
  static Selection select(List<String> values, long sizeBytes) {
    if (values.size() != 1) {
      return WHOLE;
    }
    String value = values.getFirst();
    int equals = value.indexOf('=');
    // RFC 9110 section 14.2: an origin server MUST ignore a Range header field that contains a
    // range unit it does not understand; and MAY ignore what is invalid.
    if (equals < 0 || !value.substring(0, equals).strip().equalsIgnoreCase("bytes")) {
      return WHOLE;
    }
    String[] specs = value.substring(equals + 1).split(",", GatewayLimits.MAX_RANGES_NAMED + 1);
    if (specs.length > GatewayLimits.MAX_RANGES_NAMED) {
      return new Selection.Unsatisfiable("more than 64 ranges are asked for");
    }
    List<ByteRange> ranges = new ArrayList<>();
    boolean any = false;
    for (String spec : specs) {
      String text = spec.strip();
      if (text.isEmpty()) {
        continue; // RFC 9110 section 5.6.1.2: empty list elements are ignored
      }
      ByteRange range = range(text, sizeBytes);
      if (range == null) {
        return WHOLE;
      }
      any = true;
      if (range.lengthBytes() > 0) {
        ranges.add(range);
      }
    }
    if (!any) {
      return WHOLE;
    }
    return selection(ranges, sizeBytes);
  }

  private static Selection selection(List<ByteRange> ranges, long sizeBytes) {
    if (ranges.isEmpty()) {
      return new Selection.Unsatisfiable(
          "no byte of the range exists; there are " + sizeBytes + " bytes");
    }
    List<ByteRange> joined = join(ranges);
    return joined.size() > GatewayLimits.MAX_RANGES
        ? new Selection.Unsatisfiable("more than 16 separate ranges are asked for")
        : new Selection.Parts(joined);
  }

  /** One range-spec; empty where it lies outside, null where it is invalid. */
  private static @Nullable ByteRange range(String spec, long sizeBytes) {
    int dash = spec.indexOf('-');
    if (dash < 0) {
      return null;
    }
    String first = spec.substring(0, dash);
    String last = spec.substring(dash + 1);
    if (first.isEmpty()) {
      // RFC 9110 section 14.1.2: if the representation is shorter than the specified
      // suffix-length, the entire representation is used
      // An empty one has no range to name: it is sent as a whole.
      long suffix = HttpText.number(last);
      return suffix < 0 || (suffix > 0 && sizeBytes == 0)
          ? null
          : new ByteRange(Math.max(0, sizeBytes - suffix), suffix == 0 ? 0 : sizeBytes).normal();
    }
    long from = HttpText.number(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : HttpText.number(last);
    if (from < 0 || to < from) {
      return null;
    }
    return new ByteRange(from, to >= sizeBytes ? sizeBytes : to + 1).normal();
  }

  private static List<ByteRange> join(List<ByteRange> ranges) {
    List<ByteRange> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingLong(ByteRange::first));
    List<ByteRange> joined = new ArrayList<>();
    for (ByteRange range : sorted) {
      ByteRange before = joined.isEmpty() ? null : joined.getLast();
      if (before != null && range.first() <= before.until()) {
        joined.set(
            joined.size() - 1,
            new ByteRange(before.first(), Math.max(before.until(), range.until())));
      } else {
        joined.add(range);
      }
    }
    return joined;
  }
}
