package org.veilor.seed.node.cli;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.admission.DatabaseFolders;
import org.veilor.seed.node.config.Addresses;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.daemon.StateFolder;
import org.veilor.seed.node.seeding.KernelSettings;
import org.veilor.seed.node.seeding.Reasons;
import org.veilor.seed.node.seeding.SeedingLimits;

/** What {@code doctor} looks at. */
final class Examination {
  private static final int SAMPLED_FILES = 2_000;
  private static final long LOW_DISK_BYTES = 1_000_000_000L;
  private static final long NO_DISK_BYTES = 100_000_000L;

  /** What seed-net asks the kernel for, each direction. */
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;

  private static final int GOOD_DESCRIPTORS = 8_192;

  /** The program is not older than this, so no clock may show less. */
  private static final Instant OLDEST = Instant.parse("2026-01-01T00:00:00Z");

  /** How bad a finding is. */
  enum Level {
    OK,
    WARN,
    BAD
  }

  /**
   * One finding.
   *
   * @param cure what to do, empty where all is fine
   */
  record Finding(String check, Level level, String what, String cure) {}

  private final Path state;
  private final List<Finding> findings = new ArrayList<>();

  Examination(Path state) {
    this.state = state;
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  void fine(String check, String what) {
    findings.add(new Finding(check, Level.OK, what, ""));
  }

  private void warn(String check, String what, String cure) {
    findings.add(new Finding(check, Level.WARN, what, cure));
  }

  void bad(String check, String what, String cure) {
    findings.add(new Finding(check, Level.BAD, what, cure));
  }

  /** Looks at everything; without a valid configuration at all but folders and ports. */
  void examine(@Nullable Config config) {
    java();
    fine("engine", EngineAdvice.ofThisMachine());
    boolean running = daemon();
    stateFolder();
    if (config != null) {
      config.services().forEach(this::service);
      if (!running) {
        config.listen().forEach(this::port);
      }
    }
    inotify();
    descriptors();
    network();
    clock();
  }

  private void java() {
    long heap = Runtime.getRuntime().maxMemory();
    fine(
        "java",
        Runtime.version()
            + ", heap up to "
            + Quantities.formatSize(heap)
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores");
    String encoding = System.getProperty("sun.jnu.encoding", "unknown");
    if (encoding.equalsIgnoreCase("UTF-8")) {
      fine("locale", "file names are UTF-8");
    } else {
      bad(
          "locale",
          "file names are " + encoding + ", so that names beyond ASCII cannot be opened",
          "start with LC_ALL=C.UTF-8 (the launcher does)");
    }
  }

  private boolean daemon() {
    try {
      new ControlClient(state.resolve(StateFolder.SOCKET)).get("/status", Map.of());
      fine("daemon", "it runs on this state folder");
      return true;
    } catch (ControlException e) {
      warn("daemon", "it runs, but answers: " + e.getMessage(), "look at its log");
      return true;
    } catch (IOException e) {
      fine("daemon", "none runs on this state folder");
      return false;
    }
  }

  private void stateFolder() {
    Path existing = state;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isWritable(existing)) {
      bad(
          "state",
          state + " cannot be written",
          "give this user the right to write "
              + existing
              + ", or name another folder with --state");
      return;
    }
    int socketBytes =
        state.resolve(StateFolder.SOCKET).toString().getBytes(StandardCharsets.UTF_8).length;
    if (socketBytes > StateFolder.MAX_SOCKET_PATH_BYTES) {
      bad("state", "the path of its socket is too long", "name a shorter folder with --state");
    }
    try {
      rights("state", state, "rwx------");
      rights("identity", state.resolve("identity.key"), "rw-------");
      long free = Files.getFileStore(existing).getUsableSpace();
      String text = Quantities.formatSize(free) + " free for " + state;
      if (free < NO_DISK_BYTES) {
        bad("disk", text, "make room; outboards need about 0.4 % of what is seeded");
      } else if (free < LOW_DISK_BYTES) {
        warn("disk", text, "make room; outboards need about 0.4 % of what is seeded");
      } else {
        fine("disk", text);
      }
    } catch (IOException e) {
      bad("state", state + " cannot be looked at: " + Reasons.of(e), "check its rights");
    }
  }

  private void rights(String check, Path path, String wanted) throws IOException {
    if (!Files.exists(path)) {
      fine(check, path + " is made at the first start");
      return;
    }
    String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    if (rights.substring(3).equals("------")) {
      fine(check, path + " (" + rights + ")");
    } else {
      warn(
          check,
          path + " has the rights " + rights + ", others can look into it",
          "chmod " + (wanted.startsWith("rwx") ? "700 " : "600 ") + path);
    }
  }

  private void service(ServiceSettings service) {
    Path folder = service.directory();
    String check = service.name();
    if (!Files.isDirectory(folder)) {
      bad(check, folder + " is not there or no folder", "make or mount it, or correct 'directory'");
      return;
    }
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      bad(check, folder + " may not be read", "give this user the rights r and x on it");
      return;
    }
    String database = DatabaseFolders.database(name -> Files.exists(folder.resolve(name)));
    if (database != null) {
      bad(check, folder + " is " + database, "name the folder with the media instead");
      return;
    }
    int seen = 0;
    int unreadable = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (++seen > SAMPLED_FILES) {
          break;
        }
        unreadable += Files.isReadable(entry) || Files.isSymbolicLink(entry) ? 0 : 1;
      }
    } catch (IOException | DirectoryIteratorException e) {
      bad(check, folder + " cannot be listed: " + e.getMessage(), "check disk and rights");
      return;
    }
    if (unreadable > 0) {
      warn(
          check,
          unreadable
              + " of "
              + Math.min(seen, SAMPLED_FILES)
              + " entries in "
              + folder
              + " may not be read",
          "use a read-only idmapped bind mount, or give this user the right to read");
    } else {
      fine(check, folder + " can be read" + (seen == 0 ? " and is empty" : ""));
    }
  }

  private void port(InetSocketAddress address) {
    try (DatagramSocket socket = new DatagramSocket(null)) {
      socket.bind(address);
      fine("port", "UDP " + Addresses.format(address) + " is free");
    } catch (SocketException e) {
      bad(
          "port",
          "UDP " + Addresses.format(address) + " cannot be used: " + e.getMessage(),
          "stop who uses it, or choose another port with --listen");
    }
  }

  private void inotify() {
    long watches = KernelSettings.number("/proc/sys/fs/inotify/max_user_watches");
    if (watches < 0) {
      warn("inotify", "this kernel has none", "changes are seen by scans only");
      return;
    }
    long budget = watches / SeedingLimits.WATCH_SHARE;
    String text = "up to " + budget + " of " + watches + " watches, one for each folder";
    if (watches < 65_536) {
      warn(
          "inotify",
          text,
          "sysctl -w fs.inotify.max_user_watches=524288, and the same line in /etc/sysctl.d/");
    } else {
      fine("inotify", text);
    }
  }

  private void descriptors() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          String soft = line.substring(14).strip().replaceAll("\\s.*", "");
          boolean enough = soft.equals("unlimited") || Long.parseLong(soft) >= GOOD_DESCRIPTORS;
          if (enough) {
            fine("files", soft + " files may be open");
          } else {
            warn("files", "only " + soft + " files may be open", "ulimit -n 65536 (LimitNOFILE)");
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      warn("files", "the limit of open files cannot be read: " + e.getMessage(), "check /proc");
    }
  }

  private void network() {
    if (Epoll.isAvailable()) {
      fine("epoll", "in use (kernel " + System.getProperty("os.version") + ")");
    } else {
      warn(
          "epoll",
          "not available (" + Epoll.unavailabilityCause() + "); the slower NIO is used",
          "install the native library of Netty for this platform");
    }
    boolean ipv6 = Files.exists(Path.of("/proc/net/if_inet6"));
    if (ipv6) {
      fine("ipv6", "available");
    } else {
      warn("ipv6", "not available", "do not set ProcSubset=pid; enable IPv6 for Yggdrasil");
    }
    buffers();
    try {
      long others = NetworkInterface.networkInterfaces().filter(each -> !isLoopback(each)).count();
      if (others == 0) {
        warn("network", "there is only loopback", "tickets are good on this machine only");
      } else {
        fine("network", others + " interfaces beside loopback");
      }
    } catch (SocketException e) {
      warn("network", "the interfaces cannot be listed: " + e.getMessage(), "check the rights");
    }
  }

  private static boolean isLoopback(NetworkInterface each) {
    try {
      return each.isLoopback() || !each.isUp();
    } catch (SocketException e) {
      return true;
    }
  }

  /**
   * Asks as the endpoint does; a container may not see the kernel's setting, but gets its effect.
   */
  private void buffers() {
    try (DatagramSocket socket = new DatagramSocket(null)) {
      socket.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
      buffer("rmem_max", "receive", socket.getReceiveBufferSize());
      buffer("wmem_max", "send", socket.getSendBufferSize());
    } catch (SocketException e) {
      warn("udp", "no socket can be made: " + e.getMessage(), "check the rights of this user");
    }
  }

  private void buffer(String setting, String kind, int bytes) {
    if (bytes >= SOCKET_BUFFER_BYTES) {
      fine("udp", "the " + kind + " buffer gets the 4 MiB that it asks for");
    } else {
      warn(
          "udp",
          "the " + kind + " buffer gets " + bytes + " bytes of the 4 MiB that it asks for",
          "sysctl -w net.core."
              + setting
              + "="
              + SOCKET_BUFFER_BYTES
              + ", and the same line in /etc/sysctl.d/ for the next boot");
    }
  }

  private void clock() {
    Instant now = Instant.now();
    if (now.isBefore(OLDEST)) {
      bad("clock", "it shows " + now, "set the time; enable chrony or systemd-timesyncd");
      return;
    }
    try {
      Path key = state.resolve("identity.key");
      if (Files.exists(key) && Files.getLastModifiedTime(key).toInstant().isAfter(now)) {
        warn("clock", "it shows " + now + ", and the identity is younger", "set the time");
        return;
      }
    } catch (IOException e) {
      warn("clock", "the age of the identity cannot be seen: " + Reasons.of(e), "check the rights");
    }
    fine("clock", now.toString());
  }
}
