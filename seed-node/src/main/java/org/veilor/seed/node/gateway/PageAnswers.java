package org.veilor.seed.node.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.gateway.Answer.Body;
import org.veilor.seed.node.gateway.Answer.Source;

/** The pages for people and monitoring: small, without scripts, without anything from elsewhere. */
final class PageAnswers {
  private static final String STYLE =
      "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
          + "color:#1c1e21;background:#fff}h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.1rem;"
          + "margin:2rem 0 .3rem}p{color:#555;margin:.2rem 0}table{border-collapse:collapse;"
          + "width:100%}td,th{border-bottom:1px solid #e3e5e8;padding:.3rem .6rem .3rem 0;"
          + "text-align:left;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:35%}"
          + "a{color:#0b57d0}code{font-size:.85em}@media(prefers-color-scheme:dark){body{"
          + "color:#e4e6e9;background:#16181b}p{color:#a5a9af}td,th{border-color:#33373c}"
          + "a{color:#8ab4f8}}";

  private PageAnswers() {}

  /** The status page. */
  static Answer status(GatewayPages.StatusView view) {
    StringBuilder out = start(view.title(), view.summary());
    for (GatewayPages.Section section : view.sections()) {
      out.append("<h2>").append(escape(section.heading())).append("</h2>\n<table>\n");
      for (GatewayPages.Row row : section.rows()) {
        out.append("<tr><td>").append(escape(row.name())).append("</td><td>");
        out.append(escape(row.value())).append("</td></tr>\n");
      }
      out.append("</table>\n");
    }
    return html(200, out);
  }

  /** A folder of a service, for people or as JSON. */
  static Answer listing(
      Route.ServiceIndex index, GatewayPages.Listing listing, @Nullable String accept) {
    String service = index.service();
    Answer answer =
        switch (listing) {
          case GatewayPages.Listing.Unknown() ->
              Errors.answer(404, "there is no service '" + service + "' here");
          case GatewayPages.Listing.Hidden() ->
              Errors.answer(404, "no names of the service '" + service + "' are shown");
          case GatewayPages.Listing.NoFolder() -> Errors.answer(404, "there is no such folder");
          case GatewayPages.Listing.Busy() ->
              Errors.overloaded(Duration.ofSeconds(1), "other lists are being made");
          case GatewayPages.Listing.Unreadable(String why) -> Errors.answer(502, why);
          case GatewayPages.Listing.Names(List<GatewayPages.Entry> entries, boolean more) -> {
            List<GatewayPages.Entry> shown = fitting(entries);
            String next = more || shown.size() < entries.size() ? shown.getLast().name() : null;
            yield wantsJson(accept) ? json(index, shown, next) : names(index, shown, next);
          }
        };
    answer.fields().add("Vary", "Accept");
    return answer;
  }

  /** As many of the first as a page holds, one at least. */
  private static List<GatewayPages.Entry> fitting(List<GatewayPages.Entry> entries) {
    int bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).name().getBytes(StandardCharsets.UTF_8).length;
      if (i > 0 && bytes > GatewayLimits.MAX_LISTED_NAME_BYTES) {
        return entries.subList(0, i);
      }
    }
    return entries;
  }

  /** Whether JSON is named in Accept, and HTML is not named before it. */
  private static boolean wantsJson(@Nullable String accept) {
    int json = accept == null ? -1 : accept.indexOf("application/json");
    int html = accept == null ? -1 : accept.indexOf("text/html");
    return json >= 0 && (html < 0 || json < html);
  }

  private static Answer names(
      Route.ServiceIndex index, List<GatewayPages.Entry> entries, @Nullable String next) {
    String title = index.service() + "/" + index.folder() + (index.folder().isEmpty() ? "" : "/");
    String which = index.after().isEmpty() ? "" : " after " + index.after();
    StringBuilder out = start(title, entries.size() + " files and folders" + which);
    out.append("<table>\n<tr><th>name</th><th>bytes</th><th>BLAKE3</th></tr>\n");
    if (!index.folder().isEmpty()) {
      out.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
    }
    for (GatewayPages.Entry entry : entries) {
      // bdi: a name with marks of right-to-left writing changes nothing beside it
      out.append("<tr><td><a href=\"").append(encode(entry.name())).append("\"><bdi>");
      out.append(escape(entry.name())).append("</bdi></a></td><td>");
      if (entry instanceof GatewayPages.File(String _, long sizeBytes, String hash)) {
        out.append(sizeBytes).append("</td><td><code>").append(escape(hash)).append("</code>");
      } else {
        out.append("</td><td>");
      }
      out.append("</td></tr>\n");
    }
    out.append("</table>\n");
    if (next != null) {
      out.append("<p><a href=\"?after=").append(encode(next)).append("\">more</a></p>\n");
    }
    return html(200, out);
  }

  private static Answer json(
      Route.ServiceIndex index, List<GatewayPages.Entry> entries, @Nullable String next) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("service", index.service()).put("folder", index.folder());
    ArrayNode folders = root.putArray("folders");
    ArrayNode files = root.putArray("files");
    String above = index.folder().isEmpty() ? "" : index.folder() + "/";
    for (GatewayPages.Entry entry : entries) {
      switch (entry) {
        case GatewayPages.Folder(String name) -> folders.add(above + name);
        case GatewayPages.File(String name, long sizeBytes, String hash) ->
            files.addObject().put("path", above + name).put("size", sizeBytes).put("hash", hash);
      }
    }
    root.put("more", next != null);
    if (next != null) {
      root.put("next", "?after=" + encode(next));
    }
    return page(200, "application/json", root + "\n");
  }

  /** Plain text, for monitoring. */
  static Answer text(int status, String type, String text) {
    return page(status, type, text);
  }

  private static StringBuilder start(String title, String summary) {
    return new StringBuilder(4096)
        .append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(escape(title))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body>\n<h1>")
        .append(escape(title))
        .append("</h1>\n<p>")
        .append(escape(summary))
        .append("</p>\n");
  }

  private static Answer html(int status, StringBuilder out) {
    Answer answer =
        page(status, "text/html; charset=utf-8", out.append("</body></html>\n").toString());
    answer
        .fields()
        .add(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
                + " frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation");
    return answer;
  }

  private static Answer page(int status, String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > GatewayLimits.MAX_PAGE_BYTES) {
      return Errors.answer(500, "the page is too large to be shown");
    }
    Fields fields =
        new Fields()
            .add("Content-Type", type)
            .add("Cache-Control", "no-store")
            .add("X-Content-Type-Options", "nosniff");
    return new Answer(status, fields, Body.of(bytes), Source.GATEWAY);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A path as a relative reference: every byte that could mean something else is escaped. */
  private static String encode(String path) {
    StringBuilder out = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      if (HttpText.isAlpha(c) || HttpText.isDigit(c) || "-._~/".indexOf(c) >= 0) {
        out.append((char) c);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }
}
