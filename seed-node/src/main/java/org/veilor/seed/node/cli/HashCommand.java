package org.veilor.seed.node.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ScalarEngine;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.node.seeding.Reasons;
import org.veilor.seed.store.file.FileHash;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hash}: BLAKE3 of files, printed as {@code b3sum} does. */
@Command(
    name = "hash",
    description = "Prints BLAKE3 hashes as b3sum does, or checks them. '-' is standard input.")
final class HashCommand extends BaseCommand {
  /** The ways to compute BLAKE3. */
  enum EngineName {
    AUTO,
    SCALAR,
    VECTOR,
    REFERENCE
  }

  private static final int MAX_THREADS = 256;
  private static final Pattern SUM = Pattern.compile("(\\\\?)([0-9a-fA-F]{64}) [ *](.+)");

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Files to hash.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--check",
      paramLabel = "SUMS",
      description = "Check the hashes that a file of b3sum or of this command holds.")
  private @Nullable Path sums;

  @Option(names = "--threads", paramLabel = "N", description = "Threads; default: one a core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--engine",
      paramLabel = "auto|vector|scalar|reference",
      description = {
        "How to compute. 'auto' is vectors where there is enough to hash, else scalar;",
        "'reference' is an independent implementation, for comparison."
      })
  private EngineName engine = EngineName.AUTO;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new CliException(
          CliException.USAGE, "--threads: " + threads + " is not between 1 and " + MAX_THREADS);
    }
    if (files.isEmpty() == (sums == null)) {
      throw new CliException(
          CliException.USAGE, "'hash' needs either files, or --check with a file of sums");
    }
    try (ExecutorService pool =
            Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
        Progress progress = Progress.bytes("hashing", totalBytes(), err())) {
      FileHash hashing = new FileHash(subtreeEngine(), pool, progress::step);
      return sums == null ? print(hashing, progress) : check(sums, hashing, progress);
    }
  }

  private SubtreeEngine subtreeEngine() throws CliException {
    return switch (engine) {
      case SCALAR, REFERENCE -> ScalarEngine.INSTANCE;
      case VECTOR -> VectorChoice.now();
      case AUTO -> VectorChoice.soon(sums == null ? totalBytes() : Long.MAX_VALUE);
    };
  }

  private long totalBytes() {
    long total = 0;
    for (String file : files) {
      try {
        total += file.equals("-") ? 0 : Files.size(Path.of(file));
      } catch (IOException e) {
        // told when it is its turn; the bar is only a little short
        total += 0;
      }
    }
    return total;
  }

  private int print(FileHash hashing, Progress progress) {
    int exitCode = 0;
    try (JsonListOrNothing list = new JsonListOrNothing()) {
      for (String file : files) {
        try {
          Hash hash = hash(file, hashing, progress);
          if (json) {
            list.add(file, hash);
          } else {
            String name = escape(file);
            out().println((name.equals(file) ? "" : "\\") + hash + "  " + name);
          }
        } catch (IOException e) {
          err().println("veilor-seed: " + file + ": " + Reasons.of(e));
          exitCode = Math.max(exitCode, exitCode(e));
        }
      }
    }
    return exitCode;
  }

  /** A JSON list where JSON is wanted. */
  private final class JsonListOrNothing implements AutoCloseable {
    private final @Nullable JsonList list = json ? new JsonList() : null;

    void add(String file, Hash hash) {
      if (list != null) {
        list.add(JSON.createObjectNode().put("path", file).put("hash", hash.toString()));
      }
    }

    @Override
    public void close() {
      if (list != null) {
        list.close();
      }
    }
  }

  private static int exitCode(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? CliException.NOT_FOUND
        : CliException.FAILED;
  }

  private Hash hash(String file, FileHash hashing, Progress progress) throws IOException {
    boolean isReference = engine == EngineName.REFERENCE;
    if (file.equals("-")) {
      return isReference
          ? FileHash.reference(System.in, progress::step)
          : hashing.stream(System.in);
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) {
      throw new IOException("it is a folder");
    }
    if (!isReference) {
      return hashing.file(path);
    }
    try (InputStream in = Files.newInputStream(path)) {
      return FileHash.reference(in, progress::step);
    }
  }

  private int check(Path list, FileHash hashing, Progress progress) throws IOException {
    int wrong = 0;
    int malformed = 0;
    int unreadable = 0;
    try (BufferedReader reader = Files.newBufferedReader(list)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Matcher matcher = SUM.matcher(line);
        if (!matcher.matches()) {
          malformed += line.isBlank() || line.startsWith("#") ? 0 : 1;
          continue;
        }
        String name = matcher.group(1).isEmpty() ? matcher.group(3) : unescape(matcher.group(3));
        try {
          boolean same =
              hash(name, hashing, progress).toString().equalsIgnoreCase(matcher.group(2));
          out().println(name + (same ? ": OK" : ": FAILED"));
          wrong += same ? 0 : 1;
        } catch (IOException e) {
          out().println(name + ": FAILED (" + Reasons.of(e) + ")");
          unreadable++;
        }
      }
    }
    warn(malformed, "lines are no sums");
    warn(unreadable, "files could not be read");
    warn(wrong, "files have another hash");
    return wrong + malformed + unreadable == 0 ? 0 : CliException.FAILED;
  }

  private void warn(int count, String what) {
    if (count > 0) {
      err().println("veilor-seed: " + count + " " + what);
    }
  }

  /** As b3sum does: a name with a backslash or a line end is escaped, and its line marked. */
  static String escape(String name) {
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  static String unescape(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\' && i + 1 < name.length()) {
        char next = name.charAt(++i);
        out.append(next == 'n' ? '\n' : next == 'r' ? '\r' : next);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
