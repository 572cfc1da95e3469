package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.Overrides;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.daemon.Node;
import org.veilor.seed.node.daemon.NodeOptions;
import org.veilor.seed.node.daemon.StateFolder;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.fetch.Fetching;
import org.veilor.seed.node.fetch.FileFetch;
import org.veilor.seed.store.file.Folders;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: what this machine gives, and what limits it. */
@Command(
    name = "bench",
    description = {
      "Half a minute: hashing, encryption, disk and transfer speed of this machine as a table,",
      "beside a machine of the project, and what limits it. Needs no daemon, touches no network."
    })
final class BenchCommand extends BaseCommand {
  /** This command on an AMD EPYC with 2 cores and a network disk, 2026-11-22. */
  private static final Map<String, Double> REFERENCE =
      Map.of(
          "BLAKE3, one thread", 7.7e9,
          "BLAKE3, all threads", 14.9e9,
          "SHA-256, one thread", 1.42e9,
          "AES-128-GCM, one thread", 2.56e9,
          "write until the disk has it", 0.20e9,
          "read from the disk", 0.26e9,
          "transfer over loopback, both ends here", 0.31e9);

  /** The compiler needs some seconds; the best transfer counts. */
  private static final double TRANSFER_SECONDS = 15;

  private static final double GIB = 1L << 30;

