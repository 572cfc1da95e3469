package org.veilor.seed.node.cli;

import ch.qos.logback.classic.Level;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.daemon.Node;
import org.veilor.seed.node.daemon.NodeOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code run}: the daemon in the foreground. */
@Command(
    name = "run",
    description = {
      "The daemon, in the foreground.",
      "Prints one line when it serves: READY endpoint=… listen=… gateway=….",
      "SIGTERM and SIGINT stop it, SIGHUP reads the configuration again."
    })
final class RunCommand extends BaseCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Mixin private ConfigSource source = new ConfigSource();

  @Override
  public Integer call() throws Exception {
    logLevel();
    Map<String, String> environment = main().environment();
    Config config = source.read(environment);
    for (ServiceSettings service : config.services()) {
      if (source.serviceNames().contains(service.name())
          && !Files.isDirectory(service.directory())) {
        throw new CliException(
            CliException.USAGE,
            "--service: " + service.directory() + " is no folder; make it, or correct the path");
      }
    }
    NodeOptions options =
        new NodeOptions(
            state(), config, () -> source.read(environment), main().endpoints(), Main.version());
    // A stop that was asked for is a success: exit code 0, not the 143 of a JVM that a signal ends.
    CountDownLatch stopAsked = new CountDownLatch(1);
    Signals.on("TERM", stopAsked::countDown);
    Signals.on("INT", stopAsked::countDown);
    Node node = Node.start(options);
    Thread hook = new Thread(node::close, "stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Thread.ofVirtual().name("stop-asked").start(() -> stopWhenAsked(stopAsked, node));
      Signals.on("HUP", () -> Thread.ofVirtual().name("reload").start(() -> reload(node)));
      out().println(node.readyLine());
      out().flush();
      node.awaitStop();
      LOG.info("stopping");
    } finally {
      node.close();
      unhook(hook);
    }
    return 0;
  }

  private void logLevel() {
    if (LoggerFactory.getLogger("org.veilor") instanceof ch.qos.logback.classic.Logger logger) {
      logger.setLevel(isVerbose() ? Level.DEBUG : Level.INFO);
    }
  }

  private static void stopWhenAsked(CountDownLatch asked, Node node) {
    try {
      asked.await();
      node.askToStop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reload(Node node) {
    try {
      node.reload();
    } catch (ConfigException e) {
      LOG.error("the configuration is left as it was: {}", e.getMessage());
    }
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the JVM is stopping already", e);
    }
  }
}
