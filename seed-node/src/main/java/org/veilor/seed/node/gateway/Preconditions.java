package org.veilor.seed.node.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditional requests (RFC 9110 section 13) for representations that have a strong entity tag and
 * no date: conditions on dates are ignored, as section 13.1 demands where there is no date.
 */
final class Preconditions {
  /** What the conditions say. */
  enum Outcome {
    /** Answer as if there were none. */
    PROCEED,
    /** 304. */
    NOT_MODIFIED,
    /** 412. */
    FAILED
  }

  private Preconditions() {}

  /**
   * Evaluates If-Match and If-None-Match in the order of section 13.2.2.
   *
   * @param etag the current entity tag with its quotes
   */
  static Outcome evaluate(Fields fields, String etag) {
    String ifMatch = fields.combined("If-Match");
    if (ifMatch != null && !matches(ifMatch, etag, false)) {
      return Outcome.FAILED;
    }
    String ifNoneMatch = fields.combined("If-None-Match");
    if (ifNoneMatch != null && matches(ifNoneMatch, etag, true)) {
      return Outcome.NOT_MODIFIED;
    }
    return Outcome.PROCEED;
  }

  /**
   * Whether the Range field is to be looked at (section 13.1.5): there is no If-Range, or it is
   * this entity tag. A date never holds here, nor does a weak tag.
   */
  static boolean rangeHolds(Fields fields, String etag) {
    List<String> values = fields.all("If-Range");
    return values.isEmpty() || (values.size() == 1 && values.getFirst().equals(etag));
  }

  /** Whether a list of entity tags names that one; what is no such list names nothing. */
  private static boolean matches(String list, String etag, boolean weakly) {
    String rest = list.strip();
    if (rest.equals("*")) {
      return true;
    }
    for (int count = 0; count < GatewayLimits.MAX_ENTITY_TAGS && !rest.isEmpty(); count++) {
      boolean weak = rest.startsWith("W/");
      String tag = quoted(weak ? rest.substring(2) : rest);
      if (tag == null) {
        return false;
      }
      if (tag.equals(etag) && (weakly || !weak)) {
        return true;
      }
      rest = rest.substring((weak ? 2 : 0) + tag.length()).strip();
      if (!rest.isEmpty() && !rest.startsWith(",")) {
        return false;
      }
      while (rest.startsWith(",")) {
        rest = rest.substring(1).strip();
      }
    }
    return false;
  }

  /** The opaque-tag at the beginning, with its quotes; there are no escapes in it. */
  private static @Nullable String quoted(String text) {
    int end = text.startsWith("\"") ? text.indexOf('"', 1) : -1;
    return end < 0 ? null : text.substring(0, end + 1);
  }
}