  /** Bits a second of the link that people have. */
  private static final double LINK = 1e9;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Measure the disk of this folder. Default: that of temporary files.")
  private @Nullable Path directory;

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "How much is written, read and transferred each time. Default: 256.")
  private int mebibytes = 256;

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  private final List<Line> lines = new ArrayList<>();
  private double transferCpuSecondsPerGib;

  /**
   * A figure.
   *
   * @param note what is to be said of it, or empty
   */
  private record Line(String what, double bytesPerSecond, String note) {}

  @Override
  public Integer call() throws Exception {
    if (mebibytes < 1 || mebibytes > 1 << 20) {
      throw new CliException(
          CliException.USAGE, "--size: " + mebibytes + " MiB is not between 1 and 1048576");
    }
    Path parent = directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    if (!Files.isDirectory(parent)) {
      throw new CliException(CliException.USAGE, "--dir: " + parent + " is no folder; make it");
    }
    long bytes = (long) mebibytes << 20;
    Path folder = Files.createTempDirectory(parent, "veilor-bench");
    try (Progress progress = Progress.bytes("measuring", 1, err())) {
      computing(progress);
      disk(folder.resolve("file"), bytes, progress);
      transfer(folder, folder.resolve("file"), bytes, progress);
    } finally {
      Folders.deleteTree(folder);
    }
    print();
    return 0;
  }

  private void computing(Progress progress) throws Exception {
    progress.at(0, 4, "BLAKE3");
    SubtreeEngine engine = SubtreeEngine.preferred();
    String note = "engine scalar";
    if (engine instanceof SwitchingEngine switching) {
      note =
          switch (VectorChoice.warmUp(switching)) {
            case SwitchingEngine.Outcome.Switched(String name, double _, String reason) ->
                "engine " + name + (reason.isEmpty() ? "" : ", because " + reason);
            case SwitchingEngine.Outcome.StaysScalar(String reason) ->
                "engine scalar, because " + reason;
          };
    }
    int threads = Runtime.getRuntime().availableProcessors();
    add("BLAKE3, one thread", MachineFigures.blake3(engine), note);
    add("BLAKE3, all threads", MachineFigures.blake3(engine, threads), threads + " threads");
    progress.at(1, 4, "SHA-256 and AES");
    add("SHA-256, one thread", MachineFigures.sha256(), "");
    add("AES-128-GCM, one thread", MachineFigures.aesGcm(), "packets of 1,400 bytes");
  }

  private void disk(Path file, long bytes, Progress progress) throws IOException {
    progress.at(2, 4, "disk");
    add(
        "write until the disk has it",
        MachineFigures.write(file, bytes),
        String.valueOf(file.getParent()));
    boolean dropped = PageCacheBindings.drop(file);
    add(
        "read from the disk",
        MachineFigures.read(file),
        dropped ? "after it left the page cache" : "perhaps from the page cache");
  }

  /**
   * A daemon in this process, and a command that fetches from it, as often as it takes to warm up.
   */
  private void transfer(Path folder, Path file, long bytes, Progress progress) throws Exception {
    progress.at(3, 4, "transfer");
    Config config =
        new Overrides(List.of(), List.of("127.0.0.1:0"), "off", null).apply(Config.defaults());
    Path state = folder.resolve("state");
    NodeOptions options =
        new NodeOptions(state, config, () -> config, main().endpoints(), Main.version());
    Node node = Node.start(options);
    try {
      BlobTicket ticket = seed(new ControlClient(state.resolve(StateFolder.SOCKET)), file);
      double best = 0;
      long begun = System.nanoTime();
      for (int i = 0; MachineFigures.secondsSince(begun) < TRANSFER_SECONDS; i++) {
        double cpu = MachineFigures.cpuSeconds();
        double speed = bytes / fetchSeconds(folder.resolve("got" + i), ticket);
        if (speed > best) {
          best = speed;
          transferCpuSecondsPerGib = (MachineFigures.cpuSeconds() - cpu) * GIB / bytes;
        }
      }
      add(
          "transfer over loopback, both ends here",
          best,
          String.format(
              Locale.ROOT, "%.1f CPU seconds a GiB, both ends", transferCpuSecondsPerGib));
    } finally {
      node.close();
    }
  }

  private static BlobTicket seed(ControlClient client, Path file) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    body.putArray("paths").add(file.toString());
    List<JsonNode> told = new ArrayList<>();
    client.lines("POST", "/add", Map.of(), body, told::add);
    JsonNode last = told.getLast();
    try {
      return BlobTicket.parse(last.path("ticket").asText());
    } catch (MalformedException e) {
      throw new IOException("the file could not be seeded: " + last, e);
    }
  }

  private static double fetchSeconds(Path part, BlobTicket ticket) throws Exception {
    Fetching fetching = Fetching.open(part, List.of(Provider.of(ticket.addr())), List.of());
    try {
      FileFetch files = new FileFetch(fetching::download, fetching.cache(), true, (a, b, c) -> {});
      long begun = System.nanoTime();
      files.blob(ticket.content().hash(), part.resolveSibling(part.getFileName() + ".bin"));
      return MachineFigures.secondsSince(begun);
    } finally {
      fetching.close();
      fetching.discard();
      Files.deleteIfExists(part.resolveSibling(part.getFileName() + ".bin"));
    }
  }

  private void add(String what, double bytesPerSecond, String note) {
    lines.add(new Line(what, bytesPerSecond, note));
  }

  private double speed(String what) {
    return lines.stream()
        .filter(line -> line.what().equals(what))
        .mapToDouble(Line::bytesPerSecond)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private void print() {
    if (json) {
      ObjectNode result = JSON.createObjectNode();
      ArrayNode figures = result.putArray("figures");
      for (Line line : lines) {
        figures
            .addObject()
            .put("what", line.what())
            .put("bytes_per_second", Math.round(line.bytesPerSecond()))
            .put("reference_bytes_per_second", Math.round(reference(line)))
            .put("note", line.note());
      }
      result.put("transfer_cpu_seconds_per_gib", transferCpuSecondsPerGib);
      ArrayNode limits = result.putArray("limits");
      limits().forEach(limits::add);
      printJson(result);
      return;
    }
    out().printf(Locale.ROOT, "%-40s %12s %12s%n", "", "here", "reference");
    for (Line line : lines) {
      out()
          .printf(
              Locale.ROOT,
              "%-40s %7.2f GB/s %7.2f GB/s  %s%n",
              line.what(),
              line.bytesPerSecond() / 1e9,
              reference(line) / 1e9,
              line.note());
    }
    limits().forEach(out()::println);
  }

  private static double reference(Line line) {
    return REFERENCE.getOrDefault(line.what(), 0.0);
  }

  /** What these figures mean, in sentences. */
  private List<String> limits() {
    double hashing = speed("BLAKE3, all threads");
    double reading = speed("read from the disk");
    int cores = Runtime.getRuntime().availableProcessors();
    // Both ends are in the figure; seeding is about half of it.
    double serving = 2 * cores / transferCpuSecondsPerGib * GIB;
    return List.of(
        String.format(
            Locale.ROOT,
            "New files: the %s is the limit, at %.2f GB/s.",
            hashing < reading ? "CPU" : "disk",
            Math.min(hashing, reading) / 1e9),
        String.format(
            Locale.ROOT,
            "Seeding: all %d cores together carry some %.1f Gbit/s; a link of 1 Gbit/s takes %.0f %%"
                + " of them, so that the %s is the limit there.",
            cores,
            serving * 8 / 1e9,
            100 * LINK / (serving * 8),
            serving * 8 > LINK ? "link" : "CPU"));
  }
}
