package org.veilor.seed.node.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes configurations: what is in force, and a commented example. */
public final class ConfigText {
  private ConfigText() {}

  /** The commented example, which is itself valid. */
  public static String example() {
    try (InputStream in = ConfigText.class.getResourceAsStream("example.toml")) {
      if (in == null) {
        throw new IllegalStateException("example.toml is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The configuration as TOML that reads back to the same. */
  public static String toml(Config config) {
    StringBuilder out = new StringBuilder();
    out.append("[endpoint]\nlisten = ").append(list(config.listen(), Addresses::format));
    out.append("\nadvertise = ").append(list(config.advertise(), Addresses::format));
    if (config.endpoint().qlog() != null) {
      out.append("\nqlog = ").append(quote(config.endpoint().qlog().toString()));
    }
    out.append("\n\n[gateway]\nlisten = ").append(quote(Addresses.format(config.gateway())));
    out.append("\n\n[cache]\nmax_size = ").append(quote(config.cache().maxSizeBytes() + " B"));
    out.append("\nmin_free = ").append(quote(config.cache().minFreeBytes() + " B"));
    out.append("\npeers = ").append(list(config.cache().peers(), PeerText::format));
    out.append("\norigins = ").append(list(config.cache().origins(), URI::toString));
    Config.Limits limits = config.limits();
    out.append("\n\n[limits]\nupload = ").append(rate(limits.uploadBytesPerSecond()));
    out.append("\nconnections = ").append(limits.connections());
    out.append("\ndownload = ").append(rate(limits.downloadBytesPerSecond()));
    out.append("\ndownload_per_peer = ").append(rate(limits.peerDownloadBytesPerSecond()));
    SeedingSettings seeding = config.seeding();
    out.append("\n\n[seeding]\nsettle = ").append(quote(seeding.settle().toMillis() + "ms"));
    out.append("\nsettle_open = ").append(quote(seeding.settleOpen().toMillis() + "ms"));
    out.append("\nscan_interval = ").append(quote(seeding.scanInterval().toMillis() + "ms"));
    out.append("\nhash_threads = ").append(seeding.hashThreads());
    out.append("\nwatch = ").append(quote(word(seeding.watch())));
    out.append("\nsha256 = ").append(quote(word(seeding.sha256()))).append('\n');
    for (ServiceSettings service : config.services()) {
      out.append("\n[[service]]\nname = ").append(quote(service.name()));
      if (!service.realm().isEmpty()) {
        out.append("\nrealm = ").append(quote(service.realm()));
      }
      out.append("\npreset = ").append(quote(word(service.preset())));
      out.append("\ndirectory = ").append(quote(service.directory().toString()));
      out.append("\nexposure = ").append(quote(word(service.exposure())));
      out.append("\nnames = ").append(quote(word(service.names()))).append('\n');
      if (service.upstream() != null) {
        out.append("upstream = ").append(quote(service.upstream().toString())).append('\n');
      }
      if (service.downloadBytesPerSecond() != Quantities.UNLIMITED) {
        out.append("download = ").append(rate(service.downloadBytesPerSecond())).append('\n');
      }
    }
    return out.toString();
  }

  private static <T> String list(List<T> items, Function<T, String> format) {
    return items.stream()
        .map(item -> quote(format.apply(item)))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String rate(long bytesPerSecond) {
    return quote(bytesPerSecond == Quantities.UNLIMITED ? "unlimited" : bytesPerSecond + " B/s");
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        default -> {
          if (c < ' ' || c == 0x7f) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
