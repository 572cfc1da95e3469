package org.veilor.seed.node.config;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.gossip.catalogue.Names;

/**
 * One service whose folder is seeded.
 *
 * @param name unique, {@code [A-Za-z0-9][A-Za-z0-9._-]*}
 * @param realm the domain under which the service is known, or empty
 * @param directory absolute and normalized
 * @param names whether its catalogue shows paths
 * @param upstream asked last by the gateway, or null
 * @param downloadBytesPerSecond of what is fetched for its paths, or {@link Quantities#UNLIMITED}
 */
public record ServiceSettings(
    String name,
    String realm,
    Preset preset,
    Path directory,
    Exposure exposure,
    Names names,
    @Nullable URI upstream,
    long downloadBytesPerSecond) {

  /** A public media folder, as {@code --service NAME=DIR} gives it. */
  public static ServiceSettings of(String name, Path directory) {
    return new ServiceSettings(
        name,
        "",
        Preset.MEDIA,
        directory,
        Exposure.PUBLIC,
        Names.HIDDEN,
        null,
        Quantities.UNLIMITED);
  }
}
