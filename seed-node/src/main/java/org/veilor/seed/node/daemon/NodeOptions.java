package org.veilor.seed.node.daemon;

import java.nio.file.Path;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigException;

/**
 * What a daemon is started with.
 *
 * @param state the state folder
 * @param config what is in force at the start
 * @param reload reads the configuration again
 * @param endpoints opens the network side
 * @param version of the program, for the status
 */
public record NodeOptions(
    Path state, Config config, Reload reload, PeerEndpointFactory endpoints, String version) {
  /** Reads the configuration again. */
  @FunctionalInterface
  public interface Reload {
    /**
     * Reads it.
     *
     * @throws ConfigException where it cannot be used
     */
    Config read() throws ConfigException;
  }
}
