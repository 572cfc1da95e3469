package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the daemon keeps its state. */
public final class StateFolder {
  /** The name of the control socket in it. */
  public static final String SOCKET = "control.sock";

  /** Where the catalogues of services are kept. */
  static final String CATALOGUES = "catalogues";

  /** Where what comes from HTTP origins waits to be verified. */
  static final String ORIGIN = "origin";

  /** The longest path of a Unix socket in bytes (unix(7): 108 with the final zero). */
  public static final int MAX_SOCKET_PATH_BYTES = 107;

  private StateFolder() {}

  /**
   * Finds the folder: {@code $STATE_DIRECTORY} (the first of its folders), else {@code --state},
   * else {@code $VEILOR_SEED_STATE}, else {@code $XDG_STATE_HOME/veilor-seed}, else {@code
   * ~/.local/state/veilor-seed}.
   *
   * @param option what {@code --state} says, or null
   */
  public static Path find(@Nullable Path option, Map<String, String> environment) {
    String systemd = environment.get("STATE_DIRECTORY");
    if (systemd != null && !systemd.isEmpty()) {
      int colon = systemd.indexOf(':');
      return Path.of(colon > 0 ? systemd.substring(0, colon) : systemd);
    }
    if (option != null) {
      return option.toAbsolutePath().normalize();
    }
    String own = environment.get("VEILOR_SEED_STATE");
    if (own != null && !own.isEmpty()) {
      return Path.of(own).toAbsolutePath().normalize();
    }
    String xdg = environment.get("XDG_STATE_HOME");
    if (xdg != null && xdg.startsWith("/")) {
      return Path.of(xdg, "veilor-seed");
    }
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
    return Path.of(home, ".local", "state", "veilor-seed");
  }

  /**
   * Makes the folder, for its owner only; one that exists keeps its rights.
   *
   * @throws NodeException where that is not possible
   */
  static void create(Path folder) throws NodeException {
    create(folder, "state", "--state");
  }

  /**
   * The same for another folder.
   *
   * @param purpose what it is for
   * @param option where another one can be named
   */
  static void create(Path folder, String purpose, String option) throws NodeException {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw new NodeException(
          "the "
              + purpose
              + " folder "
              + folder
              + " cannot be made ("
              + org.veilor.seed.node.seeding.Reasons.of(e)
              + "); name another one with "
              + option,
          e);
    }
  }
}
