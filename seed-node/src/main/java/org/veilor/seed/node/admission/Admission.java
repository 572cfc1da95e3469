package org.veilor.seed.node.admission;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.admission.Verdict.Admitted;
import org.veilor.seed.node.admission.Verdict.Refused;
import org.veilor.seed.node.admission.Verdict.Rule;
import org.veilor.seed.node.config.Preset;

/**
 * Admission (field research §8): refuse by name first, because that costs nothing; then by content
 * what is never seeded; then admit what the content shows to be static media. Names never admit:
 * the files of Misskey and Matrix have none that say anything.
 */
public final class Admission {
  private static final Pattern TEMPORARY =
      Pattern.compile(
          ".*(~|#)|.*\\.(tmp|temp|part|partial|crdownload|download|filepart|swp|swo|swx|bup|lock"
              + "|aria2|!ut|!qb|opdownload|unfinished|incomplete)|.*#\\d+|#.*#|~\\$.*"
              + "|.*\\.part\\.met|thumbs\\.db|desktop\\.ini|nohup\\.out");
  private static final Pattern MISSKEY =
      Pattern.compile(
          "(thumbnail-|webpublic-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\\.[a-z0-9]{1,5})?");
  private static final Pattern CHECKSUMS =
      Pattern.compile(
          ".*(sha(1|224|256|384|512)|md5|b2|b3|blake3|crc)?sums?(\\.(txt|asc|sig))?"
              + "|.*\\.(sha(1|256|512)(sum)?|md5(sum)?|b3(sum)?|asc|sig|minisig|sign|meta4|metalink|torrent"
              + "|zsync|jigdo|template)");

  private Admission() {}

  /**
   * Judges by the name alone.
   *
   * @param relative the path below the service's folder
   * @return the refusal, or null where the content decides
   */
  public static @Nullable Refused byName(Preset preset, Path relative) {
    for (Path component : relative) {
      if (component.toString().startsWith(".")) {
        return new Refused(
            Rule.HIDDEN, "'" + component + "' is hidden (its name starts with a dot)");
      }
    }
    String name = String.valueOf(relative.getFileName());
    if (TEMPORARY.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
      return new Refused(Rule.TEMPORARY, "its name is one for unfinished or temporary files");
    }
    Refused never = NeverSeeded.byName(name);
    if (never != null) {
      return never;
    }
    return preset == Preset.MISSKEY ? misskey(relative, name) : null;
  }

  private static @Nullable Refused misskey(Path relative, String name) {
    if (relative.getNameCount() != 1 || !MISSKEY.matcher(name).matches()) {
      return new Refused(Rule.PRESET, "it has not the name of a Misskey file (preset 'misskey')");
    }
    if (!name.startsWith("thumbnail-") && !name.startsWith("webpublic-")) {
      return new Refused(
          Rule.PRESET,
          "it is an original, which may hold private metadata; preset 'misskey' seeds thumbnails"
              + " and web-public versions");
    }
    return null;
  }

  /** Judges a file of a watched service by its content, after {@link #byName} had no objection. */
  public static Verdict byContent(Preset preset, Path relative, ContentSample sample) {
    if (sample.isEmpty()) {
      return new Refused(Rule.EMPTY, "it is empty, so that nothing shows what it is");
    }
    Refused never = NeverSeeded.byContent(sample);
    if (never != null) {
      return never;
    }
    String type = MediaSignatures.mediaType(sample);
    if (type == null && preset == Preset.DOWNLOADS) {
      type = download(relative, sample);
    }
    return type != null ? new Admitted(type) : unknown(sample);
  }

  private static @Nullable String download(Path relative, ContentSample sample) {
    String type = MediaSignatures.downloadType(sample);
    String name = String.valueOf(relative.getFileName()).toLowerCase(Locale.ROOT);
    return type == null && CHECKSUMS.matcher(name).matches() ? "text/plain" : type;
  }

  private static Refused unknown(ContentSample sample) {
    if (sample.isText()) {
      String start = sample.text(0, 512).toLowerCase(Locale.ROOT);
      if (start.contains("<svg")) {
        return new Refused(
            Rule.ACTIVE,
            "it is SVG, which can carry scripts; 'veilor-seed add' seeds it all the same");
      }
      if (start.contains("<html") || start.contains("<!doctype html")) {
        return new Refused(
            Rule.ACTIVE,
            "it is HTML, which can carry scripts; 'veilor-seed add' seeds it all the same");
      }
      return new Refused(
          Rule.UNKNOWN, "it is text, not static media; 'veilor-seed add' seeds it all the same");
    }
    return new Refused(
        Rule.UNKNOWN,
        "its content is of no known kind of static media (it starts with "
            + sample.firstBytes()
            + "); 'veilor-seed add' seeds it all the same");
  }

  /**
   * Judges a file that the operator named: everything is admitted but databases and secrets.
   *
   * @param fileName the last part of the path
   */
  public static Verdict byOperator(String fileName, ContentSample sample) {
    Refused never = NeverSeeded.byName(fileName);
    if (never == null) {
      never = NeverSeeded.byContent(sample);
    }
    if (never != null) {
      return never;
    }
    String type = MediaSignatures.mediaType(sample);
    if (type == null) {
      type = MediaSignatures.downloadType(sample);
    }
    return new Admitted(
        type != null ? type : sample.isText() ? "text/plain" : "application/octet-stream");
  }
}
